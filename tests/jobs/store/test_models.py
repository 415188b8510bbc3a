"""What training leaves: kept when the job ends or rests, painted from, trained further, and brought along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from texture.errors import InvalidInput
from texture.images.checksum import checksum
from texture.images.decoding import decode
from texture.images.encoding import read_recipe
from texture.jobs.domain.events import Silence
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.artifacts import GIVEN
from texture.methods.artifacts import MODEL
from texture.methods.common.model_file import Model, read_model, write_model
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.settings import Settings

ME = "me"
Add = Callable[..., Job]
Start = Callable[..., Inline]


@pytest.fixture
def trained(store: Store, add: Add, inline: Start) -> Job:
    """A job that is done and has left a model."""
    job = add(steps=5, train=True)
    inline()
    return store.jobs.get(job.id)


@pytest.fixture
def use(store: Store) -> Callable[..., Job]:
    """Queues a job of a method that is given the model of another one."""

    def use(method: str, model: str, owner: str = ME, **params: Any) -> Job:
        return store.jobs.add(owner, method, find_method(method).parse(params), {"model": model})

    return use


@pytest.fixture
def brought() -> Model:
    """What another installation has trained."""
    exemplar = np.random.default_rng(1).integers(0, 256, (40, 36, 3), np.uint8)
    params = find_method("counting").parse({"train": True}).model_dump(mode="json")
    colour = np.full(3, 0.5, np.float32)
    return Model("counting", params, 7, exemplar, np.full((32, 32, 3), 9, np.uint8), {"colour": colour})


def model_of(store: Store, job: str) -> Model:
    return read_model(store.artifacts.get(job, MODEL.name))


def test_done_leaves_its_model(store: Store, trained: Job) -> None:
    assert trained.files == [MODEL.name]
    assert model_of(store, trained.id).steps == 5
    assert [job.id for job in store.models.list(ME)] == [trained.id]
    assert store.models.list("you") == []


@pytest.mark.parametrize(("move", "state"), [("pause", "paused"), ("cancel", "cancelled")])
def test_rest_leaves_the_model_so_far(store: Store, add: Add, inline: Start, move: str, state: str) -> None:
    job = add(steps=1000, train=True)
    engine = inline(rounds=20)
    assert store.jobs.get(job.id).files == []
    getattr(store.jobs, move)(job.id)
    engine.wake()
    resting = store.jobs.get(job.id)
    assert (resting.state, resting.files) == (state, [MODEL.name])
    assert model_of(store, job.id).steps == resting.number
    assert [job.id for job in store.models.list(ME)] == [job.id]


def test_what_is_put_away_is_on_no_shelf(store: Store, trained: Job, use: Callable[..., Job]) -> None:
    store.trash.put_job(trained.id)
    assert store.models.list(ME) == []
    with pytest.raises(InvalidInput, match=trained.id):
        use("sample", trained.id)


def test_sample_is_painted_from_it(store: Store, trained: Job, use: Callable[..., Job], inline: Start) -> None:
    job = use("sample", trained.id, size="100x60", seed=3)
    inline()
    done = store.jobs.get(job.id)
    assert (done.state, done.exemplar, done.message) == ("done", "noise", None)
    data = store.artifacts.get(job.id, "result.png")
    assert decode(store.artifacts.get(job.id, "result.png")).shape == (60, 100, 3)
    recipe = read_recipe(data)
    assert recipe is not None
    assert recipe["model"] == {"method": "counting", "params": trained.params, "steps": 5}
    assert recipe["exemplar"] == checksum(model_of(store, trained.id).exemplar)
    assert set(recipe["images"]) == {"source", "model"}


def test_walk_leaves_its_animation(store: Store, trained: Job, use: Callable[..., Job], inline: Start) -> None:
    job = use("walk", trained.id, size=32, frames=4)
    inline()
    assert store.jobs.get(job.id).files == ["animation.webp"]
    with store.artifacts.open(job.id, "animation.webp") as file, Image.open(file) as animation:
        assert (animation.n_frames, animation.size) == (4, (32, 32))


def test_training_goes_on_from_it(store: Store, picture: str, trained: Job, inline: Start, plug: Any) -> None:
    given = []

    def further(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        given.append(images)
        yield Step(1, 1, lambda: torch.zeros(3, 32, 32), {}, dict)

    plug("further", further, images=("source", "model"), needs=("source",))
    images = {"source": picture, "model": trained.id}
    job = store.jobs.add(ME, "further", find_method("counting").parse({}), images)
    inline()
    assert store.jobs.get(job.id).state == "done"
    assert given[0].model.steps == 5
    assert given[0].source.shape == (3, 48, 40)


def test_it_goes_on_though_the_model_it_began_with_is_gone(
    settings: Settings, store: Store, picture: str, trained: Job, plug: Any
) -> None:
    def further(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1 + (state or {"number": 0})["number"], 21):
            yield Step(number, 20, lambda: torch.zeros(3, 32, 32), {}, lambda number=number: {"number": number})

    plug("further", further, images=("source", "model"), needs=("source",))
    params = find_method("counting").parse({})
    job = store.jobs.add(ME, "further", params, {"source": picture, "model": trained.id})
    engine = Inline(settings, store, Silence(), rounds=5)
    engine.start()
    store.jobs.pause(job.id)
    engine.wake()
    store.trash.put_job(trained.id)
    store.trash.purge(timedelta())
    store.jobs.resume(job.id)
    Inline(settings, store, Silence()).start()
    assert store.jobs.get(job.id).state == "done"
    assert not store.artifacts.exists(job.id, GIVEN)  # needed no longer


def test_bad_models_are_refused(store: Store, picture: str, add: Add, trained: Job, use: Callable[..., Job]) -> None:
    for owner, model in ((ME, "nothing"), (ME, add().id), (ME, picture), ("you", trained.id), (ME, "../../x")):
        with pytest.raises(InvalidInput, match=r"images\.model") as refused:
            use("sample", model, owner)
        assert refused.value.field == "images.model"


def test_a_method_that_needs_a_model_says_so(store: Store, picture: str) -> None:
    params = find_method("sample").parse({})
    for images, field in (({}, "images.model"), ({"source": picture}, "images.model")):
        with pytest.raises(InvalidInput, match="a trained model is needed") as refused:
            store.jobs.add(ME, "sample", params, images)
        assert refused.value.field == field


def test_a_model_that_is_gone_by_then_fails_in_words(
    store: Store, trained: Job, use: Callable[..., Job], inline: Start
) -> None:
    job = use("sample", trained.id)
    store.trash.put_job(trained.id)
    store.trash.purge(timedelta())
    inline()
    failed = store.jobs.get(job.id)
    assert failed.state == "failed"
    assert failed.message == f"images.model: the model of job {trained.id!r} is gone"


def test_brought_model_is_a_job_that_is_done(
    store: Store, brought: Model, use: Callable[..., Job], inline: Start
) -> None:
    data = write_model(brought)
    job = store.models.add(ME, "my wall.safetensors", data)
    assert (job.state, job.method, job.number, job.total, job.done) == ("done", "counting", 7, 7, 1.0)
    assert (job.exemplar, job.files, job.params) == ("my wall", [MODEL.name], brought.params)
    assert np.array_equal(store.pictures.pixels(job.images["source"]), brought.exemplar)
    assert np.array_equal(decode(store.artifacts.get(job.id, "result.png")), brought.picture)
    assert store.artifacts.get(job.id, MODEL.name) == data
    assert store.artifacts.exists(job.id, "preview.jpg")
    assert store.models.list(ME) == [job]
    sample = use("sample", job.id, size=64)
    inline()
    assert store.jobs.get(sample.id).state == "done"
    assert store.jobs.get(job.id).model_copy(update={"seq": job.seq}) == job  # nobody has run it


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "magic"}, "unknown method"),
        ({"method": "gatys", "params": {}}, "gatys trains no generator"),
        ({"params": {"steps": 0}}, "do not fit this version"),
        ({"params": {"speed": 1}}, "do not fit this version"),
    ],
)
def test_brought_model_of_no_use_is_refused(store: Store, brought: Model, change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        store.models.add(ME, "x", write_model(replace(brought, **change)))
    assert refused.value.field == "file"
    assert store.jobs.list(ME) == []
    assert not store.blobs.sizes("jobs")


def test_what_is_no_model_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="not a model") as refused:
        store.models.add(ME, "x", b"something else")
    assert refused.value.field == "file"


def test_sampling_needs_no_place_and_goes_first(
    settings: Any, store: Store, listener: Any, add: Add, trained: Job, use: Callable[..., Job]
) -> None:
    running, waiting = add(steps=10_000_000), add(steps=10_000_000)
    samples = [use("sample", trained.id, size="800x64", seed=seed) for seed in range(4)]  # two blocks each
    assert [store.jobs.get(job.id).place for job in (*samples, running, waiting)] == [1, 2, 3, 4, 5, 6]
    engine = Inline(settings.model_copy(update={"active": 1}), store, listener, rounds=1)
    engine.start()
    most = 0
    while any(store.jobs.get(job.id).state != "done" for job in samples):
        most = max(most, len([job for job in samples if store.jobs.get(job.id).state == "running"]))
        engine.wake()
    assert most == 2
    assert [store.jobs.get(job.id).state for job in (running, waiting)] == ["running", "queued"]
    engine.stop()
