"""What all parts of the store work with: the folder's files, its database, and the numbers of the jobs' events."""

from __future__ import annotations

from collections import deque

from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from texture.errors import NotFound
from texture.jobs.store.database import for_writing, open_database
from texture.jobs.store.files import Files
from texture.jobs.store.schema import JobRow
from texture.jobs.store.sequence import Sequence
from texture.settings import Settings


class Tables:
    """The opened data folder. Every method may be called from any thread, and blocks on the disk."""

    def __init__(self, settings: Settings) -> None:
        """Open the folder's database, made or brought up to date where needed.

        Raises:
            SetupProblem: the folder or the database cannot be used; the text says why.
        """
        self.files = Files(settings.data)
        self._engine = open_database(self.files.database)
        self.reading = sessionmaker(self._engine, expire_on_commit=False)
        self.writing = sessionmaker(for_writing(self._engine), expire_on_commit=False)
        self.sequence = Sequence(self._kept_seq)
        self.changes: deque[str] = deque()  # ids of jobs whose rows have changed, not yet told

    def close(self) -> None:
        """Close the database's connections."""
        self._engine.dispose()

    def _kept_seq(self, job: str) -> int:
        """The newest number that the row has kept; a job in the trash tells nothing."""
        with self.reading() as session:
            kept = session.scalar(select(JobRow.seq).where(JobRow.id == job, JobRow.trashed.is_(None)))
        if kept is None:
            raise no_job(job)
        return kept


def no_job(job: str) -> NotFound:
    """The error for a job that is not there, or not for whoever asks."""
    return NotFound(f"job {job!r}: there is none of that id")
