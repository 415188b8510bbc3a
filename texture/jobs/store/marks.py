"""Names and stars, by which an owner tells jobs and comparisons apart."""

from __future__ import annotations

from texture.jobs.domain.job import Comparison, Job
from texture.jobs.store.comparisons import Comparisons, comparison_row
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs
from texture.jobs.store.queries import job_row
from texture.jobs.store.schema import ComparisonRow, JobRow


class Marks:
    """Gives names and stars, and takes them away. Call the engine's `wake()` afterwards, which publishes them."""

    def __init__(self, database: Database, jobs: Jobs, comparisons: Comparisons) -> None:
        self._database, self._jobs, self._comparisons = database, jobs, comparisons

    def job(self, job: str, name: str | None = None, star: bool | None = None) -> Job:
        """Mark a job. name: "" takes it away; what is None stays as it is. Raises NotFound."""
        with self._database.writing() as session:
            _mark(job_row(session, job), name, star)
        return self._jobs.get(job)

    def comparison(self, comparison: str, name: str | None = None, star: bool | None = None) -> Comparison:
        """The same for a comparison. Raises NotFound."""
        with self._database.writing() as session:
            _mark(comparison_row(session, comparison), name, star)
        return self._comparisons.get(comparison)


def _mark(row: JobRow | ComparisonRow, name: str | None, star: bool | None) -> None:
    if name is not None:
        row.name = name or None
    if star is not None:
        row.star = star
