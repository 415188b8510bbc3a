"""What a method has to say, and what is kept of it when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.drawn import wall
from tests.jobs.listening import Recorder
from texture.errors import SetupProblem
from texture.images.decoding import decode
from texture.jobs.domain.events import Changed
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store import Store
from texture.jobs.store.artifacts import Artifacts, checkpoint_key
from texture.methods.artifacts import MODEL, PICTURE, PREVIEW, Artifact
from texture.methods.contract import ExemplarParams, Step

Add = Callable[..., Job]
Start = Callable[..., Inline]
Plug = Callable[..., None]
WENT_BACK = "went back to the weights of step 10, with half the rate"


@pytest.fixture
def training(plug: Plug) -> None:
    """A method that leaves files, and says once, at step 12, that it went back."""

    def training(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1 + (state["number"] if state else 0), p.steps + 1):
            image, keep = torch.full((3, 32, 32), number / p.steps), {"number": number}
            note = WENT_BACK if number == 12 else None
            left = {MODEL: lambda number=number: b"model of %d" % number}
            draw, state_of = (lambda image=image: image), (lambda keep=keep: keep)
            yield Step(number, p.steps, draw, {}, state_of, note=note, artifacts=left)

    plug("training", training)


def model(store: Store, job: Job) -> bytes:
    return store.artifacts.get(job.id, "model.safetensors")


@pytest.mark.usefixtures("training")
def test_a_note_is_the_rows_message_from_then_on(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    job = add("training", steps=60)
    engine = inline(rounds=5)
    assert store.jobs.get(job.id).message is None
    engine.wake()
    engine.wake()
    store.jobs.pause(job.id)
    engine.wake()
    assert store.jobs.get(job.id).message == WENT_BACK
    store.jobs.resume(job.id)
    for _ in range(15):
        engine.wake()
    done = store.jobs.get(job.id)
    assert (done.state, done.message) == ("done", WENT_BACK)
    assert listener.of(Changed, job.id)[-1].row.message == WENT_BACK


@pytest.mark.usefixtures("training")
def test_a_note_reaches_the_row_while_it_runs(store: Store, add: Add, inline: Start) -> None:
    job = add("training", steps=10_000_000)
    engine = inline(rounds=200)
    for _ in range(200):
        engine.wake()
        if store.jobs.get(job.id).message:
            break
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).message) == ("running", WENT_BACK)


@pytest.mark.usefixtures("training")
def test_files_are_those_of_the_last_step(store: Store, add: Add, inline: Start) -> None:
    job = add("training", steps=100)
    engine = inline(rounds=20)
    store.jobs.pause(job.id)
    engine.wake()
    paused = store.jobs.get(job.id)
    assert model(store, job) == b"model of %d" % paused.number
    store.jobs.resume(job.id)
    for _ in range(10):
        engine.wake()
    assert model(store, job) == b"model of 100"
    assert store.jobs.get(job.id).files == ["model.safetensors"]


@pytest.mark.usefixtures("training")
def test_paused_at_the_very_last_step_it_ends_when_resumed(
    store: Store, add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add("training", steps=30)
    real = Inline.wake
    from texture.jobs.scheduling.queue import JobQueue

    end = JobQueue.end
    monkeypatch.setattr(JobQueue, "end", lambda *given: store.jobs.pause(job.id) and end(*given))
    engine = inline()
    real(engine)
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).number) == ("paused", 30)
    monkeypatch.setattr(JobQueue, "end", end)
    store.jobs.resume(job.id)
    engine.wake()
    assert store.jobs.get(job.id).state == "done"
    assert model(store, job) == b"model of 30"
    assert store.artifacts.exists(job.id, "result.png")


def no_room_for(file: str, patch: pytest.MonkeyPatch) -> None:
    """The disk is full whenever a file of that name is to be written."""
    put = Artifacts.put

    def full(self: Artifacts, job: str, name: str, data: bytes) -> None:
        if name == file:
            raise SetupProblem(f"{name} cannot be written: no space left on the disk")
        put(self, job, name, data)

    patch.setattr(Artifacts, "put", full)


@pytest.mark.usefixtures("training")
@pytest.mark.parametrize("file", [PREVIEW.name, PICTURE.name, MODEL.name])
def test_a_disk_that_is_full_costs_no_checkpoint(
    store: Store, add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """Whatever else of a job that is paused finds no room, it goes on from where it was."""
    job = add("training", steps=100)
    engine = inline(rounds=20)
    with monkeypatch.context() as patch:
        no_room_for(file, patch)
        store.jobs.pause(job.id)
        engine.wake()
    paused = store.jobs.get(job.id)
    assert paused.state == "paused"
    assert paused.message is not None
    assert "no space left" in paused.message
    assert Checkpoint(store.blobs, checkpoint_key(job.id)).load()["number"] == paused.number
    store.jobs.resume(job.id)
    for _ in range(10):
        engine.wake()
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).message) == ("done", WENT_BACK)


@pytest.mark.usefixtures("training")
def test_a_disk_that_is_full_at_the_end_leaves_it_to_be_tried_again(
    store: Store, add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add("training", steps=100)
    engine = inline(rounds=20)
    store.jobs.pause(job.id)
    engine.wake()
    number = store.jobs.get(job.id).number
    store.jobs.resume(job.id)
    with monkeypatch.context() as patch:
        no_room_for(MODEL.name, patch)
        for _ in range(10):
            engine.wake()
    failed = store.jobs.get(job.id)
    assert (failed.state, failed.message) == (
        "failed",
        "model.safetensors cannot be written: no space left on the disk",
    )
    assert store.jobs.retry(job.id).number >= number
    for _ in range(10):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"
    assert model(store, job) == b"model of 100"


def test_a_disk_that_cannot_be_read_costs_no_checkpoint(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    """A method that cannot read its weights, say, when it is taken up again."""
    broken = [False]

    def reading(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        if broken[0]:
            raise OSError(5, "Input/output error", "weights")
        for number in range(1 + (state["number"] if state else 0), 101):
            keep = {"number": number}
            yield Step(number, 100, lambda: torch.zeros(3, 32, 32), {}, lambda keep=keep: keep)

    plug("reading", reading)
    job = add("reading")
    engine = inline(rounds=20)
    store.jobs.pause(job.id)
    engine.wake()
    broken[0] = True
    store.jobs.resume(job.id)
    engine.wake()
    assert store.jobs.get(job.id).state == "failed"
    broken[0] = False
    assert store.jobs.retry(job.id).number > 0


def test_files_have_plain_names(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    def cunning(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        left = {Artifact("../../escaped.png", "image/png", "Escaped", "none"): lambda: torch.zeros(3, 32, 32)}
        yield Step(1, 1, lambda: torch.zeros(3, 32, 32), {}, dict, artifacts=left)

    plug("cunning", cunning)
    job = add("cunning")
    inline()
    assert store.jobs.get(job.id).state == "failed"
    assert not list(store.files.data.rglob("escaped"))


def test_a_picture_that_cannot_be_drawn_any_more_can_still_be_cancelled(
    store: Store, add: Add, inline: Start, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And costs no other job: the error stays with the one that it belongs to."""
    for often in (
        "run.ITERATIONS_EVERY",
        "measuring.OFTEN",
    ):  # on a busy machine the last picture might be drawn by then
        monkeypatch.setattr(f"texture.jobs.running.{often}", 1000.0)
    broken = [False]

    def draw() -> torch.Tensor:
        if broken[0]:
            raise RuntimeError("out of memory")
        return torch.zeros(3, 32, 32)

    def heavy(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1, 10_001):
            yield Step(number, 10_000, draw, {}, dict)

    plug("heavy", heavy)
    job, other = add("heavy"), add(steps=10_000_000)
    engine = inline(rounds=6)
    broken[0] = True
    store.jobs.cancel(job.id)
    engine.wake()
    cancelled = store.jobs.get(job.id)
    assert cancelled.state == "cancelled"
    assert cancelled.message is not None
    assert cancelled.message.startswith("the latest state could not be saved: the device ran out of memory")
    assert store.jobs.get(other.id).state == "running"


def test_maps_lie_beside_the_preview_from_the_first_one_on(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=10_000_000, origins=True)
    engine = inline(rounds=1)

    def drawn() -> NDArray[np.uint8]:
        return decode(store.artifacts.get(job.id, "origins.png"))

    first = drawn()
    assert first.shape == (64, 64, 3)
    for _ in range(100):
        engine.wake()
    assert np.array_equal(drawn(), first)  # drawn with a preview, and not with each step
    store.jobs.pause(job.id)
    engine.wake()
    assert store.jobs.get(job.id).files == ["origins.png"]
    assert drawn().mean() < first.mean()  # it has come nearer to its goal
    store.trash.put_job(job.id)
    store.trash.purge(timedelta())
    assert not store.artifacts.exists(job.id, "origins.png")


def test_the_row_says_that_there_is_a_map_while_it_runs(
    store: Store, listener: Recorder, add: Add, inline: Start
) -> None:
    job = add(steps=10_000_000, origins=True)
    engine = inline(rounds=200)
    for _ in range(200):
        engine.wake()
        if listener.of(Changed, job.id)[-1].row.files:
            break
    told = listener.of(Changed, job.id)[-1].row
    assert (told.state, told.files) == ("running", ["origins.png"])


def test_a_regular_exemplar_lies_there_as_it_was_fitted(store: Store, inline: Start, plug: Plug) -> None:
    """It repeats every 20 pixels, and so 4.8 times in 96: it is stretched to 5 times."""
    sizes = []

    def looking(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        sizes.append(tuple(images.source.shape[1:]))
        yield Step(1, 1, lambda: torch.zeros(3, 96, 96), {}, lambda: {})

    plug("looking", looking, params=ExemplarParams, images=("source", "content"))
    picture = store.pictures.add("me", "wall", wall(96, 20)).id

    def files(content: bool = False, **params: Any) -> list[str]:
        images = {"source": picture, **({"content": picture} if content else {})}
        made = store.jobs.add("me", "looking", ExemplarParams(size="96", **params), images)
        inline()
        assert store.jobs.get(made.id).state == "done"
        return list(store.jobs.get(made.id).files)

    assert files() == ["exemplar.png"]
    fitted = decode(store.artifacts.get(store.jobs.list("me")[0].id, "exemplar.png"))
    assert fitted.shape[:2] == sizes[0] != (96, 96)
    assert files(regular="off") == files(tile="none") == files(content=True) == []
    assert sizes[1:] == 3 * [(96, 96)]


def test_what_a_method_does_not_say_that_it_produces_is_a_bug_of_the_method(
    store: Store, add: Add, inline: Start, plug: Plug
) -> None:
    def confused(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        image = torch.zeros(3, 32, 32)
        left = {Artifact("result.png", "image/png", "Another picture", "none"): lambda: image}
        yield Step(1, 1, lambda: image, {}, lambda: {}, artifacts=left)

    plug("confused", confused)
    job = add("confused")
    inline()
    assert "confused does not declare that it produces result.png" in (store.jobs.get(job.id).message or "")
