"""Owners take turns in the queue: nobody waits for all that another one has queued."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from texture.errors import Conflict, NotFound
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.scheduling.queue import JobQueue
from texture.jobs.store import Store, queries
from texture.methods.registry import find_method

Start = Callable[..., Inline]


def queue(store: Store, owner: str, count: int = 1, **params: object) -> list[Job]:
    found = find_method("counting")
    return [
        store.jobs.add(owner, "counting", found.parse({"steps": 2, **params}), {"source": "sample:clay"})
        for _ in range(count)
    ]


def order(store: Store) -> list[str]:
    return [job.owner for job in JobQueue(store).front(1000)]


def test_another_ones_first_job_is_next_whatever_is_queued(store: Store, inline: Start) -> None:
    queue(store, "many", 200, steps=10_000)
    inline(rounds=4)
    (first,) = queue(store, "other")
    assert store.jobs.get(first.id).place == 1


def test_turns_alternate(store: Store) -> None:
    queue(store, "a", 4)
    queue(store, "b", 2)
    queue(store, "c", 3)
    assert order(store) == ["a", "b", "c", "a", "b", "c", "a", "c", "a"]


def test_places_are_counted_through(store: Store) -> None:
    jobs = [*queue(store, "a", 3), *queue(store, "b", 1)]
    assert [store.jobs.get(job.id).place for job in jobs] == [1, 3, 4, 2]
    assert [job.place for job in JobQueue(store).front(9)] == [1, 2, 3, 4]


def test_a_job_that_leaves_the_queue_while_it_is_looked_at_has_no_place(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = queue(store, "a", 2)
    places = queries._places

    def overtaken(session: Session, positions: set[int]) -> dict[int, int]:
        monkeypatch.setattr(queries, "_places", places)
        store.jobs.cancel(first.id)
        return places(session, positions)

    monkeypatch.setattr(queries, "_places", overtaken)
    assert [job.place for job in store.jobs.list("a")] == [1, None]


def test_who_has_cancelled_many_is_not_put_behind_them(store: Store) -> None:
    for job in queue(store, "a", 50):
        store.jobs.cancel(job.id)
    queue(store, "b", 3)
    (last,) = queue(store, "a")
    assert store.jobs.get(last.id).place == 2


def test_a_place_that_comes_free_goes_to_whose_turn_it_is(store: Store, inline: Start) -> None:
    queue(store, "many", 3, steps=10_000)
    engine = inline(rounds=4)  # two run
    eager = [queue(store, "eager")[0]]
    assert order(store) == ["eager", "many"]
    store.jobs.cancel(next(job.id for job in store.jobs.list("many", "running")))
    engine.wake()
    assert store.jobs.get(eager[0].id).state != "queued"


def test_the_runs_of_a_comparison_are_one_turn(store: Store) -> None:
    runs = [("counting", find_method("counting").params())] * 4
    store.comparisons.add("a", {"source": "sample:clay"}, runs)
    queue(store, "a", 1)
    queue(store, "b", 1)
    assert order(store) == ["a", "a", "a", "a", "b", "a"]
    assert {job.place for job in JobQueue(store).front(4)} == {1}


def test_many_jobs_of_one_keep_nobody_from_ending(store: Store, inline: Start) -> None:
    queue(store, "many", 40)
    (other,) = queue(store, "other")
    inline(rounds=8)
    assert store.jobs.get(other.id).state == "done"
    assert len(store.jobs.list("many", "done", limit=500)) < 10


def test_a_job_is_put_before_another_of_the_same_owner(store: Store) -> None:
    first, second, third = queue(store, "a", 3)
    (other,) = queue(store, "b")
    assert store.jobs.move_ahead(third.id, second.id).place == 3
    assert [store.jobs.get(job.id).place for job in (first, third, second, other)] == [1, 3, 4, 2]
    assert store.jobs.move_ahead(second.id, first.id).place == 1
    assert store.jobs.move_ahead(second.id, second.id).place == 1
    assert [job.id for job in JobQueue(store).front(9)] == [second.id, other.id, first.id, third.id]


def test_waiting_runs_of_a_comparison_move_together(store: Store) -> None:
    (alone,) = queue(store, "a")
    runs = [("counting", find_method("counting").parse({}))] * 2
    one, other = store.comparisons.add("a", {"source": "sample:clay"}, runs).jobs
    store.jobs.move_ahead(other.id, alone.id)
    assert [store.jobs.get(job.id).place for job in (one, other, alone)] == [1, 1, 2]
    store.jobs.move_ahead(one.id, other.id)
    assert [store.jobs.get(job.id).place for job in (one, other, alone)] == [1, 1, 2]


def test_runs_that_have_begun_move_with_those_that_wait(store: Store) -> None:
    runs = [("counting", find_method("counting").parse({}))] * 2
    begun, waits = store.comparisons.add("a", {"source": "sample:clay"}, runs).jobs
    JobQueue(store).take(begun.id)
    (alone,) = queue(store, "a")
    store.jobs.move_ahead(alone.id, waits.id)
    JobQueue(store).put_down(begun.id)
    assert [store.jobs.get(job.id).place for job in (alone, begun, waits)] == [1, 2, 2]


def test_only_what_waits_has_a_place(store: Store) -> None:
    waits, paused = queue(store, "a", 2)
    store.jobs.pause(paused.id)
    for job, of in ((waits, paused), (paused, waits)):
        with pytest.raises(Conflict, match="the job is paused: only a queued job"):
            store.jobs.move_ahead(job.id, of.id)
    store.trash.put_job(paused.id)
    with pytest.raises(NotFound, match="no such job"):
        store.jobs.move_ahead(waits.id, paused.id)
