"""The history: every comparison and every single job, in one list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from texture.errors import NotFound
from texture.jobs.domain.job import Entry, Job
from texture.jobs.store.database import Database, has_text
from texture.jobs.store.queries import every_job, select_jobs
from texture.jobs.store.schema import ComparisonRow, JobRow

MOST_ENTRIES = 200  # in one answer


class History:
    """Searches what an owner has made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self,
        owner: str,
        *,
        method: str | None = None,
        exemplar: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Entry]:
        """Comparisons and single jobs of an owner, newest first.

        method: only those with a run of this method. exemplar: only those whose exemplar's name contains this,
        ignoring case. before: only those older than this entry. limit: 1..200.

        Raises:
            NotFound: there is no entry `before`.
        """
        listed = union_all(_singles(owner, method, exemplar), _comparisons(owner, method, exemplar)).subquery()
        moment = tuple_(listed.c.created, listed.c.id)
        query = select(listed).order_by(listed.c.created.desc(), listed.c.id.desc())
        with self._database.reading() as session:
            if before is not None:
                query = query.where(moment < (_created(session, owner, before), before))
            found = session.execute(query.limit(max(1, min(limit, MOST_ENTRIES)))).all()
            return _entries(session, found)


Line = Select[str, str, str, Any]


def _singles(owner: str, method: str | None, exemplar: str | None) -> Line:
    query = select(literal("job").label("kind"), JobRow.id, JobRow.exemplar, JobRow.created)
    query = query.where(JobRow.owner == owner, JobRow.trashed.is_(None), JobRow.comparison.is_(None))
    if method is not None:
        query = query.where(JobRow.method == method)
    return query if exemplar is None else query.where(has_text(JobRow.exemplar, exemplar))


def _comparisons(owner: str, method: str | None, exemplar: str | None) -> Line:
    """Those that still have a run, of this method if one is given."""
    runs = select(JobRow.id).where(JobRow.comparison == ComparisonRow.id, JobRow.trashed.is_(None))
    if method is not None:
        runs = runs.where(JobRow.method == method)
    query = select(literal("comparison"), ComparisonRow.id, ComparisonRow.exemplar, ComparisonRow.created)
    query = query.where(ComparisonRow.owner == owner, ComparisonRow.trashed.is_(None), runs.exists())
    return query if exemplar is None else query.where(has_text(ComparisonRow.exemplar, exemplar))


def _created(session: Session, owner: str, entry: str) -> Any:
    """When an entry was created; it may be in the trash by now."""
    for row in (session.get(JobRow, entry), session.get(ComparisonRow, entry)):
        if row is not None and row.owner == owner:
            return row.created
    raise NotFound(f"entry {entry!r}: no such entry")


def _entries(session: Session, found: Any) -> list[Entry]:
    ids = [line.id for line in found]
    jobs = select_jobs(session, every_job().where(JobRow.id.in_(ids) | JobRow.comparison.in_(ids)))
    belonging: dict[str, list[Job]] = {id: [] for id in ids}
    for job in sorted(jobs, key=lambda job: (job.created, job.id)):
        belonging[job.comparison or job.id].append(job)
    return [_entry(line, belonging[line.id]) for line in found]


def _entry(line: Row[Any], jobs: list[Job]) -> Entry:
    return Entry(kind=line.kind, id=line.id, exemplar=line.exemplar, created=line.created, jobs=jobs)
