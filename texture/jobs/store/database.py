"""The database: opened for many threads, and written to by one after the other.

What each kind says in words of its own stands in `sqlite` and `postgres`; another one would be put beside them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from texture.errors import SetupProblem
from texture.jobs.domain.faults import is_disk_full
from texture.jobs.store import postgres, sqlite
from texture.jobs.store.migrating import for_writing
from texture.jobs.store.moments import shared_clock
from texture.jobs.store.outbox import Outbox
from texture.jobs.store.reserve import Reserve
from texture.jobs.store.sequence import Sequence

T = TypeVar("T")


class Kind(Protocol):
    """What the module of each kind says besides how it is opened."""

    def database_bytes(self, engine: Engine) -> int:
        """What a database takes on its disk."""

    def is_used_by_others(self, engine: Engine) -> bool:
        """Whether another process has it open."""


class Database:
    """The database of a store. Every method may be called from any thread, and blocks on the disk or the network.

    reading: makes sessions that only read.
    sequence: the numbers of the jobs' events.
    changes: ids of jobs whose rows have changed and are not yet published; the publisher pops them from the left.
    is_shared: whether other processes write to it, too.
    """

    def __init__(self, engine: Engine, kind: Kind, reserve: Reserve) -> None:
        """reserve: is given up when the disk has no room for what is to be written."""
        self._engine, self._kind, self._reserve = engine, kind, reserve
        self._sessions = sessionmaker(for_writing(self._engine), expire_on_commit=False)
        self.reading = sessionmaker(self._engine, expire_on_commit=False)
        self.is_shared = kind is postgres
        self.sequence = Sequence(self.reading, shared_clock(self.reading) if self.is_shared else None)
        self.changes: deque[str] = deque()

    @property
    def bytes(self) -> int:
        """What it takes on the disk, its own or its server's."""
        return self._kind.database_bytes(self._engine)

    @property
    def is_used_by_others(self) -> bool:
        """Whether another process has it open at this moment; of a file that is not known, its folder has a lock."""
        return self._kind.is_used_by_others(self._engine)

    @contextmanager
    def writing(self, untold: Collection[str] = ()) -> Iterator[Session]:
        """A transaction, committed at the end of the block, undone where that raises.

        The rows of jobs that it changes are numbered, and their ids are in `changes` once it is committed; not so what
        `update()` and `delete()` do to rows that no session has loaded.

        untold: columns whose changes are not published.
        """
        try:
            with self._sessions.begin() as session:
                outbox = Outbox(session, self.sequence, untold)
                yield session
        except DatabaseError as error:
            if is_disk_full(error):
                self._reserve.give_up()
            raise
        self.changes.extend(outbox.jobs)

    def insistently(self, change: Callable[[], T]) -> T:
        """What `change` returns; where the disk is full it is tried once more, with the room that is kept for that."""
        try:
            return change()
        except DatabaseError as error:
            if not is_disk_full(error):
                raise
        return change()

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()


def open_database(address: str | None, path: Path, reserve: Reserve) -> Database:
    """The PostgreSQL database at `address`; without one, the SQLite file at `path`. Created or migrated if needed.

    Raises:
        SetupProblem: it cannot be used; the text says why.
    """
    if address is not None:
        return Database(postgres.open_postgres(address), postgres, reserve)
    return Database(_open_file(path, reserve), sqlite, reserve)


def _open_file(path: Path, reserve: Reserve) -> Engine:
    try:
        return sqlite.open_sqlite(path)
    except SetupProblem as error:
        if not is_disk_full(error):
            raise
        reserve.give_up()
        return sqlite.open_sqlite(path)
