"""While a job runs small pictures of its iterations are kept, at little cost, whatever becomes of the process."""

from __future__ import annotations

import errno
import io
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from tests.jobs.listening import Recorder
from texture.errors import SetupProblem
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running import run
from texture.jobs.running.run import Run
from texture.jobs.store import Store
from texture.jobs.store.iterations import MOST, Iterations
from texture.methods.counting import counting

Add = Callable[..., Job]
Start = Callable[..., Inline]
Plug = Callable[..., None]


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step that is to be kept is, whatever that costs."""
    monkeypatch.setattr(run, "ITERATIONS_EVERY", 0.0)
    monkeypatch.setattr(run, "ITERATIONS_SHARE", 1e9)


def pictures(store: Store, job: str) -> dict[int, bytes]:
    """All that are kept."""
    found = {}
    for number in store.iterations.numbers(job):
        with store.iterations.open(job, number) as file:
            found[number] = file.read()
    return found


@pytest.mark.usefixtures("unhurried")
def test_they_are_spread_over_the_steps(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=200, size="96x64")
    inline()
    kept = pictures(store, job.id)
    assert list(kept) == list(range(1, 200, 8))
    for jpeg in kept.values():
        picture = Image.open(io.BytesIO(jpeg))
        assert (picture.format, picture.size) == ("JPEG", (96, 64))
    assert len(set(kept.values())) == len(kept)
    assert store.usage.of().jobs.bytes > sum(map(len, kept.values()))


@pytest.mark.usefixtures("unhurried")
def test_large_pictures_are_kept_small(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=3, size="1024x512")
    inline()
    assert [Image.open(io.BytesIO(jpeg)).size for jpeg in pictures(store, job.id).values()] == [(512, 256)] * 2


@pytest.mark.usefixtures("unhurried")
def test_after_a_pause_and_a_new_process_it_goes_on(store: Store, add: Add, inline: Start) -> None:
    whole, paused = add(steps=300, seed=3), add(steps=300, seed=3)
    store.jobs.pause(paused.id)
    inline()
    store.jobs.resume(paused.id)
    engine = inline(rounds=70)
    store.jobs.pause(paused.id)
    engine.wake()
    so_far = pictures(store, paused.id)
    assert MOST / 2 <= len(so_far) <= MOST
    store.jobs.resume(paused.id)
    engine.stop()
    inline()
    assert store.jobs.get(paused.id).state == "done"
    assert pictures(store, paused.id) == pictures(store, whole.id)


@pytest.mark.usefixtures("unhurried")
def test_what_lay_beyond_the_step_from_which_it_goes_on_is_gone(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=10)
    for number in (2, 7000):
        store.iterations.put(job.id, number, b"of a start before")
    inline()
    assert store.iterations.numbers(job.id) == list(range(1, 10))
    assert b"of a start before" not in pictures(store, job.id).values()


@pytest.mark.usefixtures("unhurried")
def test_parts_of_a_picture_are_no_iterations(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    plug("brief", counting, brief=True)
    job = add("brief", steps=20)
    inline()
    assert store.jobs.get(job.id).state == "done"
    assert store.iterations.numbers(job.id) == []


def test_they_take_little_of_the_workers_time(
    store: Store, listener: Recorder, add: Add, threaded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, put, costs, kept = Run.screen_pixels, Iterations.put, 0.003, list[float]()

    def slow(run: Run) -> Any:
        time.sleep(costs)
        return draw(run)

    def noted(*given: Any) -> None:
        kept.append(time.monotonic())
        put(*given)

    monkeypatch.setattr(Run, "screen_pixels", slow)
    monkeypatch.setattr(Iterations, "put", noted)
    job = add(steps=10_000_000)
    threaded()
    listener.wait(lambda: len(kept) >= 3)
    for earlier, later in pairwise(kept):
        assert later - earlier >= costs / run.ITERATIONS_SHARE / 2  # encoding may take a while, too
    store.jobs.cancel(job.id)
    listener.wait_state(job.id, "cancelled")
    assert len(store.iterations.numbers(job.id)) == len(kept)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize(
    ("cause", "logged"),
    [(ValueError("no such picture"), True), (OSError(errno.ENOSPC, "no space left on device"), False)],
    ids=["bug", "full disk"],
)
def test_one_that_cannot_be_kept_harms_no_job(
    store: Store,
    add: Add,
    inline: Start,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    cause: Exception,
    logged: bool,
) -> None:
    def fail(*_: Any) -> None:
        raise SetupProblem("it cannot be written") from cause

    monkeypatch.setattr(Iterations, "put", fail)
    job = add(steps=20)
    inline()
    assert store.jobs.get(job.id).state == "done"
    assert ("could not be kept" in caplog.text) == logged
