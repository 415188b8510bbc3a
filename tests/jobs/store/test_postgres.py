"""PostgreSQL: made by the migrations, refused in words that keep the password, written to by one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from tests.services.postgres import PASSWORD, Postgres
from texture.errors import SetupProblem
from texture.jobs.store import postgres as ours
from texture.jobs.store.database import Database, open_database
from texture.jobs.store.postgres import open_postgres
from texture.jobs.store.reserve import Reserve
from texture.jobs.store.schema import HEAD, PictureRow, Table


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def two(postgres: Postgres, tmp_path: Path) -> Iterator[list[Database]]:
    """One database, opened by two processes, as it were."""
    with postgres.migrated() as url:
        opened = [open_database(url, tmp_path / "unused", Reserve(None)) for _ in range(2)]
        yield opened
        for database in opened:
            database.close()


def test_migrations_make_the_tables_of_the_schema(empty: str) -> None:
    engine = open_postgres(empty)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    engine.dispose()


def test_servers_that_start_together_migrate_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        engines = list(threads.map(open_postgres, [empty] * 4))
    with engines[0].connect() as connection:
        assert list(connection.execute(text("SELECT version_num FROM alembic_version"))) == [(HEAD,)]
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_version(empty: str) -> None:
    engine = open_postgres(empty)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    refused(empty, "newer Texture Lab")


def test_what_cannot_be_reached_is_named_without_its_password(empty: str) -> None:
    url = make_url(empty)
    changes = {"port": 1}, {"password": "wrong"}, {"database": "none"}, {"host": "nowhere.invalid"}
    for change in changes:
        changed = url.set(**change)  # type: ignore[arg-type]
        words = refused(changed.render_as_string(hide_password=False), f"{changed.database} on {changed.host}")
        assert "wrong" not in words


def test_what_is_no_address() -> None:
    refused(f"postgresql+psycopg://me:{PASSWORD}@host:port/name", "TEXTURE_DATABASE")


def refused(url: str, words: str) -> str:
    with pytest.raises(SetupProblem, match=words) as refusal:
        open_postgres(url)
    assert PASSWORD not in str(refusal.value)
    return str(refusal.value)


def test_without_the_packages_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texture.jobs.store.packages.find_spec", lambda name: None)
    with pytest.raises(SetupProblem, match=r"pip install -r requirements-scale\.txt"):
        open_postgres("postgresql+psycopg://host/name")


def test_writers_take_turns(two: list[Database]) -> None:
    """Each reads a number and writes the next one: with turns, none is lost."""
    with two[0].writing() as session:
        session.add(PictureRow(id="p", owner="me", name="0", width=0, height=1, checksum="", created=datetime.now(UTC)))

    def count(database: Database) -> None:
        for _ in range(25):
            with database.writing() as session:
                session.get_one(PictureRow, "p").width += 1

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, two * 2))
    with two[1].reading() as session:
        assert session.get_one(PictureRow, "p").width == 100


def test_a_writer_waits_so_long_and_no_longer(two: list[Database], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "PATIENCE", 100)
    with two[0].writing() as session:
        assert session.get(PictureRow, "p") is None
        with pytest.raises(OperationalError, match="lock timeout"), two[1].writing() as other:
            other.get(PictureRow, "p")
    with two[1].writing() as other:
        assert other.get(PictureRow, "p") is None


def test_readers_never_wait_for_the_writer(two: list[Database]) -> None:
    with two[0].writing() as session:
        session.add(PictureRow(id="p", owner="me", name="p", width=1, height=1, checksum="", created=datetime.now(UTC)))
        session.flush()
        with two[1].reading() as other:
            assert other.get(PictureRow, "p") is None


def test_goes_on_after_the_server_has_closed_its_connections(two: list[Database], postgres: Postgres) -> None:
    with two[0].reading() as session:
        name = session.execute(text("SELECT current_database()")).scalar_one()
    postgres.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with two[0].reading() as session:
        assert session.get(PictureRow, "p") is None


def test_what_a_text_cannot_hold_is_replaced(two: list[Database]) -> None:
    with two[0].writing() as session:
        row = PictureRow(id="p", owner="me", name="a\0b", width=1, height=1, checksum="", created=datetime.now(UTC))
        session.add(row)
    with two[1].reading() as other:
        assert other.get_one(PictureRow, "p").name == "a\N{REPLACEMENT CHARACTER}b"
        assert other.get(PictureRow, "p\0") is None


def test_it_is_shared_and_tells_its_size(two: list[Database]) -> None:
    assert two[0].is_shared
    assert two[0].bytes > 2**20


def test_it_tells_whether_another_process_uses_it(two: list[Database], monkeypatch: pytest.MonkeyPatch) -> None:
    for database in two:
        with database.reading() as session:
            assert session.get(PictureRow, "p") is None
    assert not two[0].is_used_by_others
    monkeypatch.setattr(ours, "THIS", "texture-another")
    assert two[0].is_used_by_others
