"""The database: opened for many threads, brought up to date by Alembic, and all that is peculiar to SQLite.

Another database would be put here: how it is opened, how a transaction begins, and the functions at the end, by which
the rest of the store asks what each database says in words of its own.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, String, cast, create_engine, event, func
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from texture.errors import SetupProblem
from texture.jobs.store.outbox import Outbox
from texture.jobs.store.schema import HEAD
from texture.jobs.store.sequence import Sequence
from texture.wording import system_reason

PATIENCE = 10_000  # milliseconds that a writer waits for another one
PRAGMAS = (
    f"busy_timeout={PATIENCE}",
    "journal_mode=WAL",  # readers never wait for the writer
    "synchronous=NORMAL",  # safe against a killed process; a power cut may lose the last moments, never the file
    "foreign_keys=ON",
)


class Database:
    """The database of one data folder. Every method may be called from any thread, and blocks on the disk.

    reading: makes sessions that only read.
    sequence: the numbers of the jobs' events.
    changes: ids of jobs whose rows have changed, not yet told; whoever tells takes them from the left.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made or brought up to date where needed.

        Raises:
            SetupProblem: it cannot be used; the text says why.
        """
        self._engine = open_database(path)
        self._sessions = sessionmaker(for_writing(self._engine), expire_on_commit=False)
        self.reading = sessionmaker(self._engine, expire_on_commit=False)
        self.sequence = Sequence(self.reading)
        self.changes: deque[str] = deque()

    @contextmanager
    def writing(self, untold: Collection[str] = ()) -> Iterator[Session]:
        """A transaction, committed at the end of the block, undone where that raises.

        The rows of jobs that it changes are numbered, and their ids are in `changes` once it is committed; not so what
        `update()` and `delete()` do to rows that no session has loaded.

        untold: columns that it may change without anybody being told.
        """
        with self._sessions.begin() as session:
            outbox = Outbox(session, self.sequence, untold)
            yield session
        self.changes.extend(outbox.jobs)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()


def open_database(path: Path) -> Engine:
    """The database at `path`, made or brought up to date where needed; safe to use from many threads.

    Raises:
        SetupProblem: the file cannot be opened or written, is no database, or was written by a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(path)
        _bring_up_to_date(engine, path)
    except (OSError, DatabaseError, sqlite3.Error) as error:
        raise SetupProblem(f"the database {path} cannot be used: {_reason(error)}") from error
    return engine


def _reason(error: Exception) -> object:
    if isinstance(error, OSError):
        return system_reason(error)
    return error.orig if isinstance(error, DatabaseError) else error


def _engine(path: Path) -> Engine:
    # Threads come and go (a web server has a pool of them), so connections must be allowed to as well.
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": PATIENCE / 1000}, max_overflow=-1)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Reading needs no transaction; writing takes the lock at once, as one that reads first would fail, not wait."""
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        found = _revision(connection)
    if found == HEAD:
        return
    with for_writing(engine).begin() as connection:  # two processes that start together take turns here
        if _revision(connection) != HEAD:
            _migrate(connection, path)


def for_writing(engine: Engine) -> Engine:
    """The same database, for transactions that change something."""
    return engine.execution_options(writes=True)


def _revision(connection: Connection) -> str | None:
    there = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if there else None


def _migrate(connection: Connection, path: Path) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), HEAD)
    except CommandError as error:
        raise SetupProblem(
            f"the database {path} was written by a newer Texture Lab: use that one, or another TEXTURE_DATA folder"
        ) from error


def alembic_config(connection: Connection) -> Any:
    """Alembic's configuration for our scripts on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def has_text(column: InstrumentedAttribute[str], part: str) -> ColumnElement[bool]:
    """Whether `part` stands in a text, in capitals or not."""
    # `casefold` is Python's: SQLite's own lower() knows the English letters only.
    found: ColumnElement[bool] = func.instr(func.casefold(column), part.casefold()) > 0
    return found


def has_item(column: InstrumentedAttribute[list[str]], item: str) -> ColumnElement[bool]:
    """Whether a JSON array of plain words has `item` among them."""
    return cast(column, String).contains(f'"{item}"', autoescape=True)
