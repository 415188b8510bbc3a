"""Put away, had back, gone for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.jobs.listening import Recorder
from texture.errors import Conflict, NotFound
from texture.jobs.domain.events import Changed, Deleted
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.comparisons import MOST_RUNS
from texture.jobs.store.schema import ComparisonRow, JobRow, PictureRow
from texture.methods.registry import find_method

ME = "me"
Add = Callable[..., Job]
Start = Callable[..., Inline]
AGES = timedelta(days=400)


def test_what_is_put_away_is_nowhere(store: Store, add: Add) -> None:
    job = add()
    store.trash.put_job(job.id)
    jobs = store.jobs
    for ask in (jobs.get, jobs.pause, jobs.resume, jobs.cancel, jobs.retry, store.trash.put_job):
        with pytest.raises(NotFound):
            ask(job.id)
    assert store.jobs.list(ME) == store.history.search(ME) == []
    assert store.jobs.queued() == 0


@pytest.mark.parametrize(
    ("state", "back"),
    [(state, state) for state in ("done", "failed", "cancelled")]
    + [(state, "cancelled") for state in ("queued", "running", "paused")],
)
def test_comes_back_as_it_was_but_for_what_had_not_ended(store: Store, add: Add, state: str, back: str) -> None:
    job = add()
    with store.database.writing() as session:
        session.execute(update(JobRow).values(state=state))
    was = store.jobs.get(job.id)
    store.trash.put_job(job.id)
    restored = store.trash.restore_job(job.id)
    assert restored.state == back
    assert restored.seq > was.seq
    same = {"state", "seq", "place", "ended"}
    assert restored.model_dump(exclude=same) == was.model_dump(exclude=same)
    assert store.trash.restore_job(job.id) == restored  # it is not there any more: nothing happens


def test_a_run_does_not_come_back_into_a_comparison_that_is_full(store: Store, compare: Callable[..., Any]) -> None:
    comparison = compare(*[1] * MOST_RUNS)
    first = comparison.jobs[0].id
    store.trash.put_job(first)
    added = store.comparisons.add_run(comparison.id, "counting", find_method("counting").params())
    with pytest.raises(Conflict, match="its comparison is full: it has 16 runs"):
        store.trash.restore_job(first)
    store.trash.put_job(added.id)
    assert store.trash.restore_job(first).id == first
    assert store.trash.restore_job(first).id == first  # it is not there any more: nothing happens


def test_old_pictures_that_nothing_was_made_of_are_removed(store: Store, picture: str, add: Add, inline: Start) -> None:
    unused, compared, new = (store.pictures.add(ME, "p.png", store.pictures.pixels(picture)).id for _ in range(3))
    runs = [("counting", find_method("counting").params())]
    made = store.comparisons.add(ME, {"source": compared}, runs)
    store.trash.put_job(made.jobs[0].id)
    store.trash.purge(timedelta())  # and another run may be added
    store.trash.put_job(add().id)  # which was given the first picture, and can be had back
    assert store.pictures.purge(timedelta(hours=1)) == []
    with store.database.writing() as session:
        session.execute(update(PictureRow).where(PictureRow.id != new).values(created=datetime.now(UTC) - AGES))
    inline(rounds=1)
    assert not [key for key in store.blobs.sizes("pictures") if unused in key]
    with pytest.raises(NotFound):
        store.pictures.get(unused)
    for kept in (picture, compared, new):
        assert store.pictures.pixels(kept).shape == (48, 40, 3)


def test_a_running_job_is_cancelled_and_can_go_on(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=60)
    engine = inline(rounds=20)
    store.trash.put_job(job.id)
    engine.wake()
    assert isinstance([event for _, event in listener.events if event.job == job.id][-1], Deleted)
    restored = store.trash.restore_job(job.id)
    engine.wake()
    assert (restored.state, 0 < restored.number < 60) == ("cancelled", True)
    assert store.artifacts.exists(job.id, "result.png")
    told = [event.seq for _, event in listener.events if event.job == job.id]
    assert isinstance(listener.events[-1][1], Changed)
    assert told == sorted(set(told))
    assert store.jobs.retry(job.id).number == restored.number
    for _ in range(5):
        engine.wake()
    assert store.jobs.get(job.id).state == "done"


def test_a_comparison_goes_and_comes_back_with_its_runs(store: Store, compare: Callable[..., Any]) -> None:
    made = compare(5, 6, 7)
    store.trash.put_job(made.jobs[1].id)
    store.trash.put_comparison(made.id)
    with pytest.raises(NotFound):
        store.comparisons.get(made.id)
    with pytest.raises(NotFound):
        store.comparisons.add_run(made.id, "counting", find_method("counting").parse({}))
    assert store.jobs.list(ME) == store.history.search(ME) == []
    back = store.trash.restore_comparison(made.id)
    assert [job.params["steps"] for job in back.jobs] == [5, 7]  # the other one was put away by itself
    store.trash.restore_job(made.jobs[1].id)
    assert [job.params["steps"] for job in store.comparisons.get(made.id).jobs] == [5, 6, 7]


def test_a_run_does_not_come_back_without_its_comparison(store: Store, compare: Callable[..., Any]) -> None:
    made = compare(5)
    store.trash.put_comparison(made.id)
    with pytest.raises(Conflict, match="comparison"):
        store.trash.restore_job(made.jobs[0].id)


def test_purge_takes_what_was_put_away_long_ago_with_its_files(
    store: Store, add: Add, compare: Callable[..., Any]
) -> None:
    old, new, kept, made = add(), add(), add(), compare(5, 6)
    ids = [old.id, new.id, kept.id, *(job.id for job in made.jobs)]
    for id in ids:
        store.artifacts.put(id, "preview.jpg", b"picture")
    for job in (old, new):
        store.trash.put_job(job.id)
    store.trash.put_comparison(made.id)
    _put_away_long_ago(store, old.id, *(job.id for job in made.jobs))
    assert set(store.trash.purge(timedelta(days=30))) == {old.id, *(job.id for job in made.jobs)}
    assert set(store.blobs.names("jobs")) == {new.id, kept.id}
    assert store.trash.restore_job(new.id).id == new.id
    for call, id in ((store.trash.restore_job, old.id), (store.trash.restore_comparison, made.id)):
        with pytest.raises(NotFound):
            call(id)


def test_engine_empties_the_trash(store: Store, add: Add, inline: Start) -> None:
    jobs = [add(steps=2), add(steps=2)]
    inline()
    for job in jobs:
        store.trash.put_job(job.id)
    _put_away_long_ago(store, jobs[0].id)
    inline()
    assert store.blobs.names("jobs") == [jobs[1].id]


def test_a_shared_comparison_comes_back_unshared(store: Store, compare: Callable[..., Any]) -> None:
    made = compare(5)
    store.comparisons.share(made.id, True)
    store.trash.put_comparison(made.id)
    assert not store.trash.restore_comparison(made.id).shared


def test_with_a_clock_that_has_jumped_nothing_is_removed(
    store: Store, picture: str, monkeypatch: pytest.MonkeyPatch, add: Add, inline: Start
) -> None:
    job = add(steps=2)
    inline()
    store.trash.put_job(job.id)
    _put_away_long_ago(store, job.id)
    with store.database.writing() as session:
        session.execute(update(PictureRow).values(created=datetime.now(UTC) - AGES))
    now = time.time()
    monkeypatch.setattr("texture.jobs.store.calendar.time.time", lambda: now + 40 * 86_400)
    inline()
    assert store.pictures.get(picture).id == picture
    assert store.trash.restore_job(job.id).id == job.id


def _put_away_long_ago(store: Store, *jobs: str) -> None:
    then = datetime.now(UTC) - AGES
    with store.database.writing() as session:
        session.execute(update(JobRow).where(JobRow.id.in_(jobs)).values(trashed=then))
        session.execute(update(ComparisonRow).values(trashed=then))


def test_several_go_together_and_come_back_together(
    store: Store, add: Callable[..., Job], compare: Callable[..., Any]
) -> None:
    single, compared = add(), compare(1, 2, 3)
    first = compared.jobs[0].id
    store.trash.put([single.id, first, single.id], [compared.id])
    assert store.history.search(ME) == []
    store.trash.restore([single.id], [compared.id])
    assert {entry.id: len(entry.jobs) for entry in store.history.search(ME)} == {single.id: 1, compared.id: 3}


def test_of_several_all_are_dealt_with_or_none(
    store: Store, add: Callable[..., Job], compare: Callable[..., Any]
) -> None:
    single, compared = add(), compare(1)
    for jobs, comparisons in (([single.id, "nothing"], []), ([single.id], ["nothing"])):
        with pytest.raises(NotFound):
            store.trash.put(jobs, comparisons)
    assert len(store.history.search(ME)) == 2
    run = compared.jobs[0].id
    store.trash.put([single.id], [])
    store.trash.put([], [compared.id])
    with pytest.raises(Conflict, match="whole comparison"):
        store.trash.restore([single.id, run], [])
    assert store.history.search(ME) == []
