"""A PostgreSQL of the tests' own, and in it a fresh database for each test that asks for one."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.services.processes import STARTS_WITHIN, free_port, program, running

USER, PASSWORD = "texture", "a password: #1/2@3"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
INSTALLED = Path("/usr/lib/postgresql")  # where Debian has them, one folder for each version

EMPTY = """
DO $$
DECLARE names text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    SELECT string_agg(quote_ident(tablename), ', ') INTO names FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version';
    EXECUTE 'TRUNCATE ' || names;
END $$
"""


class Postgres:
    """A running server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = itertools.count()
        self._free: list[str] = []

    def url(self, name: str, password: str = PASSWORD) -> str:
        """A database's address, for the setting."""
        from sqlalchemy import URL

        made = URL.create("postgresql+psycopg", USER, password, "127.0.0.1", self.port, name)
        return made.render_as_string(hide_password=False)

    @contextmanager
    def database(self) -> Iterator[str]:
        """An empty database for the block; its address."""
        name = self._make()
        try:
            yield self.url(name)
        finally:
            self.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """The same with our tables in it, in which there are no rows; it is emptied for the next block."""
        if not self._free:
            from texture.jobs.store.postgres import open_postgres

            self._free.append(self._make())
            open_postgres(self.url(self._free[-1])).dispose()
        name = self._free.pop()
        yield self.url(name)
        self.do(EMPTY, name)
        self._free.append(name)

    def _make(self) -> str:
        name = f"test_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def do(self, statement: str, name: str = "postgres") -> None:
        """Run one statement in a database, as the owner of all."""
        about = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD, "dbname": name}
        with psycopg.connect(**about, autocommit=True) as connection:  # type: ignore[arg-type]
            connection.execute(statement.encode())


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server for the block, in a temporary folder; as root it runs as somebody else, for it refuses to be root."""
    versions = sorted(INSTALLED.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    initdb, postgres = (program(name, *versions) for name in ("initdb", "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="texture-postgres-"))  # not in pytest's, which only its owner may enter
    try:
        as_user = _unprivileged(folder)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        make = [initdb, "-D", folder / "data", "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        speaking = ["-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
        subprocess.run([*make, *speaking], check=True, capture_output=True, **as_user)
        port = free_port()
        options = [
            f"-c{option}" for option in (*QUICK, "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
        ]
        with running([postgres, "-D", folder / "data", "-p", str(port), *options], port, folder / "log", **as_user):
            server = Postgres(port)
            _wait_until_ready(server)
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: Postgres) -> None:
    """It takes connections before it takes orders."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            server.do("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _unprivileged(folder: Path) -> dict[str, Any]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    from pwd import getpwnam

    who = getpwnam("nobody")
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": [], "cwd": folder}
