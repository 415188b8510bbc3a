"""The trash: what a user deletes is hidden at once, can be restored for a while, and is then removed permanently."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from texture.errors import Conflict
from texture.jobs.domain.job import ENDED, Comparison, Job
from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.comparisons import MOST_RUNS, Comparisons, no_comparison
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs
from texture.jobs.store.queries import job_row, no_job
from texture.jobs.store.schema import ComparisonRow, JobRow
from texture.jobs.store.sequence import GAP
from texture.jobs.store.usage import Amount


class Trash:
    """Deleting and restoring. Call the engine's `wake()` after either."""

    def __init__(self, database: Database, artifacts: Artifacts, jobs: Jobs, comparisons: Comparisons) -> None:
        self._database, self._artifacts, self._jobs, self._comparisons = database, artifacts, jobs, comparisons

    def put_job(self, job: str) -> None:
        """Hide a job everywhere; one that has not ended is cancelled first. Works on a full disk. Raises NotFound."""
        self.put((job,), ())

    def put(self, jobs: Iterable[str], comparisons: Iterable[str]) -> None:
        """Hide all of these at once, or where one of them is not there, none. Works on a full disk. Raises NotFound."""
        self._database.insistently(partial(self._put, list(jobs), list(comparisons)))

    def _put(self, jobs: Iterable[str], comparisons: Iterable[str]) -> None:
        now = datetime.now(UTC)
        with self._database.writing() as session:
            for job in dict.fromkeys(jobs):
                _put_job(session, job, now)
            for comparison in dict.fromkeys(comparisons):
                _put_comparison(session, comparison, now)

    def restore(self, jobs: Iterable[str], comparisons: Iterable[str]) -> None:
        """Restore all of these at once, or where one of them cannot be, none. Raises NotFound, Conflict."""
        with self._database.writing() as session:
            for comparison in dict.fromkeys(comparisons):
                _restore_comparison(session, comparison)
            for job in dict.fromkeys(jobs):
                _restore_job(session, job)

    def restore_job(self, job: str) -> Job:
        """Restore a job from the trash; one that had not ended is cancelled now, and can be retried.

        Raises:
            NotFound: there is no such job, or it is gone for good.
            Conflict: it lies there with its whole comparison, or that has as many runs again as it can have.
        """
        self.restore((job,), ())
        return self._jobs.get(job)

    def put_comparison(self, comparison: str) -> None:
        """Hide a comparison with all its runs; those that have not ended are cancelled first.

        It is nobody else's to look at any longer, also when it comes back. Works on a full disk. Raises NotFound.
        """
        self.put((), (comparison,))

    def restore_comparison(self, comparison: str) -> Comparison:
        """Restore a comparison from the trash, with the runs that it had when it was deleted. Raises NotFound."""
        self.restore((), (comparison,))
        return self._comparisons.get(comparison)

    def has_made(self, owner: str, id: str) -> bool:
        """Whether this owner made the job or comparison of that id, even if it is in the trash."""
        with self._database.reading() as session:
            made = (session.get(JobRow, id), session.get(ComparisonRow, id))
        return any(row is not None and row.owner == owner for row in made)

    def old(self, older_than: timedelta) -> Amount:
        """The jobs that `purge` would remove."""
        jobs = select(func.count(), func.coalesce(func.sum(JobRow.bytes), 0))
        with self._database.reading() as session:
            return Amount(*session.execute(jobs.where(*_older(datetime.now(UTC) - older_than))).one())

    def purge(self, older_than: timedelta) -> list[str]:
        """Permanently remove, with their files, what was deleted longer ago. Returns the ids of the jobs."""
        gone = self._database.insistently(partial(self._delete, datetime.now(UTC) - older_than))
        for job in gone:
            self._artifacts.forget(job)
        return gone

    def _delete(self, limit: datetime) -> list[str]:
        with self._database.writing() as session:
            gone = list(session.scalars(select(JobRow.id).where(*_older(limit))))
            session.execute(delete(JobRow).where(*_older(limit)))
            left = select(JobRow.id).where(JobRow.comparison == ComparisonRow.id).exists()
            session.execute(delete(ComparisonRow).where(ComparisonRow.trashed < limit, ~left))
        return gone


def _put_job(session: Session, job: str, now: datetime) -> None:
    job_row(session, job)
    put_away(session, job, now)


def _put_comparison(session: Session, comparison: str, now: datetime) -> None:
    about = session.get(ComparisonRow, comparison)
    if about is None or about.trashed is not None:
        raise no_comparison(comparison)
    put_away(session, comparison, now)


def _restore_job(session: Session, job: str) -> None:
    row = session.get(JobRow, job)
    if row is None:
        raise no_job(job)
    about = row.comparison and session.get(ComparisonRow, row.comparison)
    if about and about.trashed is not None:
        raise Conflict("the job's whole comparison is in the trash: restore that one")
    if about and row.trashed is not None and len(_runs(session, about.id, None)) >= MOST_RUNS:
        raise Conflict(f"its comparison is full: it has {MOST_RUNS} runs")
    _take_out(row)


def _restore_comparison(session: Session, comparison: str) -> None:
    about = session.get(ComparisonRow, comparison)
    if about is None:
        raise no_comparison(comparison)
    for row in _runs(session, comparison, about.trashed) if about.trashed else ():
        _take_out(row)
    about.trashed = None


def put_away(session: Session, id: str, now: datetime) -> None:
    """Put a job, or a comparison with all its runs, into the trash, within a transaction."""
    about = session.get(ComparisonRow, id)
    if about is not None:
        about.trashed, about.shared = now, False
    for row in _runs(session, id, None) if about else (session.get_one(JobRow, id),):
        _put_away(row, now)


def _older(limit: datetime) -> tuple[ColumnElement[bool], ...]:
    return JobRow.trashed < limit, ~JobRow.held  # the worker is about to release the claimed ones


def _put_away(row: JobRow, now: datetime) -> None:
    if row.state not in ENDED:
        row.state, row.ended, row.eta = "cancelled", now, None
    row.trashed = now


def _take_out(row: JobRow) -> None:
    if row.trashed is not None:
        row.trashed, row.seq = None, row.seq + GAP  # beyond the event that published its deletion


def _runs(session: Session, comparison: str, trashed: datetime | None) -> list[JobRow]:
    """The runs that were deleted at that moment; None: those that were not."""
    when = JobRow.trashed.is_(None) if trashed is None else JobRow.trashed == trashed
    return list(session.scalars(select(JobRow).where(JobRow.comparison == comparison, when)))
