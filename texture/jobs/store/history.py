"""The history: every comparison and every single job, in one list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from texture.errors import NotFound
from texture.jobs.domain.job import Entry, Job, State
from texture.jobs.domain.labels import settings
from texture.jobs.store.database import Database
from texture.jobs.store.queries import every_job, select_jobs
from texture.jobs.store.schema import ComparisonRow, JobRow

PARTS = re.compile(r"[^\s·,]+(?:\s+\d\S*(?!\S))?")  # words, each with the number behind it: "clay", "seed 3"
MOST_ENTRIES = 200  # in one answer
LOOKED_THROUGH = 500  # entries whose texts are looked through at a time


@dataclass(frozen=True)
class Wanted:
    """What is asked for; None asks for nothing.

    text: parts, ignoring case, of an entry's name, its exemplar's, and the method and settings of a job or of one run
    of a comparison: "clay match seed 3" asks for all three, and seed 30 is another seed. exemplar: of the second only.
    method, state: of a job, or of one run of a comparison. starred: only what its owner has marked, or a run of it.
    """

    text: str | None = None
    exemplar: str | None = None
    method: str | None = None
    state: State | None = None
    starred: bool = False


class History:
    """Searches what an owner has made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self, owner: str, wanted: Wanted | None = None, *, before: str | None = None, limit: int = 50
    ) -> list[Entry]:
        """Comparisons and single jobs of an owner, newest first.

        before: only those older than this entry. limit: 1..200.

        Raises:
            NotFound: there is no entry `before`.
        """
        asked, limit = wanted or Wanted(), max(1, min(limit, MOST_ENTRIES))
        with self._database.reading() as session:
            after = None if before is None else (_created(session, owner, before), before)
            at_once = LOOKED_THROUGH if asked.text or asked.exemplar else limit
            return _entries(session, list(islice(_found(session, owner, asked, after, at_once), limit)))


def _found(
    session: Session, owner: str, wanted: Wanted, after: tuple[Any, str] | None, at_once: int
) -> Iterator[Row[Any]]:
    """The lines of all entries that are wanted, newest first, those behind `after`; read `at_once` at a time.

    No database knows what a card says of settings, nor every letter's capital: so texts are compared here.
    """
    listed = union_all(_singles(owner, wanted), _comparisons(owner, wanted)).subquery()
    moment = tuple_(listed.c.created, listed.c.id)
    query = select(listed).order_by(listed.c.created.desc(), listed.c.id.desc()).limit(at_once)
    while True:
        lines = session.execute(query if after is None else query.where(moment < after)).all()
        yield from _having_text(session, lines, wanted)
        if len(lines) < at_once:
            return
        after = lines[-1].created, lines[-1].id


def _having_text(session: Session, lines: Sequence[Row[Any]], wanted: Wanted) -> Iterator[Row[Any]]:
    parts = PARTS.findall((wanted.text or "").casefold())
    runs = _runs(session, [line.id for line in lines]) if parts else {}
    for line in lines:
        if (wanted.exemplar or "").casefold() in line.exemplar.casefold():
            cards = [_Card(line.exemplar, line.name), *runs.get(line.id, ())]
            if all(any(card.has(part) for card in cards) for part in parts):
                yield line


def _runs(session: Session, entries: list[str]) -> dict[str, list[_Card]]:
    """By entry: what the cards say of a job, or of the runs of a comparison."""
    belonging = JobRow.id.in_(entries) | JobRow.comparison.in_(entries)
    columns = select(JobRow.id, JobRow.comparison, JobRow.method, JobRow.params, JobRow.name)
    found: dict[str, list[_Card]] = {}
    for id, comparison, method, params, name in session.execute(columns.where(belonging, JobRow.trashed.is_(None))):
        found.setdefault(comparison or id, []).append(_Card(name, settings=settings(method, params)))
    return found


class _Card:
    """What is said of an entry, or of one run."""

    def __init__(self, *names: str | None, settings: Sequence[str] = ()) -> None:
        self._names = [name.casefold() for name in names if name]
        self._settings = "".join(f"{words}." for words in settings).casefold()

    def has(self, part: str) -> bool:
        """Whether a name or a setting contains this part: "match", "seed 3", which seed 30 is not."""
        whole = f"{part}." if part[-1].isdigit() else part
        return whole in self._settings or any(part in name for name in self._names)


Line = Select[*tuple[Any, ...]]


def _singles(owner: str, wanted: Wanted) -> Line:
    query = _narrowed(_lines("job", JobRow), JobRow, wanted).where(JobRow.owner == owner, JobRow.trashed.is_(None))
    return _done_so(query.where(JobRow.comparison.is_(None)), wanted)


def _comparisons(owner: str, wanted: Wanted) -> Line:
    """Those that still have a run, of this method and in this state if one is given."""
    runs = select(JobRow.id).where(JobRow.comparison == ComparisonRow.id, JobRow.trashed.is_(None))
    query = _narrowed(_lines("comparison", ComparisonRow), ComparisonRow, wanted)
    there = ComparisonRow.owner == owner, ComparisonRow.trashed.is_(None)
    return query.where(*there, _done_so(runs, wanted).exists())


def _lines(kind: str, table: type[JobRow] | type[ComparisonRow]) -> Line:
    return select(literal(kind).label("kind"), table.id, table.exemplar, table.name, table.star, table.created)


def _narrowed(query: Line, table: type[JobRow] | type[ComparisonRow], wanted: Wanted) -> Line:
    """By what is said of a whole entry, but for its texts."""
    return query.where(table.star | _has_starred(table)) if wanted.starred else query


def _has_starred(table: type[JobRow] | type[ComparisonRow]) -> ColumnElement[bool]:
    run = aliased(JobRow)
    return select(run.id).where(_belongs(run, table), run.star).exists()


def _belongs(run: type[JobRow], table: type[JobRow] | type[ComparisonRow]) -> ColumnElement[bool]:
    """Whether a job is the entry, or one of its runs."""
    return (run.id == table.id if table is JobRow else run.comparison == table.id) & run.trashed.is_(None)


def _done_so(query: Select[Any], wanted: Wanted) -> Select[Any]:
    """By what is said of a single job."""
    if wanted.method is not None:
        query = query.where(JobRow.method == wanted.method)
    return query if wanted.state is None else query.where(JobRow.state == wanted.state)


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
    return Entry(**line._asdict(), jobs=jobs)
