"""All that is specific to SQLite: how its file is opened, checked and copied, and how a transaction begins."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from texture.errors import SetupProblem
from texture.jobs.store.migrating import bring_up_to_date
from texture.wording import system_reason

PATIENCE = 10_000  # milliseconds that a writer waits for another one
CHECKED = 2**28  # bytes of a file that is looked through when it is opened, at most: a second or so
DAMAGED = "put a backup back, or type `python -m texture repair`, which saves what can be read and keeps the old file"
PRAGMAS = (
    f"busy_timeout={PATIENCE}",
    "journal_mode=WAL",  # readers never wait for the writer
    "synchronous=NORMAL",  # safe against a killed process; a power cut may lose the last moments, never the file
    "foreign_keys=ON",
)


def open_sqlite(path: Path) -> Engine:
    """The database at `path`, created or migrated if needed; safe to use from many threads.

    Raises:
        SetupProblem: the file cannot be opened or written, is no database, or was written by a newer version.
    """
    try:
        _make_private(path)
        engine = _engine(path)
        _check(engine, path)
        bring_up_to_date(
            engine,
            f"the database {path} was written by a newer Texture Lab: use that one, or another TEXTURE_DATA folder",
        )
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


def database_bytes(engine: Engine) -> int:
    """Of the database and the log beside it."""
    path, total = Path(str(engine.url.database)), 0
    for file in path.parent.glob(f"{path.name}*"):
        with suppress(FileNotFoundError):  # the log is taken into the file
            total += file.stat().st_size
    return total


def is_used_by_others(engine: Engine) -> bool:
    """Nobody can tell; the folder has a lock for that."""
    return False


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
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Reading needs no transaction; writing takes the lock at once, as one that reads first would fail, not wait."""
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
