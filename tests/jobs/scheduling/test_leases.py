"""Leases: one worker to an entry, a lost one is replaced, and a late one is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.jobs.listening import Recorder
from texture.jobs.domain.job import Job
from texture.jobs.running.worker import Worker
from texture.jobs.scheduling import leases as module
from texture.jobs.scheduling.leases import DOUBT, EXPIRES, QUEUES, LeaseLost, Leases
from texture.jobs.scheduling.queue import JobQueue, Progress
from texture.jobs.store import Store
from texture.jobs.store.moments import now
from texture.jobs.store.schema import LeaseRow
from texture.methods.registry import find_method
from texture.settings import Settings

Add = Callable[..., Job]


@pytest.fixture
def leases(store: Store) -> Leases:
    return Leases(store.database)


def lose(store: Store, entry: str) -> None:
    """Let so much time pass without a word from the worker that its lease expires."""
    with store.database.writing() as session:
        row = session.get(LeaseRow, entry)
        row.seen = now(session) - timedelta(seconds=EXPIRES + 1)


def test_the_first_in_the_queue_is_taken_and_nobody_else_gets_it(leases: Leases, add: Add) -> None:
    first, second = add(), add()
    taken = [leases.take(worker, QUEUES) for worker in ("a", "b", "c")]
    assert [lease and lease.entry for lease in taken] == [first.id, second.id, None]
    assert leases.holders() == {first.id: "a", second.id: "b"}


def test_a_comparison_is_one_entry(leases: Leases, compare: Callable[..., Any]) -> None:
    comparison = compare(10, 20, 30)
    assert leases.waiting()["cpu"] == 1
    lease = leases.take("a", QUEUES)
    assert lease is not None
    assert lease.entry == comparison.id
    assert leases.take("b", QUEUES) is None


def test_each_queue_has_its_methods_and_a_mixed_comparison_waits_for_a_gpu(
    store: Store, leases: Leases, picture: str, add: Add
) -> None:
    runs = [(name, find_method(name).parse({})) for name in ("counting", "gatys")]
    mixed = store.comparisons.add("me", {"source": picture}, runs)
    plain, network = add("match"), add("gatys")
    assert leases.waiting() == {"gpu": 2, "cpu": 1, "brief": 0}
    assert [leases.take("a", ["cpu"]), leases.take("a", ["cpu"])] == [leases_of(plain.id), None]
    assert [leases.take("b", ["gpu"]) for _ in range(2)] == [leases_of(mixed.id), leases_of(network.id)]


def work_on(worker: Worker) -> None:
    for _ in range(10_000):
        worker.round()


def test_a_mixed_comparison_is_no_work_for_whoever_does_brief_things(
    store: Store, leases: Leases, picture: str
) -> None:
    runs = [(name, find_method(name).parse({})) for name in ("material", "gatys")]
    store.comparisons.add("me", {"source": picture}, runs)
    assert leases.waiting() == {"gpu": 1, "cpu": 0, "brief": 0}


def test_what_a_worker_cannot_run_it_leaves_to_others(store: Store, leases: Leases, picture: str, add: Add) -> None:
    runs = [(name, find_method(name).parse({})) for name in ("counting", "gatys")]
    mixed = store.comparisons.add("me", {"source": picture}, runs)
    plain = add()
    assert leases.take("a", QUEUES, without=["gatys"]) == leases_of(plain.id)
    assert leases.take("a", QUEUES, without=["gatys"]) is None
    assert leases.take("b", QUEUES) == leases_of(mixed.id)


class leases_of:  # noqa: N801 - reads as what it stands for
    """Equal to any lease on that entry."""

    def __init__(self, entry: str) -> None:
        self.entry = entry

    def __eq__(self, other: object) -> bool:
        return getattr(other, "entry", None) == self.entry

    __hash__ = None  # type: ignore[assignment]


def test_what_is_released_waits_again_and_has_the_next_number(leases: Leases, add: Add) -> None:
    add()
    first = leases.take("a", QUEUES)
    assert first is not None
    leases.release(first)
    second = leases.take("b", QUEUES)
    assert second is not None
    assert (first.number, second.number) == (1, 2)


def test_a_worker_that_is_heard_of_keeps_its_entry(store: Store, leases: Leases, add: Add) -> None:
    job = add()
    lease = leases.take("a", QUEUES)
    assert lease is not None
    lose(store, job.id)
    assert leases.renew(lease)
    assert leases.reclaim() == []


def test_a_lost_workers_job_goes_back_to_its_place_and_its_worker_is_refused(
    store: Store, leases: Leases, add: Add
) -> None:
    job, behind = add(), add()
    lease = leases.take("a", QUEUES)
    assert lease is not None
    late = JobQueue(store, lease)
    assert late.take(job.id)
    lose(store, job.id)
    assert leases.reclaim() == [job.id]
    again = store.jobs.get(job.id)
    assert (again.state, again.crashes, again.place) == ("queued", 1, 1)
    taken = leases.take("b", QUEUES)
    assert taken == leases_of(job.id)
    assert store.jobs.get(behind.id).place is not None
    for write in (
        lambda: late.note(job.id, Progress(number=5)),
        lambda: late.end(job.id, "done", None),
        lambda: late.put_down(job.id),
        lambda: late.saved(job.id),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert not leases.renew(lease)
    leases.release(lease)  # which is the other's by now
    assert leases.holders() == {job.id: "b"}


def test_a_job_whose_worker_is_lost_three_times_without_a_checkpoint_fails(
    store: Store, leases: Leases, add: Add
) -> None:
    job = add()
    for _ in range(3):
        lease = leases.take("a", QUEUES)
        assert lease is not None
        assert JobQueue(store, lease).take(job.id)
        lose(store, job.id)
        leases.reclaim()
    assert store.jobs.get(job.id).state == "failed"
    assert leases.take("a", QUEUES) is None


def test_a_worker_that_cannot_renew_its_lease_stops_by_itself(
    leases: Leases, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody else can have it: the two clocks need not agree, only go at the same pace."""
    assert DOUBT < EXPIRES
    add()
    lease = leases.take("a", QUEUES)
    assert lease is not None
    lease.check()
    ahead = time.monotonic() + DOUBT + 0.1
    monkeypatch.setattr(module.time, "monotonic", lambda: ahead)
    with pytest.raises(LeaseLost):
        lease.check()


def test_a_worker_runs_its_own_entry_and_no_other(
    settings: Settings, store: Store, listener: Recorder, leases: Leases, add: Add
) -> None:
    job, other = add(steps=3), add(steps=3)
    lease = leases.take("a", QUEUES)
    worker = Worker(settings, store, listener, lease=lease)
    worker.begin()
    while not worker.is_done:
        worker.round()
    assert [store.jobs.get(one.id).state for one in (job, other)] == ["done", "queued"]


def test_a_worker_whose_lease_is_lost_in_a_step_writes_nothing_more(
    settings: Settings, store: Store, listener: Recorder, leases: Leases, add: Add
) -> None:
    job = add(steps=1000)
    lease = leases.take("a", QUEUES)
    worker = Worker(settings, store, listener, lease=lease)
    worker.begin()
    for _ in range(3):
        worker.round()
    lose(store, job.id)
    leases.reclaim()
    with pytest.raises(LeaseLost):
        work_on(worker)
    worker.drop()
    assert store.jobs.get(job.id).state == "queued"
