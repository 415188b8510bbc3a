"""The outbox of a transaction: the rows of jobs that it changes, numbered and collected for the publisher."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from texture.jobs.store.schema import JobRow
from texture.jobs.store.sequence import Sequence


class Outbox:
    """Numbers every job row that `session` changes, and collects those to be published.

    jobs: their ids, each once, those that were changed together by age; final when the session is committed.
    """

    def __init__(self, session: Session, sequence: Sequence, untold: Collection[str] = ()) -> None:
        """untold: columns whose changes alone are not published."""
        self.jobs: dict[str, None] = {}
        self._sequence, self._untold = sequence, frozenset(untold)
        event.listen(session, "before_flush", self._collect)

    def _collect(self, session: Session, *_: Any) -> None:
        rows = [row for row in (*session.new, *session.dirty) if isinstance(row, JobRow)]
        for row in sorted(rows, key=lambda row: row.created):
            self._note(row)

    def _note(self, row: JobRow) -> None:
        changed = _changed_columns(row)
        if not changed or (row.trashed is not None and "trashed" not in changed):
            return  # a job in the trash has already been published as deleted
        row.seq = self._sequence.next(row.id, row.seq)
        if changed - self._untold:
            self.jobs[row.id] = None


def _changed_columns(row: JobRow) -> set[str]:
    return {attribute.key for attribute in inspect(row).attrs if attribute.history.has_changes()}
