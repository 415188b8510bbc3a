"""What ended long ago goes to the trash by itself, told beforehand; what runs, is shared or is used does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from texture.errors import NotFound
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.retention import Retention
from texture.jobs.store.schema import ComparisonRow, JobRow
from texture.settings import Settings

ME = "me"
Add = Callable[..., Job]
Start = Callable[..., Inline]
DAYS = timedelta(days=30)
THEN = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"keep_days": DAYS.days})


def end(store: Store, *jobs: str, when: datetime = THEN) -> None:
    with store.database.writing() as session:
        session.execute(update(JobRow).where(JobRow.id.in_(jobs)).values(state="done", ended=when, bytes=1000))


def ids(*comparisons: Any) -> list[str]:
    return [job.id for comparison in comparisons for job in comparison.jobs]


def kept(store: Store) -> set[str]:
    return {job.id for job in store.jobs.list(ME)}


def test_what_ended_long_ago_goes_whole_and_can_be_restored(
    store: Store, add: Add, compare: Callable[..., Any]
) -> None:
    old, new, made, half = add(), add(), compare(5, 6), compare(5, 6)
    end(store, old.id, *ids(made), half.jobs[0].id)
    end(store, new.id, when=datetime.now(UTC))
    assert (store.retention.expired().count, store.retention.expired().bytes) == (3, 3000)
    store.retention.expire()
    assert kept(store) == {new.id, *ids(half)}
    assert store.trash.restore_job(old.id).state == "done"
    assert len(store.trash.restore_comparison(made.id).jobs) == 2


@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_what_has_not_ended_stays_however_old(store: Store, add: Add, compare: Callable[..., Any], state: str) -> None:
    single, made = add(), compare(5, 6)
    end(store, made.jobs[0].id)
    with store.database.writing() as session:
        session.execute(update(JobRow).where(JobRow.state != "done").values(state=state, created=THEN))
    store.retention.expire()
    assert kept(store) == {single.id, *ids(made)}
    assert store.retention.expires([single.id, made.id]) == {}


def test_what_the_worker_has_not_released_stays(store: Store, add: Add) -> None:
    job = add()
    end(store, job.id)
    with store.database.writing() as session:
        session.execute(update(JobRow).values(held=True))
    store.retention.expire()
    assert kept(store) == {job.id}


def test_what_is_shared_stays_until_it_no_longer_is(store: Store, compare: Callable[..., Any]) -> None:
    made = compare(5, 6)
    end(store, *ids(made))
    store.comparisons.share(made.id, True)
    store.retention.expire()
    assert kept(store) == set(ids(made))
    assert store.retention.expires([made.id, *ids(made)]) == {}
    store.comparisons.share(made.id, False)
    store.retention.expire()
    assert kept(store) == set()


def test_a_model_stays_while_an_unfinished_job_uses_it(store: Store, add: Add, compare: Callable[..., Any]) -> None:
    trained, compared, user, other = add(), compare(5, 6), add(), add()
    end(store, trained.id, *ids(compared))
    with store.database.writing() as session:
        for job, model in ((user.id, trained.id), (other.id, compared.jobs[1].id)):
            session.execute(update(JobRow).where(JobRow.id == job).values(images={"model": model}))
    store.retention.expire()
    assert kept(store) == {trained.id, *ids(compared), user.id, other.id}
    assert store.retention.expires([trained.id, compared.id]) == {}
    end(store, user.id, other.id, when=datetime.now(UTC))
    store.retention.expire()
    assert kept(store) == {user.id, other.id}


def test_when_an_entry_will_go_is_known(store: Store, add: Add, compare: Callable[..., Any]) -> None:
    now = datetime.now(UTC)
    job, made = add(), compare(5, 6)
    end(store, job.id, made.jobs[0].id, when=now - timedelta(days=3))
    end(store, made.jobs[1].id, when=now)
    told = store.retention.expires([job.id, made.id, made.jobs[0].id, "0" * 32])
    assert told == {
        job.id: now - timedelta(days=3) + DAYS,
        made.id: now + DAYS,  # with the last of its runs
        made.jobs[0].id: now + DAYS,
    }


def test_a_comparison_without_runs_goes_too(store: Store, compare: Callable[..., Any]) -> None:
    made, new = compare(5), compare(5)
    for job in ids(made, new):
        store.trash.put_job(job)
    with store.database.writing() as session:
        session.execute(update(ComparisonRow).where(ComparisonRow.id == made.id).values(created=THEN))
    store.retention.expire()
    assert store.comparisons.get(new.id).jobs == []
    with pytest.raises(NotFound):
        store.comparisons.get(made.id)


def test_more_go_than_one_transaction_takes(store: Store, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texture.jobs.store.retention.SOME", 2)
    end(store, *(add().id for _ in range(5)))
    store.retention.expire()
    assert kept(store) == set()


def test_of_very_many_some_go_each_time(store: Store, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texture.jobs.store.retention.SOME", 2)
    monkeypatch.setattr("texture.jobs.store.retention.LONGEST", 0.0)
    end(store, *(add().id for _ in range(5)))
    for left in (3, 1, 0):
        store.retention.expire()
        assert len(kept(store)) == left


def test_the_engine_expires_them_and_a_shared_one_stays(
    store: Store, add: Add, compare: Callable[..., Any], inline: Start
) -> None:
    job, made = add(steps=2), compare(2, 3)
    store.comparisons.share(made.id, True)
    inline()
    end(store, job.id, *ids(made))
    inline()
    assert kept(store) == set(ids(made))
    with store.database.reading() as session:
        assert session.get_one(ComparisonRow, made.id).shared


def test_nothing_expires_without_the_setting(settings: Settings, store: Store, add: Add) -> None:
    job = add()
    end(store, job.id)
    forever = Retention(settings.model_copy(update={"keep_days": None}), store.database)
    forever.expire()
    assert kept(store) == {job.id}
    assert forever.expires([job.id]) == {}
    assert forever.expired().count == 0
