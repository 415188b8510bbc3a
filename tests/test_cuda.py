"""What the processor computes, CUDA computes too. Skipped where there is none; on a machine that has one:

python -m pytest --noconftest tests/test_cuda.py
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from texture import sample, stylise, synthesize
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_tensor
from texture.jobs.domain.events import Silence
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.methods.artifacts import MODEL
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.metrics import ExemplarMetrics, seam
from texture.settings import Settings

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA on this machine")

SMALL = {"size": 64, "precision": "float32", "seed": 3}
TRAINED: dict[str, Any] = SMALL | {"steps": 12, "batch": 2}
TEXNET: dict[str, Any] = TRAINED | {"scales": 3, "side": 64, "max_channels": 8, "views": 1}
RUNS: dict[str, dict[str, Any]] = {
    "gatys": SMALL | {"start": "noise", "steps": 16},
    "gatys, Adam, histogram": SMALL | {"start": "noise", "steps": 16, "optimiser": "adam", "match_histogram": True},
    "gatys, Wasserstein": SMALL | {"start": "noise", "steps": 16, "statistics": "wasserstein"},
    "style": SMALL | {"steps": 16, "content": "sample:cat", "keep_colours": True},
    "cnnmrf": SMALL | {"steps": 16, "patch_rotations": "0 90", "exemplar_size": 64},
    "cnnmrf, guided": SMALL | {"steps": 16, "content": "sample:cat", "variety": 0},
    "guided": SMALL | {"steps": 16},
    "match": {"size": 64, "rounds": 4, "seed": 3},
    "match, copies": {"size": 64, "rounds": 4, "seed": 3, "patch_rotations": "0 90", "tile": "x"},
    "patch": {"size": 64, "steps": 16, "seed": 3},
    "sgan": TRAINED | {"depth": 3, "base_channels": 8, "crop": 32},
    "texnet": TEXNET,
    "texnet, stylise": SMALL | {"task": "stylise", "steps": 12, "batch": 1, "side": 64, "blocks": 1, "views": 1},
}
runs = pytest.mark.parametrize("run", RUNS)


def steps(run: str, device: str = "cuda", state: Any = None, **params: Any) -> Iterator[Step]:
    return synthesize(run.partition(",")[0], "sample:clay", device=device, state=state, **RUNS[run] | params)


def last(run: str, device: str = "cuda", state: Any = None, **params: Any) -> Step:
    *_, step = steps(run, device, state, **params)
    return step


def kept(state: Any) -> Any:
    """As a checkpoint keeps it, which lies on no device."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return torch.load(buffer, map_location="cpu", weights_only=True)


def losses(step: Step) -> dict[str, float]:
    return {name: float(value) for name, value in step.losses.items()}


def apart(a: torch.Tensor, b: torch.Tensor) -> float:
    """Root of the mean square of the difference, grey levels."""
    return 255 * float((a.detach().cpu().float() - b.detach().cpu().float()).square().mean().sqrt())


@pytest.mark.parametrize("run", [run for run in RUNS if RUNS[run].get("batch") is None])
def test_the_first_steps_are_those_of_the_processor(run: str) -> None:
    ours, theirs = next(steps(run)), next(steps(run, "cpu"))
    assert losses(ours) == pytest.approx(losses(theirs), rel=0.02)
    assert apart(ours.image, theirs.image) < 2


@pytest.mark.parametrize("run", [run for run in RUNS if RUNS[run].get("batch")])
def test_what_is_trained_is_so_on_both(run: str) -> None:
    """Noise is drawn where it is needed, so the numbers differ; what is learnt in a few steps is alike."""
    ours, theirs = losses(last(run)), losses(last(run, "cpu"))
    assert ours == pytest.approx(theirs, rel=0.3)


def test_an_evaluation_that_is_recorded_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = last("gatys")
    monkeypatch.setattr("texture.optimisers.recorded.FEWEST", 1)
    assert apart(last("gatys").image, plain.image) < 2
    assert "CUDA graph" not in caplog.text


@runs
def test_a_run_goes_on_where_it_was(run: str) -> None:
    """Some sums on a GPU are taken in any order: alike, and not the same to the last bit."""
    straight = last(run)
    interrupted = steps(run)
    for _ in range(8):
        state = kept(next(interrupted).state())
    resumed = list(steps(run, state=state))
    assert [step.number for step in resumed][:1] == [9]
    assert apart(resumed[-1].image, straight.image) < 4


@runs
def test_a_checkpoint_of_the_gpu_is_taken_up_by_the_processor_and_the_other_way(run: str) -> None:
    for here, there in (("cuda", "cpu"), ("cpu", "cuda")):
        begun = steps(run, here)
        state = kept([next(begun) for _ in range(4)][-1].state())
        step = next(steps(run, there, state))
        assert step.number == 5
        assert torch.isfinite(step.image).all()


@pytest.mark.parametrize("method", ["gatys", "cnnmrf", "patch"])
def test_a_tile_with_the_default_settings_is_seamless(method: str) -> None:
    *_, step = synthesize(method, "sample:clay", device="cuda")
    assert seam(step.image).ratio < 1.5  # one beside which nothing is to be seen; of a picture that ends it is above 3


@pytest.mark.parametrize("method", ["gatys", "style"])
def test_half_precision_comes_to_the_same_picture(method: str) -> None:
    given = {"content": "sample:cat"} if method == "style" else {"start": "noise"}
    auto, exact = (
        [*synthesize(method, "sample:clay", device="cuda", size=128, steps=30, precision=precision, **given)][-1]
        for precision in ("auto", "float32")
    )
    assert losses(auto) == pytest.approx(losses(exact), rel=0.15)


@pytest.mark.parametrize("run", ["sgan", "texnet"])
def test_a_model_of_the_gpu_is_painted_with_on_the_processor(run: str) -> None:
    model = last(run).artifacts[MODEL]()
    ours, theirs = (sample(model, size="300x200", device=device) for device in ("cuda", "cpu"))
    assert np.abs(ours.astype(int) - theirs).mean() < 1


def test_a_repainting_model_of_the_gpu_works_on_the_processor() -> None:
    model = last("texnet, stylise").artifacts[MODEL]()
    ours, theirs = (stylise(model, "sample:coffee", size=200, device=device) for device in ("cuda", "cpu"))
    assert np.abs(ours.astype(int) - theirs).mean() < 1


def test_metrics_take_a_picture_from_the_gpu() -> None:
    exemplar, other = (resize(to_tensor(find_sample(name).pixels()), (96, 96)) for name in ("clay", "pebbles"))
    exemplar_metrics = ExemplarMetrics(exemplar)
    assert exemplar_metrics(other.cuda()) == exemplar_metrics(other)


@pytest.mark.parametrize("method", ["gatys", "patch", "sgan"])
def test_a_job_tells_how_much_of_the_gpus_memory_it_took(method: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, device="cuda")
    store = Store(settings)
    job = store.jobs.add("me", method, find_method(method).parse(RUNS[method]), {"source": "sample:clay"})
    Inline(settings, store, Silence()).start()
    done = store.jobs.get(job.id)
    assert (done.state, done.number) == ("done", done.total)
    assert done.memory is not None
    assert 1e6 < done.memory < 4e9
    assert store.artifacts.exists(job.id, "result.png")
    store.close()
