"""A process that is killed in the midst of a job, and one that is asked to end: the next one goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from texture.images.encoding import read_recipe
from texture.jobs.domain.events import Silence
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.iterations import spread
from texture.methods.artifacts import MODEL
from texture.methods.common.model_file import read_model
from texture.methods.registry import find_method
from texture.settings import Settings
from texture.web.api.wholeness import is_whole

pytestmark = pytest.mark.folder

ROOT = Path(__file__).parents[2]
Add = Callable[..., Job]


class Child:
    """A child process with an engine; `steps` are those it has told of, with the time."""

    def __init__(self, data: Path, every: float | None) -> None:
        command = [sys.executable, "-m", "tests.jobs.child", str(data), *([str(every)] if every else [])]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.steps: list[tuple[float, int]] = []

    def read_until(self, enough: Callable[[str, int], bool]) -> None:
        """Follow what it says, until enough(state or "step", number)."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            kind, value = line.split()
            if kind == "step":
                self.steps.append((time.monotonic(), int(value)))
            if enough(kind if kind == "step" else value, self.steps[-1][1] if self.steps else 0):
                return
        raise AssertionError("the child ended before its time")

    def end(self, how: signal.Signals) -> float:
        """Seconds until it was gone."""
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(60)
        return time.monotonic() - began


@pytest.fixture
def child(settings: Settings) -> Iterator[Callable[..., Child]]:
    children = []

    def start(every: float | None = None) -> Child:
        children.append(Child(settings.data, every))
        return children[-1]

    yield start
    for child in children:
        child.process.kill()
        child.process.wait()
        assert child.process.stdout is not None
        child.process.stdout.close()


def uninterrupted(store: Store, job: Job, picture: str, settings: Settings, tmp_path: Path) -> bytes:
    """The result of the same job in a folder of its own."""
    other = settings.model_copy(update={"data": tmp_path / "other"})
    twin_store = Store(other)
    source = twin_store.pictures.add("me", "twin", store.pictures.pixels(picture)).id
    twin = twin_store.jobs.add("me", job.method, find_method(job.method).parse(job.params), {"source": source})
    Inline(other, twin_store, Silence()).start()
    return twin_store.artifacts.get(twin.id, "result.png")


@pytest.mark.usefixtures("one_thread")
def test_killed_again_and_again_it_comes_out_the_same(
    settings: Settings, store: Store, picture: str, add: Add, child: Callable[..., Child], tmp_path: Path
) -> None:
    job = add(steps=1000, size="256", seed=11)
    expected = uninterrupted(store, job, picture, settings, tmp_path)
    reached = 0
    for _ in range(2):
        victim = child(every=0.01)
        victim.read_until(lambda kind, number, goal=reached + 150: number >= goal)
        assert victim.end(signal.SIGKILL) < 5
        assert store.jobs.get(job.id).state == "running"
        assert victim.steps[0][1] > reached / 2  # it did not start from the beginning
        reached = victim.steps[-1][1]
    child(every=0.01).read_until(lambda kind, number: kind == "done")
    assert store.jobs.get(job.id).number == 1000
    result = store.artifacts.get(job.id, "result.png")
    assert result == expected
    assert read_recipe(result) == read_recipe(expected)
    kept = store.iterations.numbers(job.id)
    assert kept == spread(kept)
    for number in kept:
        with store.iterations.open(job.id, number) as file:
            assert is_whole(file, f"{number}.jpg")


TINY_SGAN = {"size": "64", "depth": 2, "base_channels": 4, "noise_channels": 3, "crop": 16, "batch": 4}
TINY_SGAN |= {"discriminator_channels": 4, "precision": "float32", "steps": 200}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(
    ("method", "params"),
    [("counting", {"size": "256", "steps": 1000, "train": True}), ("sgan", TINY_SGAN)],
    ids=["counting", "sgan"],
)
def test_a_training_that_is_killed_leaves_the_same_model(
    settings: Settings,
    store: Store,
    picture: str,
    add: Add,
    child: Callable[..., Child],
    tmp_path: Path,
    method: str,
    params: dict[str, Any],
) -> None:
    job = add(method, seed=11, **params)
    straight = settings.model_copy(update={"data": tmp_path / "straight"})
    twin_store = Store(straight)
    source = twin_store.pictures.add("me", "twin", store.pictures.pixels(picture)).id
    twin = twin_store.jobs.add("me", method, find_method(method).parse(job.params), {"source": source})
    Inline(straight, twin_store, Silence()).start()
    victim = child(every=0.01)
    victim.read_until(lambda kind, number: number >= 100)
    victim.end(signal.SIGKILL)
    assert not store.artifacts.exists(job.id, MODEL.name)
    heir = child(every=0.01)
    heir.read_until(lambda kind, number: kind == "done")
    assert heir.steps[0][1] > 1  # it did not start from the beginning
    assert store.jobs.get(job.id).files == [MODEL.name]
    model, expected = (
        read_model(kept.artifacts.get(id, MODEL.name)) for kept, id in ((store, job.id), (twin_store, twin.id))
    )
    assert model.steps == expected.steps == params["steps"]
    assert np.array_equal(model.picture, expected.picture)
    assert set(model.tensors) == set(expected.tensors)
    for name, values in model.tensors.items():
        assert np.array_equal(values, expected.tensors[name]), name


TINY = {"size": "64", "precision": "float32", "seed": 3}
KILLED = {  # method -> pictures besides the exemplar, parameters
    "gatys": ({}, TINY | {"layers": "relu1_1 pool1", "steps": 40}),
    "match": ({}, {"size": "64", "seed": 3, "rounds": 60}),
    "seamless": ({}, {"seed": 3, "rounds": "40 2"}),
    "patch": ({}, {"size": "64", "seed": 3, "steps": 60}),
    "style": (
        {"content": "sample:cat"},
        TINY | {"style_layers": "relu1_1 relu2_1", "content_layers": "relu2_2", "steps": 40},
    ),
    "cnnmrf": ({}, TINY | {"layers": "relu2_1", "detail_layers": "relu1_1", "steps": 40}),
    "guided": ({}, TINY | {"layers": "relu1_1 relu2_1", "steps": 40}),
    "texnet": (
        {},
        TINY | {"layers": "relu1_1 relu2_1", "views": 1, "scales": 3, "side": 32, "batch": 1, "widest": 8, "steps": 40},
    ),
}


@pytest.mark.weights
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("method", KILLED)
def test_a_job_of_any_method_that_is_killed_leaves_the_same_picture(
    vgg19: Settings, tmp_path: Path, child: Callable[..., Child], settings: Settings, method: str
) -> None:
    roles, params = KILLED[method]
    images, parsed = {"source": "sample:clay", **roles}, find_method(method).parse(params)
    apart = vgg19.model_copy(update={"data": tmp_path / "straight", "device": "cpu"})
    straight = Store(apart)
    twin = straight.jobs.add("me", method, parsed, images)
    Inline(apart, straight, Silence()).start()
    store = Store(settings)
    job = store.jobs.add("me", method, parsed, images)
    victim = child(every=0.01)
    victim.read_until(lambda kind, number: number >= 20)
    victim.end(signal.SIGKILL)
    heir = child(every=0.01)
    heir.read_until(lambda kind, number: kind == "done")
    assert 1 < heir.steps[0][1] <= victim.steps[-1][1] + 1
    assert store.artifacts.get(job.id, "result.png") == straight.artifacts.get(twin.id, "result.png")
    store.close()
    straight.close()


def test_checkpoint_is_at_most_ten_seconds_old(store: Store, add: Add, child: Callable[..., Child]) -> None:
    job = add(steps=10_000_000, work=5)
    victim, began = child(), time.monotonic()
    victim.read_until(lambda kind, number: bool(victim.steps) and time.monotonic() - victim.steps[0][0] > 13)
    killed = time.monotonic()
    victim.end(signal.SIGKILL)
    heir = child()
    heir.read_until(lambda kind, number: kind == "step")
    went_on_from = heir.steps[0][1] - 1
    reached = [when for when, number in victim.steps if number >= went_on_from]
    assert went_on_from > 0
    assert killed - min(reached) <= 10
    assert store.jobs.get(job.id).state == "running"
    assert began < killed


def test_asked_to_end_it_keeps_all(store: Store, add: Add, child: Callable[..., Child]) -> None:
    job = add(steps=10_000_000, work=1)
    first = child()
    first.read_until(lambda kind, number: number >= 10)
    assert first.end(signal.SIGTERM) < 5
    assert first.process.returncode == 0
    stopped = store.jobs.get(job.id)
    assert (stopped.state, stopped.crashes, stopped.message) == ("queued", 0, None)
    second = child()
    second.read_until(lambda kind, number: kind == "step")
    assert second.steps[0][1] == stopped.number + 1
