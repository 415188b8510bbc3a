"""The file: made by its migrations, opened quickly when up to date, refused in words when it cannot be used."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from texture.errors import SetupProblem
from texture.jobs.domain.job import Point
from texture.jobs.engines.lock import FolderLock
from texture.jobs.store import Store, sqlite
from texture.jobs.store.history import Wanted
from texture.jobs.store.migrating import alembic_config, for_writing
from texture.jobs.store.schema import HEAD, Table
from texture.jobs.store.sqlite import open_sqlite
from texture.settings import Settings

ROOT = Path(__file__).parents[3]
JOB = "'me', 'counting', '{{\"steps\": 20}}', '{{\"source\": \"{source}\"}}', '{state}', 7, {position}, 0, 0"
DONE, HALFWAY = (
    JOB.format(source="picture", state="done", position=1),
    JOB.format(source="sample:weave", state="queued", position=2),
)
FIRST_ROWS = (
    "INSERT INTO pictures VALUES ('picture', 'me', 'wall.png', 64, 64, 'sum', '2026-01-02 03:04:05.000000')",
    f"INSERT INTO jobs VALUES ('done', {DONE}, 20, 20, 1.5, NULL, '{{}}', '{{}}', NULL, "
    "'2026-01-02 03:04:06.000000', NULL, NULL)",
    f"INSERT INTO jobs VALUES ('halfway', {HALFWAY}, 10, 20, 0.5, NULL, '{{}}', '{{}}', NULL, "
    "'2026-01-02 03:04:07.000000', NULL, NULL)",
    """INSERT INTO points VALUES ('done', 20, 1.5, '{"distance": 0.5}')""",
)
START_AND_STOP = """
import sys
from texture.jobs.engines.protocol import open_engine
from texture.jobs.domain.events import Silence
from texture.jobs.store import Store
from texture.jobs.store.history import Wanted
from texture.settings import Settings

settings = Settings(data=sys.argv[1])
engine = open_engine(settings, Store(settings), Silence())
engine.start()
engine.stop()
print(*[name for name in ("alembic", "torch", "flask") if name in sys.modules])
"""


def test_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
        assert ScriptDirectory.from_config(alembic_config(connection)).get_heads() == [HEAD]


def test_file_of_the_first_version_keeps_what_it_has(tmp_path: Path) -> None:
    """Made by the first migration, with rows as that version wrote them."""
    engine = sqlite._engine(tmp_path / "texture.db")
    with for_writing(engine).begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        for statement in FIRST_ROWS:
            connection.exec_driver_sql(statement)
    engine.dispose()

    store = Store(Settings(data=tmp_path))
    jobs = {job.id: job for job in store.jobs.list("me")}
    assert {id: job.exemplar for id, job in jobs.items()} == {"done": "wall.png", "halfway": "Woven cloth"}
    assert {id: job.done for id, job in jobs.items()} == {"done": 1.0, "halfway": 0.5}
    assert ({job.seq for job in jobs.values()}, jobs["halfway"].place) == ({7}, 1)
    assert (jobs["done"].files, jobs["done"].baselines, jobs["done"].comparison) == ([], {}, None)
    assert {(job.name, job.star) for job in jobs.values()} == {(None, False)}
    assert store.jobs.points("done") == [Point(number=20, seconds=1.5, wall=1.5, values={"distance": 0.5})]
    assert {id: job.names for id, job in jobs.items()} == {
        "done": {"source": "wall.png"},
        "halfway": {"source": "Woven cloth"},
    }
    assert [entry.id for entry in store.history.search("me", Wanted(exemplar="WOVEN"))] == ["halfway"]
    store.close()


def test_no_other_file_says_what_only_one_database_understands() -> None:
    words = re.compile(r"sqlite3|PRAGMA|IMMEDIATE|exec_driver_sql|func\.(json|instr|casefold)")
    others = {path for path in (ROOT / "texture").rglob("*.py") if "migrations" not in path.parts}
    known = {"sqlite.py", "repair.py", "postgres.py", "migrating.py"}
    assert {path.name for path in others if words.search(path.read_text())} == known


def test_pragmas(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db").connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")
        }
        assert found == {"journal_mode": "wal", "foreign_keys": 1}
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() >= 5000


def test_opening_again_imports_neither_alembic_nor_torch(tmp_path: Path) -> None:
    def loaded() -> list[str]:
        command = [sys.executable, "-c", START_AND_STOP, str(tmp_path)]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()

    assert [loaded(), loaded()] == [["alembic"], []]


def test_file_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_sqlite(path).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SetupProblem, match="newer"):
        open_sqlite(path)


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(SetupProblem, match=r"a\.db"):
        open_sqlite(path)


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SetupProblem, match="file"):
        open_sqlite(tmp_path / "file" / "a.db")


def test_folder_is_locked_for_one(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "lock"), FolderLock(tmp_path / "lock")
    first.acquire()
    with pytest.raises(SetupProblem, match="TEXTURE_DATA"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_nobody_else_on_the_machine_may_look_into_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o755)
    path = tmp_path / "data" / "a.db"
    path.touch(0o644)
    engine = open_sqlite(path)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM jobs")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (path.parent, *path.parent.iterdir())}
    engine.dispose()
    assert modes == {"data": 0o700} | {f"a.db{ending}": 0o600 for ending in ("", "-wal", "-shm")}
