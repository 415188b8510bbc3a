"""Names and stars, by which an owner tells jobs and comparisons apart."""

from __future__ import annotations

from texture.jobs.domain.job import Comparison, Job
from texture.jobs.store.comparisons import Comparisons, no_comparison
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs
from texture.jobs.store.queries import no_job
from texture.jobs.store.schema import ComparisonRow, JobRow


class Marks:
    """Gives names and stars, and takes them away. Call the engine's `wake()` afterwards, which publishes them."""

    def __init__(self, database: Database, jobs: Jobs, comparisons: Comparisons) -> None:
        self._database, self._jobs, self._comparisons = database, jobs, comparisons

    def job(self, job: str, name: str | None = None, star: bool | None = None) -> Job:
        """Mark a job. name: "" takes it away; what is None stays as it is. Raises NotFound."""
        with self._database.writing() as session:
            row = session.get(JobRow, job)
            if row is None or row.trashed is not None:
                raise no_job(job)
            _mark(row, name, star)
        return self._jobs.get(job)

    def comparison(self, comparison: str, name: str | None = None, star: bool | None = None) -> Comparison:
        """The same for a comparison. Raises NotFound."""
        with self._database.writing() as session:
            row = session.get(ComparisonRow, comparison)
            if row is None or row.trashed is not None:
                raise no_comparison(comparison)
            _mark(row, name, star)
        return self._comparisons.get(comparison)


def _mark(row: JobRow | ComparisonRow, name: str | None, star: bool | None) -> None:
    if name is not None:
        row.name = name or None
    if star is not None:
        row.star = star
