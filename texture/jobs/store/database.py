"""The database: opened for many threads, migrated by Alembic, and all that is specific to SQLite.

Another database would be put here: how it is opened, how a transaction begins, and the functions at the end, by which
the rest of the store asks what each database says in words of its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, String, cast, create_engine, event, func
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from texture.errors import SetupProblem
from texture.jobs.domain.faults import is_disk_full
from texture.jobs.domain.labels import settings
from texture.jobs.store.outbox import Outbox
from texture.jobs.store.reserve import Reserve
from texture.jobs.store.schema import HEAD
from texture.jobs.store.sequence import Sequence
from texture.wording import system_reason

T = TypeVar("T")
PATIENCE = 10_000  # milliseconds that a writer waits for another one
CHECKED = 2**28  # bytes of a file that is looked through when it is opened, at most: a second or so
DAMAGED = "put a backup back, or type `python -m texture repair`, which saves what can be read and keeps the old file"
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
    changes: ids of jobs whose rows have changed and are not yet published; the publisher pops them from the left.
    """

    def __init__(self, path: Path, reserve: Reserve) -> None:
        """Open the file, created or migrated if needed.

        reserve: is given up when the disk has no room for what is to be written.

        Raises:
            SetupProblem: it cannot be used; the text says why.
        """
        self._reserve = reserve
        try:
            self._engine = open_database(path)
        except SetupProblem as error:
            if not is_disk_full(error):
                raise
            reserve.give_up()
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


def open_database(path: Path) -> Engine:
    """The database at `path`, created or migrated if needed; safe to use from many threads.

    Raises:
        SetupProblem: the file cannot be opened or written, is no database, or was written by a newer version.
    """
    try:
        _make_private(path)
        engine = _engine(path)
        _check(engine, path)
        _bring_up_to_date(engine, path)
    except (OSError, DatabaseError, sqlite3.Error) as error:
        raise SetupProblem(f"the database {path} cannot be used: {_reason(error)}") from error
    return engine


def copy_database(path: Path, to: Path) -> None:
    """Copy a database to a new file as it is at one moment, whoever writes to it meanwhile.

    Raises:
        SetupProblem: it is damaged, or the copy cannot be written.
    """
    to.touch(0o600)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise SetupProblem(f"the database {path} cannot be copied: {_reason(error)}") from error


def _make_private(path: Path) -> None:
    """Nobody else on this machine may look into the folder; SQLite's other files are as private as the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(PermissionError):  # it belongs to somebody else, who has to know
        path.parent.chmod(0o700)
        path.touch(0o600)
        path.chmod(0o600)


def _check(engine: Engine, path: Path) -> None:
    """Raise where a page is damaged, before anything is written; a file so large that it would take long is taken."""
    if path.stat().st_size <= CHECKED:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise sqlite3.DatabaseError(f"{found}; {DAMAGED}")


def _reason(error: Exception) -> object:
    if isinstance(error, OSError):
        return system_reason(error)
    reason = error.orig if isinstance(error, DatabaseError) else error
    return f"{reason}; {DAMAGED}" if is_damaged(error) else reason


def is_damaged(error: Exception) -> bool:
    """Whether a page of the file is not what SQLite has written, or the whole file is none of its."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _engine(path: Path) -> Engine:
    # Threads come and go (a web server has a pool of them), so connections must be allowed to as well.
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": PATIENCE / 1000}, max_overflow=-1)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    connection.create_function("settings", 2, _settings, deterministic=True)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _settings(method: str, params: str) -> str:
    """A job's settings, each with a full stop behind it, so that one is found whole: "match.draft.seed 3."."""
    return "".join(f"{words}." for words in settings(method, json.loads(params))).casefold()


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
    """The same database, for writing transactions."""
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
    """Alembic's configuration for our migrations on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def has_text(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], part: str) -> ColumnElement[bool]:
    """Whether a text contains `part`, ignoring case."""
    # `casefold` is Python's: SQLite's own lower() knows the English letters only.
    found: ColumnElement[bool] = func.instr(func.casefold(func.coalesce(column, "")), part.casefold()) > 0
    return found


def is_set_so(
    method: InstrumentedAttribute[str], params: InstrumentedAttribute[dict[str, Any]], part: str
) -> ColumnElement[bool]:
    """Whether a job's method and settings contain `part`, ignoring case: "match", "seed 3", which seed 30 is not."""
    whole = f"{part}." if part[-1].isdigit() else part
    found: ColumnElement[bool] = func.instr(func.settings(method, cast(params, String)), whole.casefold()) > 0
    return found


def has_item(column: InstrumentedAttribute[list[str]], item: str) -> ColumnElement[bool]:
    """Whether a JSON array of plain words contains `item`."""
    return cast(column, String).contains(f'"{item}"', autoescape=True)
