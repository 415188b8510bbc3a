"""The engine with a thread: prompt, at a viewer's pace, and quick to stop."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import torch
from sqlalchemy.exc import OperationalError

from tests.jobs.listening import PATIENCE, Recorder
from texture.errors import SetupProblem
from texture.images.decoding import decode
from texture.jobs.domain.events import Framed, Stepped
from texture.jobs.domain.faults import NO_ROOM
from texture.jobs.domain.job import Job
from texture.jobs.scheduling.queue import JobQueue
from texture.jobs.store import Store
from texture.methods.contract import Step

Add = Callable[..., Job]


class Gate:
    """A method that makes a step each time it is let, and says when it has begun one."""

    def __init__(self) -> None:
        self.let, self.begun, self.steps = threading.Semaphore(0), threading.Semaphore(0), 0

    def run(self, p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1, p.steps + 1):
            self.begun.release()
            assert self.let.acquire(timeout=PATIENCE)
            self.steps = number
            yield Step(number, p.steps, lambda: torch.zeros(3, 32, 32), {}, lambda number=number: {"number": number})

    def wait_in_step(self) -> None:
        assert self.begun.acquire(timeout=PATIENCE)


@pytest.fixture
def gate(plug: Callable[..., None]) -> Iterator[Gate]:
    gate = Gate()
    plug("gate", gate.run)
    yield gate
    gate.let.release(1000)


@pytest.mark.parametrize(("move", "state"), [("pause", "paused"), ("cancel", "cancelled")])
def test_obeyed_after_the_step_it_is_in(
    store: Store, listener: Recorder, add: Add, threaded: Callable[..., Any], gate: Gate, move: str, state: str
) -> None:
    job, engine = add("gate", steps=1000), threaded()
    gate.let.release(3)
    for _ in range(4):
        gate.wait_in_step()  # the fourth has begun, and cannot end
    assert getattr(store.jobs, move)(job.id).state == state
    engine.wake()
    gate.let.release(100)
    listener.wait_state(job.id, state)
    assert gate.steps == 4
    assert store.jobs.get(job.id).number == 4
    assert store.artifacts.exists(job.id, "result.png")


def test_throwing_away_is_obeyed_after_the_step_it_is_in(
    store: Store, listener: Recorder, add: Add, threaded: Callable[..., Any], gate: Gate
) -> None:
    job, engine = add("gate", steps=1000), threaded()
    gate.wait_in_step()
    store.trash.put_job(job.id)
    engine.wake()
    gate.let.release(100)
    listener.wait(lambda: type(listener.events[-1][1]).__name__ == "Deleted")
    assert gate.steps == 1
    assert store.trash.purge(timedelta()) == [job.id]
    assert not store.blobs.sizes("jobs")


def test_change_without_a_wake_is_noticed_soon(
    store: Store, listener: Recorder, add: Add, threaded: Callable[..., Any]
) -> None:
    job = add(steps=10_000_000)
    threaded()
    listener.wait_step(job.id)
    store.jobs.pause(job.id)
    listener.wait_state(job.id, "paused")


def test_pictures_go_out_when_wanted_and_no_faster(listener: Recorder, add: Add, threaded: Callable[..., Any]) -> None:
    listener.wanted = True
    job = add(steps=10_000_000)
    threaded()
    listener.wait(lambda: len(listener.of(Framed, job.id)) >= 12)
    times = [when for when, event in listener.events if isinstance(event, Framed)]
    assert (times[-1] - times[1]) / (len(times) - 2) >= 0.099
    frame = listener.of(Framed, job.id)[-1]
    assert decode(frame.jpeg).shape == (frame.height, frame.width, 3) == (64, 64, 3)
    listener.wanted = False
    listener.wait_step(job.id, listener.of(Stepped, job.id)[-1].number + 1)  # whatever was under way is out
    count = len(listener.of(Framed, job.id))
    steps = len(listener.of(Stepped, job.id))
    listener.wait(lambda: len(listener.of(Stepped, job.id)) >= steps + 2)
    assert len(listener.of(Framed, job.id)) == count


def test_numbers_go_out_four_times_a_second(listener: Recorder, add: Add, threaded: Callable[..., Any]) -> None:
    job = add(steps=10_000_000)
    threaded()
    listener.wait(lambda: len(listener.of(Stepped, job.id)) >= 5)
    times = [when for when, event in listener.events if isinstance(event, Stepped)]
    assert (times[-1] - times[1]) / (len(times) - 2) >= 0.245


def test_stop_keeps_the_jobs(store: Store, listener: Recorder, add: Add, threaded: Callable[..., Any]) -> None:
    job, engine = add(steps=10_000_000), threaded()
    listener.wait_step(job.id, 100)
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 5
    stopped = store.jobs.get(job.id)
    assert (stopped.state, stopped.crashes) == ("queued", 0)
    assert stopped.number >= 100
    threaded()
    listener.wait(lambda: listener.of(Stepped, job.id)[-1].number > stopped.number)
    after = [event.number for event in listener.of(Stepped, job.id) if event.number > stopped.number]
    assert after[0] == stopped.number + 1
    assert store.jobs.get(job.id).state == "running"


def test_stop_does_not_wait_for_a_step_that_hangs(
    store: Store, add: Add, threaded: Callable[..., Any], gate: Gate
) -> None:
    job, engine = add("gate", steps=5), threaded()
    gate.wait_in_step()
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 5
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).crashes) == ("queued", 0)


def test_one_engine_to_a_folder(threaded: Callable[..., Any]) -> None:
    first = threaded()
    with pytest.raises(SetupProblem, match="TEXTURE_DATA"):
        threaded()
    first.stop()
    threaded()


def test_a_table_that_cannot_be_used_for_a_while_costs_no_job(
    store: Store,
    listener: Recorder,
    add: Add,
    threaded: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """First a step cannot be written down, and then, twice, what is in hand cannot be put back into the queue."""
    clock, began = time.monotonic, time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: clock() - began)  # a machine that has just been started
    failing = ["note", "requeue", "requeue"]

    def break_down(name: str) -> None:
        real = getattr(JobQueue, name)

        def method(*arguments: Any) -> Any:
            if failing[:1] == [name]:
                raise OperationalError(failing.pop(0), None, sqlite3.OperationalError("database or disk is full"))
            return real(*arguments)

        monkeypatch.setattr(JobQueue, name, method)

    break_down("note")
    break_down("requeue")
    monkeypatch.setattr("texture.jobs.engines.rounds.RECOVERY", 0.01)
    job = add(steps=20)
    threaded()
    listener.wait_state(job.id, "done")
    assert failing == []
    assert [record.message for record in caplog.records] == [f"the worker waits: {NO_ROOM}"]


def test_two_jobs_run_side_by_side(store: Store, listener: Recorder, add: Add, threaded: Callable[..., Any]) -> None:
    first, second = add(steps=10_000_000), add(steps=10_000_000)
    threaded()
    listener.wait_step(first.id, 20)
    listener.wait_step(second.id, 20)
    assert store.jobs.get(first.id).state == store.jobs.get(second.id).state == "running"


def test_device_that_is_not_there_fails_the_job_in_words(
    store: Store, listener: Recorder, add: Add, threaded: Callable[..., Any]
) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    job = add()
    threaded(device="cuda")
    listener.wait_state(job.id, "failed")
    message = store.jobs.get(job.id).message
    assert message is not None
    assert "cuda" in message


def test_it_says_why_no_job_gets_on(
    monkeypatch: pytest.MonkeyPatch, add: Add, threaded: Callable[..., Any], gate: Gate
) -> None:
    add("gate", steps=2)
    engine = threaded()
    gate.wait_in_step()
    assert engine.trouble() is None
    monkeypatch.setattr("texture.jobs.engines.rounds.STUCK", 0)
    assert re.match(r"a step of a job has taken \d+ seconds", engine.trouble())
    gate.let.release(2)
    engine.stop()
    assert engine.trouble() == "the worker has stopped: restart the server"
