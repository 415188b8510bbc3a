"""The sequence numbers of a job's events."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from texture.jobs.store.queries import no_job
from texture.jobs.store.schema import JobRow

GAP = 1_000  # more than the events that can go out between two writes of a row (a second or so)


class Sequence:
    """Hands out increasing numbers for each job. They are counted in memory; each write of a row stores the newest.

    A crash loses the last few, so a process goes on at GAP beyond what it finds in a row.

    Where several processes number the events of one job, a clock that they share does it: a number is the millisecond
    in which the event happened, or one more than the last.
    """

    def __init__(self, reading: Callable[[], Session], clock: Callable[[], int] | None = None) -> None:
        """reading: makes sessions to look up what the rows have kept. clock: in milliseconds, where it is shared."""
        self._reading, self._clock = reading, clock
        self._newest: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, job: str, kept: int | None = None) -> int:
        """The next number of this job, above `kept`, what its row has; it is looked up where that is not said.

        Raises:
            NotFound: nothing is kept of it, or it lies in the trash, and that has been told.
        """
        with self._lock:
            newest = self._newest.get(job)
            if kept is None:
                kept = self._kept(job) if newest is None else newest
            if newest is None:
                newest = kept + GAP if kept and not self._clock else 0  # 0: nothing has been told of it, or by others
            number = self._newest[job] = max(1 + max(kept, newest), self._clock() if self._clock else 0)
            return number

    def forget(self, job: str) -> None:
        """Forget a deleted job."""
        with self._lock:
            self._newest.pop(job, None)

    def _kept(self, job: str) -> int:
        """The newest number stored in the row; a job in the trash has no events."""
        with self._reading() as session:
            kept = session.scalar(select(JobRow.seq).where(JobRow.id == job, JobRow.trashed.is_(None)))
        if kept is None:
            raise no_job(job)
        return kept
