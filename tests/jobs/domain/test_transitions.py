"""Every move from every state, good and bad, as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from texture.errors import Conflict, NotFound
from texture.jobs.domain.job import Job, State
from texture.jobs.store import Store
from texture.jobs.store.schema import JobRow

STATES: tuple[State, ...] = ("queued", "running", "paused", "done", "failed", "cancelled")
TABLE = {  # move -> what each of STATES becomes; None: refused
    "pause": ("paused", "paused", None, None, None, None),
    "resume": (None, None, "queued", None, "queued", None),
    "cancel": ("cancelled", "cancelled", "cancelled", None, None, None),
    "retry": (None, None, None, None, "queued", "queued"),
}
CASES = [(move, start, end) for move, ends in TABLE.items() for start, end in zip(STATES, ends, strict=True)]


@pytest.mark.parametrize(("move", "start", "end"), CASES)
def test_move(store: Store, add: Callable[..., Job], move: str, start: State, end: State | None) -> None:
    job = force(store, add(), start)
    if end is None:
        with pytest.raises(Conflict, match=start):
            getattr(store.jobs, move)(job.id)
        assert store.jobs.get(job.id) == job
        return
    moved = getattr(store.jobs, move)(job.id)
    assert (moved.state, moved.seq > job.seq) == (end, True)
    assert store.jobs.get(job.id) == moved
    assert store.database.changes[-1] == job.id


@pytest.mark.parametrize("move", TABLE)
def test_move_of_nothing(store: Store, move: str) -> None:
    with pytest.raises(NotFound, match="nobody"):
        getattr(store.jobs, move)("nobody")


@pytest.mark.parametrize("state", STATES)
def test_thrown_away_from_every_state(store: Store, add: Callable[..., Job], state: State) -> None:
    job = force(store, add(), state)
    store.artifacts.put(job.id, "result.png", b"picture")
    store.trash.put_job(job.id)
    assert store.trash.purge(timedelta()) == [job.id]
    assert not store.blobs.sizes("jobs")
    with pytest.raises(NotFound):
        store.jobs.get(job.id)


def test_cancelling_sets_the_end_and_retrying_takes_it_back(store: Store, add: Callable[..., Job]) -> None:
    job = store.jobs.cancel(add().id)
    assert job.ended is not None
    assert job.ended.utcoffset() is not None
    assert store.jobs.retry(job.id).ended is None


def test_retry_without_a_checkpoint_starts_from_zero(store: Store, add: Callable[..., Job]) -> None:
    job = force(store, add(), "failed", number=7, seconds=3.0, losses={"distance": 1.0}, message="broke")
    again = store.jobs.retry(job.id)
    assert (again.number, again.seconds, again.losses, again.message) == (0, 0.0, {}, None)


def test_resumed_goes_to_the_end_of_the_queue(store: Store, add: Callable[..., Job]) -> None:
    first, second = add(), add()
    store.jobs.pause(first.id)
    assert store.jobs.get(second.id).place == 1
    assert store.jobs.resume(first.id).place == 2


def force(store: Store, job: Job, state: State, **values: object) -> Job:
    """Put a row into a state without asking how it came there."""
    with store.database.writing() as session:
        session.execute(update(JobRow).where(JobRow.id == job.id).values(state=state, **values))
    return store.jobs.get(job.id)
