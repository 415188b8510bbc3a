"""All that is specific to PostgreSQL: how it is opened, and how its writers take turns."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from texture.errors import SetupProblem
from texture.jobs.store.migrating import bring_up_to_date
from texture.jobs.store.packages import need_package

LOCK = 0x7465787475726573  # of our writers: "textures", so that no other program's is the same by chance
OURS = "texture-"  # how the connections of all our processes are called
THIS = f"{OURS}{secrets.token_hex(4)}"  # those of this one
PATIENCE = 10_000  # milliseconds that a writer waits for another one
CONNECTING = {
    "connect_timeout": 5,  # seconds
    # A server that is gone is noticed within half a minute, and one that has lost us lets go of the lock.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": "-c idle_in_transaction_session_timeout=30s",
}


def open_postgres(address: str) -> Engine:
    """The database at `address`, its tables created or migrated if needed; safe to use from many threads.

    Raises:
        SetupProblem: it cannot be reached or used, or was written by a newer version; the text has no password.
    """
    need_package("psycopg", "TEXTURE_DATABASE")
    try:
        url = make_url(address)
        engine = _engine(url)
    except (ArgumentError, ValueError):
        form = "postgresql+psycopg://user:password@host/name"
        raise SetupProblem(f"TEXTURE_DATABASE is no address of a database; one looks like {form}") from None
    where = f"the database {url.database} on {url.host or 'this machine'}"
    try:
        bring_up_to_date(engine, f"{where} was written by a newer Texture Lab: use that one, or another database")
    except SetupProblem:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        raise SetupProblem(f"{where} cannot be used: {_reason(error)}") from error
    return engine


def database_bytes(engine: Engine) -> int:
    """What the database takes on its server's disk."""
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def is_used_by_others(engine: Engine) -> bool:
    """Whether another process of ours has a connection to it, on whatever machine."""
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE :ours"
    with engine.connect() as connection:
        asked = text(f"{others} AND application_name <> :this")
        return connection.execute(asked, {"ours": f"{OURS}%", "this": THIS}).first() is not None


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={**CONNECTING, "application_name": THIS},
        pool_pre_ping=True,  # the server may have been restarted
        pool_size=5,
        max_overflow=15,  # of the hundred connections that a server usually allows
        pool_timeout=PATIENCE / 1000,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: Any) -> None:
    """No text may hold the character 0 there: it becomes the one that stands for what cannot be shown."""
    from psycopg.types.string import StrDumper

    class Text(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

    connection.adapters.register_dumper(str, Text)


def _begin(connection: Connection) -> None:
    """Writers take turns: what one reads before it writes, no other changes meanwhile."""
    options = connection.get_execution_options()
    if options.get("writes"):
        patience = options.get("patience", PATIENCE)
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}; SELECT pg_advisory_xact_lock({LOCK})")


def _reason(error: SQLAlchemyError) -> str:
    return " ".join(str(error.orig if isinstance(error, DatabaseError) else error).split())
