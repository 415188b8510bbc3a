"""Every write to a job's row is numbered and told by itself: whoever writes has nothing to remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from texture.jobs.domain.job import Job
from texture.jobs.scheduling.queue import JobQueue, Progress
from texture.jobs.store import Store
from texture.jobs.store.schema import JobRow

HALFWAY = Progress(5, 10, 0.5, 2.0, 1000, 2.0, {"loss": 1.0}, {"patch": 0.5})


@pytest.fixture
def job(store: Store, add: Callable[..., Job]) -> Job:
    """One that waits, with nothing left to tell."""
    job = add()
    store.database.changes.clear()
    return job


@pytest.fixture
def running(store: Store, job: Job) -> JobQueue:
    """The queue, with the job in the worker's hands and nothing left to tell."""
    queue = JobQueue(store)
    assert queue.take(job.id)
    store.database.changes.clear()
    return queue


def told(store: Store) -> list[str]:
    """What is to be told since it was asked last."""
    changes = list(store.database.changes)
    store.database.changes.clear()
    return changes


def follows(store: Store, number: int, before: int) -> bool:
    """Whether it is the next; a shared database's are moments, which only go up."""
    return number > before if store.database.is_shared else number == before + 1


def change(store: Store, job: str, **values: object) -> None:
    with store.database.writing() as session:
        row = session.get(JobRow, job)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_new_row_is_told_and_has_the_first_number(store: Store, add: Callable[..., Job]) -> None:
    job = add()
    assert follows(store, job.seq, 0)
    assert told(store) == [job.id]


def test_any_change_is_told_once_with_the_next_number(store: Store, job: Job) -> None:
    change(store, job.id, state="paused", message="rests", eta=None)
    assert told(store) == [job.id]
    assert follows(store, store.jobs.get(job.id).seq, job.seq)


def test_what_is_written_again_as_it_is_has_not_changed(store: Store, job: Job) -> None:
    change(store, job.id, state=job.state, losses={}, files=[])
    assert told(store) == []
    assert store.jobs.get(job.id) == job


def test_a_change_that_the_database_has_sent_before_the_end_is_told(store: Store, job: Job) -> None:
    with store.database.writing() as session:
        row = session.get(JobRow, job.id)
        assert row is not None
        row.message = "first"
        session.flush()
        row.message = "second"
    assert told(store) == [job.id]
    assert store.jobs.get(job.id).message == "second"


def test_what_is_undone_is_not_told(store: Store, job: Job) -> None:
    def pause_and_fail() -> None:
        with store.database.writing() as session:
            session.get(JobRow, job.id).state = "paused"
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        pause_and_fail()
    assert told(store) == []
    assert store.jobs.get(job.id) == job


def test_numbers_go_on_from_those_of_events_that_no_row_has_kept(store: Store, job: Job) -> None:
    newest = max(store.database.sequence.next(job.id) for _ in range(5))
    paused = store.jobs.pause(job.id).seq
    assert follows(store, paused, newest)
    assert follows(store, store.database.sequence.next(job.id), paused)


def test_mere_progress_is_numbered_and_left_to_the_events_of_steps(store: Store, job: Job, running: JobQueue) -> None:
    before = store.jobs.get(job.id).seq
    assert running.note(job.id, HALFWAY)
    noted = store.jobs.get(job.id)
    assert (noted.number, noted.memory, noted.metrics) == (5, 1000, {"patch": 0.5})
    assert follows(store, noted.seq, before)
    assert told(store) == []


@pytest.mark.parametrize(
    ("progress", "message"),
    [
        (HALFWAY, "went back to an earlier state"),
        (replace(HALFWAY, baselines={"patch": 0.1}), None),
        (replace(HALFWAY, files=["model.safetensors"]), None),
    ],
)
def test_what_no_step_tells_is_told_as_a_change(
    store: Store, job: Job, running: JobQueue, progress: Progress, message: str | None
) -> None:
    assert running.note(job.id, HALFWAY)
    assert running.note(job.id, progress, message=message)
    assert told(store) == [job.id]


def test_going_back_is_told(store: Store, job: Job, running: JobQueue) -> None:
    running.note(job.id, HALFWAY)
    running.rewind(job.id, replace(HALFWAY, seconds=1.9))
    assert told(store) == []  # taken up where it was
    running.rewind(job.id, replace(HALFWAY, number=3))
    assert told(store) == [job.id]


def test_times_and_reasons_of_those_that_wait_are_told(store: Store, add: Callable[..., Job], job: Job) -> None:
    queue, other = JobQueue(store), add()
    told(store)
    queue.expect({job.id: 10.0, other.id: 20.0})
    assert set(told(store)) == {job.id, other.id}
    queue.say(other.id, "waits for weights")
    assert told(store) == [other.id]


def test_what_lies_in_the_trash_tells_nothing_but_that_it_went_and_came(
    store: Store, job: Job, running: JobQueue
) -> None:
    store.trash.put_job(job.id)
    assert told(store) == [job.id]
    running.put_down(job.id, HALFWAY, "so far")
    assert told(store) == []
    assert store.trash.restore_job(job.id).number == 5
    assert told(store) == [job.id]
