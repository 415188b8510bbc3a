"""Retention: what ended longer ago than the setting says goes to the trash by itself.

An entry of the history goes as a whole: a single job, or a comparison of which all runs have ended. What is shared
stays, and so does an entry whose model an unfinished job uses.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, case, func, select

from texture.jobs.domain.job import ENDED
from texture.jobs.store.database import Database
from texture.jobs.store.schema import ComparisonRow, JobRow
from texture.jobs.store.trash import put_away
from texture.jobs.store.usage import Amount
from texture.settings import Settings

SOME = 100  # entries that go in one transaction
LONGEST = 1.0  # seconds that one call goes on
ENTRY = func.coalesce(JobRow.comparison, JobRow.id)

Entries = Select[str, datetime | None]


class Retention:
    """The retention of a store's jobs and comparisons; without the setting they are kept for ever."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._keep = None if settings.keep_days is None else timedelta(days=settings.keep_days)
        self._database = database

    def expires(self, ids: Collection[str]) -> dict[str, datetime]:
        """When each of these jobs and comparisons goes to the trash by itself; those that are kept are not in it."""
        if self._keep is None:
            return {}
        with self._database.reading() as session:
            entry_of = {row.id: row.comparison or row.id for row in session.execute(_named(ids))}
            entries = {entry_of.get(id, id) for id in ids}
            among = JobRow.id.in_(entries) | JobRow.comparison.in_(entries)
            ended = {row.entry: row.ended for row in session.execute(_at_rest().where(among)) if row.ended}
        return {id: ended[entry] + self._keep for id in ids if (entry := entry_of.get(id, id)) in ended}

    def expired(self) -> Amount:
        """The jobs that `expire` would put away."""
        if self._keep is None:
            return Amount()
        entries = _ended_before(datetime.now(UTC) - self._keep).subquery()
        jobs = select(func.count(), func.coalesce(func.sum(JobRow.bytes), 0))
        with self._database.reading() as session:
            there = jobs.where(JobRow.trashed.is_(None), ENTRY.in_(select(entries.c.entry)))
            return Amount(*session.execute(there).one())

    def expire(self) -> None:
        """Put away what has expired; of very much only some, as running jobs wait for it: the rest the next time."""
        until = time.monotonic() + LONGEST
        while self._keep is not None and self._database.insistently(self._expire_some):
            if time.monotonic() > until:
                break

    def _expire_some(self) -> bool:
        """Put some away, chosen in the same transaction: none that is resumed or shared just then is among them."""
        assert self._keep is not None
        now = datetime.now(UTC)
        limit = now - self._keep
        with self._database.writing() as session:
            found = [row.entry for row in session.execute(_ended_before(limit).limit(SOME))]
            found += session.scalars(_emptied(limit).limit(SOME))
            for entry in found:
                put_away(session, entry, now)
        return bool(found)


def _at_rest() -> Entries:
    """The entries that may expire, each with the moment at which the last of its runs ended."""
    given = select(JobRow.images["model"].as_string()).where(JobRow.state.not_in(ENDED))
    moving = JobRow.state.not_in(ENDED) | JobRow.held | JobRow.id.in_(given)
    return (
        select(ENTRY.label("entry"), func.max(JobRow.ended).label("ended"))
        .outerjoin(ComparisonRow, JobRow.comparison == ComparisonRow.id)
        .where(JobRow.trashed.is_(None))
        .group_by(ENTRY)
        .having(func.max(case((moving | ComparisonRow.shared, 1), else_=0)) == 0)
    )


def _ended_before(limit: datetime) -> Entries:
    return _at_rest().having(func.max(JobRow.ended) < limit)


def _emptied(limit: datetime) -> Select[str]:
    """The comparisons of which every run was deleted by itself."""
    runs = select(JobRow.id).where(JobRow.comparison == ComparisonRow.id, JobRow.trashed.is_(None))
    there = ComparisonRow.trashed.is_(None), ~ComparisonRow.shared, ComparisonRow.created < limit
    return select(ComparisonRow.id).where(*there, ~runs.exists())


def _named(ids: Collection[str]) -> Select[str, str | None]:
    return select(JobRow.id, JobRow.comparison).where(JobRow.id.in_(ids))
