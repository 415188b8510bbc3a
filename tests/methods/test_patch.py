"""Patch distributions (Elnekave & Weiss 2022): scales, options, exact tiles, resuming. It needs no network."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.images.tensors import resize
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.contract import Step
from texture.methods.patch import PatchParams, plan
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent

CPU = torch.device("cpu")
PATCH = find_method("patch")


def run(exemplar: Tensor, state: Any = None, **params: Any) -> list[Step]:
    return list(PATCH.run(PATCH.parse(params), Inputs(exemplar), CPU, state))


@pytest.fixture
def exemplar() -> Tensor:
    """40×56 of coloured noise with some structure."""
    noise = torch.rand(3, 20, 28, generator=torch.Generator().manual_seed(2))
    return resize(noise, (40, 56)).clamp(0, 1)


@pytest.mark.parametrize(
    ("params", "exemplar_size", "sizes", "exemplars", "steps"),
    [
        ({}, (256, 256), [32, 64, 128, 256], [32, 64, 128, 256], [400, 400, 300, 250]),
        (
            {"size": "512"},
            (300, 400),
            [32, 64, 128, 256, 512],
            ["19x25", "38x50", "75x100", "150x200", "300x400"],
            None,
        ),
        ({"coarsest": 128, "steps": 7}, (256, 256), [128, 256], [128, 256], [7, 7]),
        ({"size": "640x384"}, (384, 384), ["80x48", "160x96", "320x192", "640x384"], None, None),
        ({"size": "1024"}, (64, 64), [256, 512, 1024], [16, 32, 64], [400, 400, 300]),
        ({"patch": 15}, (64, 64), [128, 256], [32, 64], None),
        ({"exemplar_size": 128}, (256, 256), [32, 64, 128, 256], [16, 32, 64, 128], None),
        ({"size": "2048"}, (2048, 2048), [32, 64, 128, 256, 512, 1024, 2048], None, [400, 400, 300] + [250] * 4),
    ],
)
def test_scales_halve_down_to_where_patches_would_be_all_there_is(
    params: dict[str, Any], exemplar_size: tuple[int, int], sizes: list[Any], exemplars: Any, steps: Any
) -> None:
    p = PATCH.parse(params)
    assert isinstance(p, PatchParams)
    scales = plan(p, {"source": Extent(*exemplar_size)})
    assert [str(scale.size) for scale in scales] == list(map(str, sizes))
    if exemplars:
        assert [str(scale.exemplar) for scale in scales] == list(map(str, exemplars))
    if steps:
        assert [scale.steps for scale in scales] == steps


def test_an_exemplar_of_hardly_a_patch_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the source texture is 13x400 pixels: at least 14 each way"):
        plan(PatchParams(), {"source": Extent(13, 400)})


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("steps", "0", "0 is not between 1 and 10000"),
        ("coarsest", 16, "must be between 32 and "),
        ("patch", 2, "must be between 3 and "),
        ("projections", 0, "must be between 1 and "),
        ("patches", 100, "must be between 1024 and "),
        ("learning_rate", 0, "above 0 and at most "),
        ("noise", float("nan"), "a number between"),
        ("colours", "lab", "principal, rgb, not "),
        ("start", "exemplar", "shuffled, picture, not "),
        ("network", "vgg19", "not known to patch; known: "),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        PATCH.parse({field: value})


def test_the_loss_falls_and_the_steps_are_counted_over_all_scales(exemplar: Tensor) -> None:
    steps = run(exemplar, size=64, steps="30 20")
    assert [step.number for step in steps] == list(range(1, 51))
    assert {step.total for step in steps} == {50}
    assert [step.image.shape[1] for step in steps] == [32] * 30 + [64] * 20
    assert steps[29].losses["patches"] < 0.8 * steps[0].losses["patches"]
    assert steps[-1].losses["patches"] < 0.8 * steps[30].losses["patches"]
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)


@pytest.mark.parametrize("preset", [name for name in PatchParams.PRESETS if name != "from-match"])  # is close already
def test_every_preset_comes_closer(exemplar: Tensor, preset: str) -> None:
    p = PATCH.parse({"size": "48x32", "steps": 15}, preset)
    steps = list(PATCH.run(p, Inputs(exemplar), CPU))
    assert steps[-1].losses["patches"] < 0.8 * steps[0].losses["patches"]


@pytest.mark.parametrize(
    "option",
    [
        {"coarsest": 64},
        {"patch": 5},
        {"projections": 8},
        {"patches": 1 << 22},
        {"learning_rate": 0.05},
        {"colours": "rgb"},
        {"start": "shuffled"},
        {"noise": 0},
        {"exemplar_size": 32},
        {"tile": "none"},
    ],
    ids=str,
)
def test_every_option_has_an_effect(exemplar: Tensor, option: dict[str, Any]) -> None:
    whole = {"size": 64, "steps": 3, "patches": 1024}
    with_it, without = run(exemplar, **whole | option)[-1].image, run(exemplar, **whole)[-1].image
    assert (with_it - without).abs().max() > 1e-3


def test_a_seed_is_a_picture(exemplar: Tensor) -> None:
    one, same, other = (run(exemplar, size=32, steps=3, seed=seed)[-1].image for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_shuffled_pixels_have_the_exemplars_colours_from_the_start(exemplar: Tensor) -> None:
    few = exemplar.round()
    image = run(few, size=32, steps=1, start="shuffled", learning_rate=1e-9, tile="none")[0].image
    colours = {tuple(colour) for colour in few.flatten(1).T.tolist()}
    assert {tuple(colour) for colour in image.round().flatten(1).T.tolist()} <= colours


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
def test_the_work_does_not_see_where_a_torus_was_cut(exemplar: Tensor, tile: str) -> None:
    """From a rolled picture the same steps lead to the rolled result, exactly along the axes that tile."""
    first, second = itertools.islice(from_picture(exemplar, tile, 0), 2), from_picture(exemplar, tile, 16)
    moved = [(a.image.roll((16, 16), (1, 2)) - b.image).abs().max() for a, b in zip(first, second, strict=False)]
    assert (moved[-1] < 1e-3) == (tile == "both")


def from_picture(exemplar: Tensor, tile: str, shift: int) -> Any:
    p = PATCH.parse({"size": 48, "steps": 4, "coarsest": 48, "tile": tile, "patches": 1024})
    state = next(PATCH.run(p, Inputs(exemplar), CPU)).state()
    adam = state["search"]["adam"]
    for name in ("x", "gradient", "mean", "square"):
        adam[name] = adam[name].roll((shift, shift), (1, 2))
    return PATCH.run(p, Inputs(exemplar), CPU, state)


@pytest.mark.parametrize("stop", [2, 4, 5, 7])
def test_goes_on_bit_for_bit_within_a_scale_and_between_two(exemplar: Tensor, stop: int, tmp_path: Path) -> None:
    params = {"size": 64, "steps": "4 4"}
    stopped = list(itertools.islice(PATCH.run(PATCH.parse(params), Inputs(exemplar), CPU), stop))[-1]
    Checkpoint(FolderBlobs(tmp_path), "state").save(stopped.state())
    resumed, whole = run(exemplar, Checkpoint(FolderBlobs(tmp_path), "state").load(), **params), run(exemplar, **params)
    assert [step.number for step in resumed] == list(range(stop + 1, 9))
    assert torch.equal(resumed[-1].image, whole[-1].image)


@pytest.mark.parametrize("other", [{"size": 96}, {"coarsest": 64}, {"steps": "4 5"}, {"steps": "8", "coarsest": 64}])
def test_a_state_of_another_plan_or_of_another_method_is_refused(exemplar: Tensor, other: dict[str, Any]) -> None:
    params = {"size": 64, "steps": "4 4"}
    for state in (run(exemplar, **params)[5].state(), {"number": 3}):
        with pytest.raises(ValueError, match="state: of another method, or of other parameters"):
            run(exemplar, state, **params | other)


def test_a_flat_exemplar_gives_a_flat_picture() -> None:
    steps = run(torch.full((3, 32, 32), 0.5), size=32, steps=20)
    assert (steps[-1].image - 0.5).abs().max() < 0.01


def test_a_grey_exemplar_gives_a_grey_picture(exemplar: Tensor) -> None:
    grey = exemplar.mean(0, keepdim=True).expand(3, -1, -1)
    image = run(grey, size=32, steps=30)[-1].image
    assert (image - image.mean(0)).abs().mean() < 0.15 * image.std()
