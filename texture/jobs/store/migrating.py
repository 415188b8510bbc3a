"""Brings a database of either kind up to date, by Alembic's scripts in `migrations`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect

from texture.errors import SetupProblem
from texture.jobs.store.schema import HEAD

PATIENCE = 600_000  # milliseconds that a process waits while another one migrates


def for_writing(engine: Engine) -> Engine:
    """The same database, for transactions that write: each takes the lock by which writers take turns first."""
    return engine.execution_options(writes=True)


def bring_up_to_date(engine: Engine, newer: str) -> None:
    """Create or change the tables where they are not those of today.

    newer: the words for a database that a newer version has written.

    Raises:
        SetupProblem: that is so.
    """
    with engine.connect() as connection:
        found = _revision(connection)
    if found == HEAD:
        return
    writing = for_writing(engine).execution_options(patience=PATIENCE)
    with writing.begin() as connection:  # two processes that start together take turns here
        if _revision(connection) != HEAD:
            _migrate(connection, newer)


def alembic_config(connection: Connection) -> Any:
    """Alembic's configuration for our migrations on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    there = inspect(connection).has_table("alembic_version")
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if there else None


def _migrate(connection: Connection, newer: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), HEAD)
    except CommandError as error:
        raise SetupProblem(newer) from error
