"""A full disk: running jobs say so and go on, nothing is failed for it, and all is written once there is room."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from texture.errors import SetupProblem
from texture.images import encoding
from texture.jobs.domain.events import Stepped
from texture.jobs.domain.faults import NO_ROOM, is_disk_full
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.scheduling.queue import JobQueue
from texture.jobs.store import Store
from texture.methods.registry import find_method

pytestmark = pytest.mark.folder

Add = Callable[..., Job]
Start = Callable[..., Inline]


class Disk:
    """The one place where files of jobs and pictures are written, with room or without."""

    full = False

    def sync(self, descriptor: int) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(encoding.os, "fsync", disk.sync)
    monkeypatch.setattr("texture.jobs.running.worker.ROOM_EVERY", 0.0)
    return disk


def until(engine: Inline, happened: Callable[[], bool]) -> None:
    """Let it work until that is so."""
    for _ in range(2000):
        if happened():
            return
        engine.wake()
    pytest.fail("it did not happen")


def test_a_result_waits_for_room(
    store: Store, add: Add, inline: Start, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    job = add(steps=30)
    engine = inline(rounds=10)
    disk.full = True
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            engine.wake()
    waiting = store.jobs.get(job.id)
    assert (waiting.state, waiting.number, waiting.message) == ("running", 30, NO_ROOM)
    assert len(caplog.records) <= 1
    disk.full = False
    engine.wake()
    done = store.jobs.get(job.id)
    assert (done.state, done.number, done.message) == ("done", 30, None)
    assert store.artifacts.exists(job.id, "result.png")


def test_a_checkpoint_that_finds_no_room_stops_nobody(
    store: Store, add: Add, inline: Start, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("texture.jobs.running.run_files.SAVED_EVERY", 0.0)
    jobs = [add(steps=10_000) for _ in range(2)]
    engine = inline(rounds=4)
    monkeypatch.setattr(store.reserve, "fill", lambda: None)
    store.reserve.give_up()
    engine.wake()
    runs = engine._worker._runs
    until(engine, lambda: all(store.jobs.get(job.id).message == NO_ROOM for job in jobs))
    reached = [run.number for run in runs]
    until(engine, lambda: all(run.number > number for run, number in zip(runs, reached, strict=True)))
    assert [store.jobs.get(job.id).state for job in jobs] == ["running", "running"]
    store.reserve.short = False
    until(engine, lambda: [run.trouble for run in runs] == [None, None])


def test_what_begins_on_a_full_disk_waits_in_the_queue(
    store: Store, picture: str, add: Add, inline: Start, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = add(steps=2, train=True)
    engine = inline()
    monkeypatch.setattr("texture.jobs.scheduling.aside.FIRST_PAUSE", 0.05)
    disk.full = True
    sample = store.jobs.add("me", "sample", find_method("sample").parse({"size": "64"}), {"model": trained.id})
    engine.wake()
    waiting = store.jobs.get(sample.id)
    assert (waiting.state, waiting.message) == ("queued", NO_ROOM)
    disk.full = False
    until(engine, lambda: store.jobs.get(sample.id).state == "done")


def test_what_cannot_be_saved_is_told_in_a_line_and_without_a_path(
    store: Store, add: Add, inline: Start, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    job = add(steps=10_000)
    engine = inline(rounds=10)
    disk.full = True
    store.jobs.pause(job.id)
    engine.wake()
    paused = store.jobs.get(job.id)
    assert paused.state == "paused"
    assert paused.message == (
        "the latest state could not be saved: preview.jpg cannot be written: no space left on the disk"
    )
    assert caplog.records
    assert not any(record.exc_info for record in caplog.records)


def test_a_table_without_room_costs_no_step_that_was_made(
    store: Store, listener: Any, add: Add, threaded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("texture.jobs.engines.rounds.RECOVERY", 0.01)
    full = OperationalError("UPDATE jobs", None, sqlite3.OperationalError("database or disk is full"))
    note, failures = JobQueue.note, [full] * 3

    def failing(self: JobQueue, *arguments: Any, **named: Any) -> bool:
        if listener.of(Stepped, job.id) and failures:
            raise failures.pop()
        return note(self, *arguments, **named)

    monkeypatch.setattr(JobQueue, "note", failing)
    job = add(steps=10_000_000)
    threaded()
    listener.wait(lambda: not failures)
    reached = max(event.number for event in listener.of(Stepped, job.id))
    listener.wait(lambda: listener.of(Stepped, job.id)[-1].number > reached)
    numbers = [event.number for event in listener.of(Stepped, job.id)]
    assert numbers == sorted(numbers)  # it went on where it was, not from the start


def test_the_reserve_takes_its_room_on_a_disk_that_compresses(store: Store) -> None:
    store.reserve.fill()
    assert len(zlib.compress(store.files.reserve.read_bytes())) >= 4 * 2**20


@pytest.mark.parametrize("what", ["job", "comparison"])
def test_what_is_thrown_away_makes_room(store: Store, add: Add, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """The first transaction finds no room; the second one has that of the reserve."""
    store.reserve.fill()
    assert store.files.reserve.stat().st_size == 4 * 2**20
    job = add()
    tries = []

    def full_at_first(*_: object) -> None:
        tries.append(store.files.reserve.exists())
        if store.files.reserve.exists():
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr("texture.jobs.store.trash._put_away", full_at_first)
    store.trash.put_job(job.id)
    assert tries == [True, False]
    with pytest.raises(SetupProblem, match="no space left on the disk") as refusal:
        store.artifacts.put(job.id, "result.png", b"picture")  # what room there is, is for the table
    assert is_disk_full(refusal.value)
    store.reserve.fill()
    store.artifacts.put(job.id, "result.png", b"picture")
