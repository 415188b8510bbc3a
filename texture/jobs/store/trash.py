"""The trash: what a person has put away is hidden at once, can be had back for a while, and then goes for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from texture.errors import Conflict
from texture.jobs.domain.job import ENDED, Comparison, Job
from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.comparisons import MOST_RUNS, Comparisons, no_comparison
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs
from texture.jobs.store.queries import no_job
from texture.jobs.store.schema import ComparisonRow, JobRow
from texture.jobs.store.sequence import GAP


class Trash:
    """Putting away, and taking out again. Call the engine's `wake()` after either."""

    def __init__(self, database: Database, artifacts: Artifacts, jobs: Jobs, comparisons: Comparisons) -> None:
        self._database, self._artifacts, self._jobs, self._comparisons = database, artifacts, jobs, comparisons

    def put_job(self, job: str) -> None:
        """Hide a job everywhere; one that has not ended is cancelled first. Raises NotFound."""
        with self._database.writing() as session:
            row = session.get(JobRow, job)
            if row is None or row.trashed is not None:
                raise no_job(job)
            _put_away(row, datetime.now(UTC))

    def restore_job(self, job: str) -> Job:
        """Take a job out of the trash; what had not ended is cancelled now, and can be tried again.

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
        """Hide a comparison with all its runs; those that have not ended are cancelled first. Raises NotFound."""
        now = datetime.now(UTC)
        with self._database.writing() as session:
            about = session.get(ComparisonRow, comparison)
            if about is None or about.trashed is not None:
                raise no_comparison(comparison)
            about.trashed = now
            for row in _runs(session, comparison, None):
                _put_away(row, now)

    def restore_comparison(self, comparison: str) -> Comparison:
        """Take a comparison out of the trash, with those runs that it had when it was put there. Raises NotFound."""
        with self._database.writing() as session:
            about = session.get(ComparisonRow, comparison)
            if about is None:
                raise no_comparison(comparison)
            for row in _runs(session, comparison, about.trashed) if about.trashed else ():
                _take_out(row)
            about.trashed = None
        return self._comparisons.get(comparison)

    def has_made(self, owner: str, id: str) -> bool:
        """Whether this owner has made the job or comparison of that id, be it in the trash."""
        with self._database.reading() as session:
            made = (session.get(JobRow, id), session.get(ComparisonRow, id))
        return any(row is not None and row.owner == owner for row in made)

    def purge(self, older_than: timedelta) -> list[str]:
        """Remove for good, with their files, what was put away longer ago; the ids of the jobs."""
        limit = datetime.now(UTC) - older_than
        with self._database.writing() as session:
            old = JobRow.trashed < limit, ~JobRow.held  # the worker is about to put the held ones down
            gone = list(session.scalars(select(JobRow.id).where(*old)))
            session.execute(delete(JobRow).where(*old))
            left = select(JobRow.id).where(JobRow.comparison == ComparisonRow.id).exists()
            session.execute(delete(ComparisonRow).where(ComparisonRow.trashed < limit, ~left))
        for job in gone:
            self._artifacts.forget(job)
        return gone


def _put_away(row: JobRow, now: datetime) -> None:
    if row.state not in ENDED:
        row.state, row.ended, row.eta = "cancelled", now, None
    row.trashed = now


def _take_out(row: JobRow) -> None:
    if row.trashed is not None:
        row.trashed, row.seq = None, row.seq + GAP  # beyond the event that told that it was gone


def _runs(session: Session, comparison: str, trashed: datetime | None) -> list[JobRow]:
    """The runs that were put away at that moment; None: those that were not."""
    when = JobRow.trashed.is_(None) if trashed is None else JobRow.trashed == trashed
    return list(session.scalars(select(JobRow).where(JobRow.comparison == comparison, when)))
