"""From queued to done, and all the ways in which it may not come to that. Jobs run in the test's own thread."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.jobs.listening import Recorder
from texture.errors import Diverged
from texture.features.weights import weights_file
from texture.images.decoding import decode
from texture.images.encoding import read_recipe
from texture.jobs.domain.events import Changed, Deleted, Framed, Stepped
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running.publisher import Publisher
from texture.jobs.store import Store
from texture.jobs.store.artifacts import checkpoint_key
from texture.methods.contract import Outline, Step
from texture.methods.counting import CountingParams
from texture.metrics import METRICS
from texture.settings import Settings

Add = Callable[..., Job]
Start = Callable[..., Inline]
Plug = Callable[..., None]


def steps_of(number: int, total: int, image: torch.Tensor | None = None, **state: Any) -> Step:
    image = torch.full((3, 32, 32), number / total) if image is None else image
    return Step(number, total, lambda: image, {"loss": torch.tensor(1.0)}, lambda: {"number": number, **state})


def test_runs_to_the_end(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=20, seed=5)
    inline()
    done = store.jobs.get(job.id)
    assert (done.state, done.number, done.total, done.message, done.eta, done.place) == (
        "done",
        20,
        20,
        None,
        None,
        None,
    )
    assert done.seconds > 0
    assert done.started is not None
    assert done.ended is not None
    assert done.started <= done.ended
    assert set(done.losses) == {"distance"}
    assert done.metrics["seam"] > 0
    assert listener.states(job.id) == ["queued", "running", "done"]
    assert not store.artifacts.has_checkpoint(job.id)


def test_result_carries_its_recipe(store: Store, picture: str, add: Add, inline: Start) -> None:
    job = add(steps=3, seed=5, size="48x32")
    inline()
    data = store.artifacts.get(job.id, "result.png")
    recipe = read_recipe(data)
    assert recipe is not None
    assert recipe["method"] == "counting"
    assert recipe["params"] == job.params
    assert recipe["seed"] == 5
    assert recipe["version"]
    assert recipe["exemplar"] == store.pictures.get(picture).checksum
    assert decode(store.artifacts.get(job.id, "result.png")).shape == (32, 48, 3)
    with store.artifacts.open(job.id, "preview.jpg") as file, Image.open(file) as preview:
        assert (preview.format, preview.size) == ("JPEG", (48, 32))


def test_numbers_of_events_grow(listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=20)
    inline()
    numbers = [event.seq for _, event in listener.events if event.job == job.id]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 5


def test_points_are_kept_from_the_first_to_the_last(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=20)
    inline()
    points = store.jobs.points(job.id)
    assert (points[0].number, points[-1].number) == (1, 20)
    assert set(points[-1].values) == {"distance", "seam", "seam_limit", *METRICS} - {"regularity"}
    assert points[0].wall <= points[-1].wall
    assert points[-1].seconds <= points[-1].wall


def test_unwanted_pictures_are_not_made(listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=500)
    inline()
    assert [frame.number for frame in listener.of(Framed, job.id)] == [1, 500]  # when it began, and when it ended


def test_failure_is_told_in_the_methods_words(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=20, fail_at=7)
    inline()
    failed = store.jobs.get(job.id)
    assert (failed.state, failed.number) == ("failed", 6)
    assert failed.message == "counting stopped at step 7, as fail_at asked"
    assert failed.ended is not None
    assert not store.artifacts.exists(job.id, "result.png")
    assert store.artifacts.exists(job.id, "preview.jpg")  # how far it came is to be seen
    assert listener.states(job.id) == ["queued", "running", "failed"]


def test_error_of_a_method_is_named(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    def broken(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        yield steps_of(1, 2)
        raise ZeroDivisionError("one by nothing")

    plug("broken", broken)
    job, next_one = add("broken"), add(steps=2)
    inline()
    message = store.jobs.get(job.id).message
    assert message is not None
    assert message == "internal error: one by nothing (see the server log)"
    assert store.jobs.get(next_one.id).state == "done"  # a broken job costs nobody else theirs


@pytest.mark.parametrize("last", [float("nan"), float("inf")])
def test_what_is_no_number_is_never_done(store: Store, add: Add, inline: Start, plug: Plug, last: float) -> None:
    def blown_up(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        image = torch.full((3, 32, 32), last)
        yield Step(1, 1, lambda: image, {"loss": image.mean()}, lambda: {"image": image})

    plug("blown_up", blown_up)
    job = add("blown_up")
    inline()
    failed = store.jobs.get(job.id)
    assert failed.state == "failed"
    assert failed.message is not None
    assert "NaN" in failed.message
    assert not store.artifacts.has_checkpoint(job.id)


def test_method_without_steps_fails(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    plug("idle", lambda p, images, device, state=None: (step for step in ()))
    job = add("idle")
    inline()
    assert store.jobs.get(job.id).state == "failed"


def test_method_that_ends_before_its_last_step_has_failed(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    def hasty(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        yield steps_of(1, 10)

    plug("hasty", hasty)
    job = add("hasty")
    inline()
    failed = store.jobs.get(job.id)
    assert (failed.state, failed.number) == ("failed", 1)
    assert failed.message is not None
    assert "it ended before its last step" in failed.message
    assert store.artifacts.exists(job.id, "preview.jpg")


def test_lost_picture_fails_in_words(store: Store, picture: str, add: Add, inline: Start) -> None:
    job = add()
    store.blobs.delete(f"pictures/{picture}.png")
    inline()
    failed = store.jobs.get(job.id)
    assert failed.state == "failed"
    assert failed.message is not None
    assert picture in failed.message


def test_pause_keeps_the_picture_and_resume_goes_on(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    straight, job = add(steps=40, seed=1), add(steps=40, seed=1)
    store.jobs.pause(straight.id)
    engine = inline(rounds=15)
    assert store.jobs.pause(job.id).state == "paused"
    engine.wake()
    paused = store.jobs.get(job.id)
    assert 0 < paused.number < 40
    recipe = read_recipe(store.artifacts.get(job.id, "result.png"))
    assert recipe is not None
    assert (recipe["step"], recipe["steps"]) == (paused.number, 40)
    store.jobs.resume(job.id)
    store.jobs.resume(straight.id)
    for _ in range(10):
        engine.wake()
    assert listener.states(job.id) == ["queued", "running", "paused", "queued", "running", "done"]
    numbers = [event.number for event in listener.of(Stepped, job.id)]
    assert numbers == sorted(numbers)
    result, expected = (decode(store.artifacts.get(id, "result.png")) for id in (job.id, straight.id))
    assert np.array_equal(result, expected)


def test_paused_and_resumed_before_the_worker_looks(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=40)
    engine = inline(rounds=10)
    number = store.jobs.get(job.id).number
    store.jobs.pause(job.id)
    store.jobs.resume(job.id)
    engine.wake()
    assert store.jobs.get(job.id).state == "running"
    assert store.jobs.get(job.id).number >= number


def test_cancelled_keeps_the_picture_and_may_be_taken_up_again(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=40)
    engine = inline(rounds=15)
    store.jobs.cancel(job.id)
    engine.wake()
    cancelled = store.jobs.get(job.id)
    assert (cancelled.state, cancelled.number > 0) == ("cancelled", True)
    assert store.artifacts.exists(job.id, "result.png")
    assert store.jobs.retry(job.id).number == cancelled.number
    for _ in range(5):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"
    assert [point.number for point in store.jobs.points(job.id)][-1] == 40


def test_divergence_is_tried_again_from_the_start(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    began_at = []

    def diverging(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        began_at.append(state["number"] if state else 0)
        for number in range(began_at[-1] + 1, 100):
            if number == 20:
                raise Diverged("too steep")
            yield steps_of(number, 99)

    plug("diverging", diverging)
    job = add("diverging")
    engine = inline(rounds=5)
    store.jobs.pause(job.id)
    engine.wake()
    store.jobs.resume(job.id)
    for _ in range(10):
        engine.wake()
    assert store.jobs.get(job.id).state == "failed"
    assert store.jobs.retry(job.id).number == 0
    engine.wake()
    assert began_at[0] == 0
    assert began_at[1] > 0
    assert began_at[2] == 0


def test_other_failure_is_tried_again_from_the_checkpoint(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    began_at = []

    def unlucky(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        began_at.append(state["number"] if state else 0)
        for number in range(began_at[-1] + 1, 31):
            if number == 20 and len(began_at) < 3:
                raise OSError(errno.EIO, "Input/output error", "somewhere")
            yield steps_of(number, 30)

    plug("unlucky", unlucky)
    job = add("unlucky")
    engine = inline(rounds=5)
    store.jobs.pause(job.id)
    engine.wake()
    store.jobs.resume(job.id)
    for _ in range(10):
        engine.wake()
    message = store.jobs.get(job.id).message
    assert message is not None
    assert "the disk does not answer" in message
    assert store.jobs.retry(job.id).number > 0
    for _ in range(10):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"
    assert began_at[0] == 0
    assert 0 < began_at[1] == began_at[2]


@pytest.mark.parametrize("damage", ["torn", "of another version"])
def test_useless_checkpoint_means_a_new_start(
    store: Store, listener: Recorder, add: Add, inline: Start, plug: Plug, damage: str
) -> None:
    def strict(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        start = 0
        if state is not None:
            start = state["step"]  # which an older version called "number"
        for number in range(start + 1, 31):
            yield steps_of(number, 30)

    plug("strict", strict)
    job = add("strict")
    engine = inline(rounds=10)
    store.jobs.pause(job.id)
    engine.wake()
    if damage == "torn":
        head = f"{checkpoint_key(job.id)}/head"
        store.blobs.put(head, store.blobs.get(head)[:-5])
    store.jobs.resume(job.id)
    engine.wake()
    going = store.jobs.get(job.id)
    assert going.state == "running"
    assert going.message is not None
    assert "started again from the beginning" in going.message
    assert [point.number for point in store.jobs.points(job.id)][:1] == [1]
    for _ in range(5):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"


def test_thrown_away_while_running_leaves_nothing(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=40)
    engine = inline(rounds=15)
    store.trash.put_job(job.id)
    engine.wake()
    assert store.trash.purge(timedelta()) == [job.id]
    assert not store.blobs.sizes("jobs")
    assert store.jobs.points(job.id) == []
    last = [event for _, event in listener.events if event.job == job.id][-1]
    assert isinstance(last, Deleted)
    assert last.seq > max(event.seq for event in listener.of(Stepped, job.id))


@pytest.mark.parametrize("told_again", ["row", "picture"])
def test_news_of_a_job_that_is_known_to_be_gone_harms_nobody(
    store: Store, listener: Recorder, add: Add, told_again: str
) -> None:
    """It was thrown away while the worker was putting it down, or while somebody else was moving it."""
    job, publisher = add(), Publisher(store, listener)
    store.trash.put_job(job.id)
    publisher.changes()
    if told_again == "row":
        store.database.changes.append(job.id)
        publisher.changes()
    else:
        assert publisher.frame(job.id, 1, 32, 32) is None
    assert [type(event) for _, event in listener.events] == [Deleted]


@pytest.mark.folder
def test_queue_has_places_and_times(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    jobs = [add(steps=steps, work=60) for steps in (10_000, 10_000, 100_000, 100_000)]
    engine = inline(rounds=60)
    engine.wake()
    first, second, third, fourth = (store.jobs.get(job.id) for job in jobs)
    assert [job.place for job in (first, second, third, fourth)] == [None, None, 1, 2]
    assert first.eta is not None
    assert third.eta is not None
    assert fourth.eta is not None
    assert 0 < first.eta < third.eta
    assert third.eta <= fourth.eta
    store.jobs.cancel(third.id)
    engine.wake()
    assert store.jobs.get(fourth.id).place == 1
    assert [event.row.place for event in listener.of(Changed, fourth.id)][-1] == 1
    store.jobs.cancel(first.id)
    engine.wake()
    assert store.jobs.get(fourth.id).state == "running"


def test_weights_are_waited_for(settings: Settings, store: Store, add: Add, inline: Start, plug: Plug) -> None:
    plug("deep", lambda p, images, device, state=None: iter([steps_of(1, 1)]), network="vgg19")
    job, other = add("deep"), add(steps=2)
    engine = inline()
    waiting = store.jobs.get(job.id)
    assert (waiting.state, store.jobs.get(other.id).state) == ("queued", "done")
    assert waiting.message is not None
    assert "weights" in waiting.message
    settings.cache.mkdir()
    weights_file.write(settings.cache / "vgg19.safetensors", {"x": torch.zeros(1)}, {"source": "a friend"})
    engine.wake()
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).message) == ("done", None)


def test_the_weights_that_are_waited_for_are_those_of_the_network_that_the_job_chose(
    settings: Settings, store: Store, add: Add, inline: Start
) -> None:
    settings.cache.mkdir()
    weights_file.write(settings.cache / "vgg19.safetensors", {"x": torch.zeros(1)}, {"source": "a friend"})
    job = add("gatys", network="vgg16")
    inline()
    waiting = store.jobs.get(job.id)
    assert waiting.state == "queued"
    assert waiting.message is not None
    assert "`python -m texture weights --network vgg16`" in waiting.message


def test_what_does_not_fit_beside_others_waits_for_them(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    tries = []

    def hungry(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        tries.append(store.jobs.get(other.id).state)
        if tries[-1] == "running":
            raise torch.OutOfMemoryError("CUDA out of memory")
        yield steps_of(1, 1)

    plug("hungry", hungry)
    other, job = add(steps=50), add("hungry")
    engine = inline(rounds=10)
    waiting = store.jobs.get(job.id)
    assert waiting.state == "queued"
    assert waiting.message is not None
    assert "memory" in waiting.message
    for _ in range(10):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"
    assert tries == ["running", "done"]


def test_too_big_already_when_it_is_taken_up_waits_too(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    def hungry(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        if store.jobs.get(other.id).state == "running":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return iter([steps_of(1, 1)])

    plug("hungry", hungry)
    other, job = add(steps=50), add("hungry")
    engine = inline(rounds=10)
    assert store.jobs.get(job.id).state == "queued"
    for _ in range(10):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"


def test_what_is_known_to_need_more_memory_than_is_free_waits_for_others_and_then_fails_in_words(
    store: Store, add: Add, inline: Start, plug: Plug
) -> None:
    class Huge(CountingParams):
        def outline(self, sizes: Any) -> Outline:
            return replace(super().outline(sizes), memory=2**60)

    plug("huge", lambda *_: iter([steps_of(1, 1)]), params=Huge)
    other, job = add(steps=50), add("huge")
    engine = inline(rounds=10)
    assert store.jobs.get(job.id).state == "queued"
    for _ in range(10):
        engine.wake()
    assert store.jobs.get(other.id).state == "done"
    ended = store.jobs.get(job.id)
    assert ended.state == "failed"
    assert ended.message is not None
    assert ended.message.startswith("a result of 64 takes at least 1152921504.6 GB of memory, and ")


def test_a_method_that_cannot_outline_keeps_nobody_waiting(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    class Faulty(CountingParams):
        def outline(self, sizes: Any) -> Any:
            return sizes["nothing of the kind"]

    plug("faulty", lambda *_: iter([steps_of(1, 1)]), params=Faulty)
    add("faulty")
    job = add(steps=3)
    inline()
    assert store.jobs.get(job.id).state == "done"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:116] . DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.05 GB)"),
        MemoryError(),
    ],
    ids=["cuda", "cpu", "mps", "python"],
)
def test_too_big_on_its_own_fails_in_words(store: Store, add: Add, inline: Start, plug: Plug, error: Exception) -> None:
    def huge(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        yield steps_of(1, 2)
        raise error

    plug("huge", huge)
    job = add("huge")
    inline()
    message = store.jobs.get(job.id).message
    assert message == "the device ran out of memory: choose a smaller size, or run fewer jobs at a time"


def crash_in_its_step(store: Store, job: Job) -> None:
    """What a process leaves that dies of a segmentation fault while it is at work for that job."""
    store.files.turn.write_text(f"0 {job.id} ".ljust(64))
    store.files.signals.write_text("Fatal Python error: Segmentation fault")


def test_crash_loop_ends(settings: Settings, store: Store, listener: Recorder, add: Add) -> None:
    job = add(steps=10_000)
    for crashes in range(3):
        Inline(settings, store, listener, rounds=5).start()  # and then the process is gone
        crash_in_its_step(store, job)
        assert (store.jobs.get(job.id).state, store.jobs.get(job.id).crashes) == ("running", crashes)
    Inline(settings, store, listener, rounds=5).start()
    failed = store.jobs.get(job.id)
    assert failed.state == "failed"
    assert failed.message is not None
    assert "3 times in a row" in failed.message
    assert store.jobs.resume(job.id).crashes == 0


def test_what_ends_from_outside_is_held_against_nobody(
    settings: Settings, store: Store, listener: Recorder, add: Add
) -> None:
    jobs = [add(steps=10_000) for _ in range(2)]
    for _ in range(5):
        Inline(settings, store, listener, rounds=5).start()  # and then the process is gone: killed, or without power
        store.files.turn.write_text(f"0 {jobs[0].id} ".ljust(64))
    Inline(settings, store, listener, rounds=5).start()
    assert [(store.jobs.get(job.id).state, store.jobs.get(job.id).crashes) for job in jobs] == [("running", 0)] * 2


def test_crashes_with_progress_between_them_are_forgiven(
    settings: Settings, store: Store, listener: Recorder, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SAVED_EVERY", "SAVED_AT_LEAST"):  # the latter counts where the disk is slow
        monkeypatch.setattr(f"texture.jobs.running.run_files.{name}", 0.0)
    job = add(steps=10_000)
    numbers = [0]
    for _ in range(5):
        Inline(settings, store, listener, rounds=5).start()
        crash_in_its_step(store, job)
        numbers.append(store.jobs.get(job.id).number)
    assert store.jobs.get(job.id).state == "running"
    assert numbers == sorted(set(numbers))  # it went on, each time


def test_suspect_runs_alone(settings: Settings, store: Store, listener: Recorder, add: Add) -> None:
    jobs = [add(steps=10_000) for _ in range(2)]
    for _ in range(2):
        Inline(settings, store, listener, rounds=5).start()
        crash_in_its_step(store, jobs[0])
    assert [store.jobs.get(job.id).state for job in jobs] == ["running", "running"]
    Inline(settings, store, listener, rounds=5).start()
    assert [store.jobs.get(job.id).state for job in jobs] == ["running", "queued"]


def test_listener_that_raises_costs_no_job(
    store: Store, listener: Recorder, add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(event: object) -> None:
        raise RuntimeError("nobody home")

    monkeypatch.setattr(listener, "publish", broken)
    job = add(steps=5)
    inline()
    assert store.jobs.get(job.id).state == "done"
