"""The trash: what a user deletes is hidden at once, can be restored for a while, and is then removed permanently."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from texture.errors import Conflict, NotFound
from texture.jobs.domain.job import ENDED, Comparison, Job
from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.comparisons import MOST_RUNS, Comparisons, no_comparison
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs
from texture.jobs.store.queries import no_job
from texture.jobs.store.schema import ComparisonRow, JobRow
from texture.jobs.store.sequence import GAP


class Trash:
    """Deleting and restoring. Call the engine's `wake()` after either."""

    def __init__(self, database: Database, artifacts: Artifacts, jobs: Jobs, comparisons: Comparisons) -> None:
        self._database, self._artifacts, self._jobs, self._comparisons = database, artifacts, jobs, comparisons

    def put_job(self, job: str) -> None:
        """Hide a job everywhere; one that has not ended is cancelled first. Works on a full disk. Raises NotFound."""
        self._database.insistently(partial(self._put_job, job))

    def _put_job(self, job: str) -> None:
        with self._database.writing() as session:
            row = session.get(JobRow, job)
            if row is None or row.trashed is not None:
                raise no_job(job)
            _put_away(row, datetime.now(UTC))

    def restore_job(self, job: str) -> Job:
        """Restore a job from the trash; one that had not ended is cancelled now, and can be retried.

        Raises:
            NotFound: there is no such job, or it is gone for good.
            Conflict: it lies there with its whole comparison, or that has as many runs again as it can have.
        """
        with self._database.writing() as session:
            row = session.get(JobRow, job)
            if row is None:
                raise no_job(job)
            about = row.comparison and session.get(ComparisonRow, row.comparison)
            if about and about.trashed is not None:
                raise Conflict("the job's whole comparison is in the trash: restore that one")
            if about and row.trashed is not None and len(_runs(session, about.id, None)) >= MOST_RUNS:
                raise Conflict(f"its comparison is full: it has {MOST_RUNS} runs")
            _take_out(row)
        return self._jobs.get(job)

    def put_comparison(self, comparison: str) -> None:
        """Hide a comparison with all its runs; those that have not ended are cancelled first.

        It is nobody else's to look at any longer, also when it comes back. Works on a full disk. Raises NotFound.
        """
        self._database.insistently(partial(self._put_comparison, comparison))

    def _put_comparison(self, comparison: str) -> None:
        now = datetime.now(UTC)
        with self._database.writing() as session:
            about = session.get(ComparisonRow, comparison)
            if about is None or about.trashed is not None:
                raise no_comparison(comparison)
            about.trashed, about.shared = now, False
            for row in _runs(session, comparison, None):
                _put_away(row, now)

    def restore_comparison(self, comparison: str) -> Comparison:
        """Restore a comparison from the trash, with the runs that it had when it was deleted. Raises NotFound."""
        with self._database.writing() as session:
            about = session.get(ComparisonRow, comparison)
            if about is None:
                raise no_comparison(comparison)
            for row in _runs(session, comparison, about.trashed) if about.trashed else ():
                _take_out(row)
            about.trashed = None
        return self._comparisons.get(comparison)

    def has_made(self, owner: str, id: str) -> bool:
        """Whether this owner made the job or comparison of that id, even if it is in the trash."""
        with self._database.reading() as session:
            made = (session.get(JobRow, id), session.get(ComparisonRow, id))
        return any(row is not None and row.owner == owner for row in made)

    def purge(self, older_than: timedelta) -> list[str]:
        """Permanently remove, with their files, what was deleted longer ago. Returns the ids of the jobs."""
        gone = self._database.insistently(partial(self._delete, datetime.now(UTC) - older_than))
        for job in gone:
            self._artifacts.forget(job)
        return gone

    def expire(self, older_than: timedelta) -> None:
        """Put away the jobs that ended longer ago: single ones, and comparisons of which all runs did.

        Not what is shared, nor what a job that has not ended is given.
        """
        limit = datetime.now(UTC) - older_than
        with self._database.reading() as session:
            unended = session.scalars(select(JobRow.images).where(JobRow.state.not_in(ENDED)))
            given = {id for images in unended for id in images.values()}
            kept = JobRow.trashed.is_not(None) | JobRow.held | JobRow.state.not_in(ENDED) | (JobRow.ended >= limit)
            busy = select(JobRow.comparison).where(kept, JobRow.trashed.is_(None), JobRow.comparison.is_not(None))
            single = select(JobRow.id).where(~kept, JobRow.comparison.is_(None))
            whole = select(ComparisonRow.id).where(
                ComparisonRow.trashed.is_(None), ~ComparisonRow.shared, ComparisonRow.id.not_in(busy)
            )
            jobs, comparisons = list(session.scalars(single)), list(session.scalars(whole))
            runs = session.execute(select(JobRow.comparison, JobRow.id).where(JobRow.comparison.in_(comparisons)))
            given_from = {comparison for comparison, job in runs if job in given}
        for put, ids, needed in ((self.put_job, jobs, given), (self.put_comparison, comparisons, given_from)):
            for id in ids:
                if id not in needed:
                    with suppress(NotFound):  # put away by its owner in this very moment
                        put(id)

    def _delete(self, limit: datetime) -> list[str]:
        with self._database.writing() as session:
            old = JobRow.trashed < limit, ~JobRow.held  # the worker is about to release the claimed ones
            gone = list(session.scalars(select(JobRow.id).where(*old)))
            session.execute(delete(JobRow).where(*old))
            left = select(JobRow.id).where(JobRow.comparison == ComparisonRow.id).exists()
            session.execute(delete(ComparisonRow).where(ComparisonRow.trashed < limit, ~left))
        return gone


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
