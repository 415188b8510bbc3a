"""A damaged database: the start says what to do, and what can be read is saved, the old file kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from texture.errors import NotFound, SetupProblem
from texture.jobs.domain.job import Job, Point
from texture.jobs.engines.inline import Inline
from texture.jobs.scheduling.queue import JobQueue, Progress
from texture.jobs.store import Store
from texture.jobs.store.repair import repair
from texture.methods.registry import find_method
from texture.settings import Settings

pytestmark = pytest.mark.folder

ME, PAGE = "me", 4096
Add = Callable[..., Job]


@pytest.fixture
def filled(settings: Settings, store: Store, add: Add) -> list[str]:
    """Twenty-four jobs, half of them ended, with points; the database is closed."""
    jobs, queue = [add(steps=5).id for _ in range(24)], JobQueue(store)
    for job in jobs[:12]:
        assert queue.take(job)
        for number in range(1, 6):
            queue.note(job, Progress(number), [Point(number=number, seconds=1, wall=1, values={"loss": 0.5})])
        queue.end(job, "done", Progress(5))
    store.close()
    return jobs


def damage(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE)


def first_page_of(path: Path, table: str) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return int(row[0])


@pytest.mark.parametrize("place", ["jobs", "points", "ix_jobs_owner", "in the midst"])
def test_a_damaged_page_is_said_and_mended(settings: Settings, filled: list[str], place: str) -> None:
    path = settings.data / "texture.db"
    page = path.stat().st_size // PAGE // 2 if place == "in the midst" else first_page_of(path, place)
    damage(path, page)
    damaged = path.read_bytes()
    with pytest.raises(SetupProblem, match=r"put a backup back, or type `python -m texture repair`") as refusal:
        Store(settings)
    assert "Traceback" not in str(refusal.value)
    assert path.read_bytes() == damaged
    done = repair(path)
    assert done.kept.read_bytes() == damaged
    again = Store(settings)
    again.lost.collect()
    again.lost.take_in()
    found = {job.id: job.state for job in again.jobs.list(ME, limit=500)}
    assert set(filled[:12]) <= set(found)  # the others had never run, and so had no note
    assert {found[id] for id in filled[:12]} == {"done"}
    again.close()


def test_a_comparison_whose_row_is_lost_comes_back_with_its_runs(
    settings: Settings, store: Store, inline: Callable[..., Inline]
) -> None:
    runs = [("counting", find_method("counting").parse({"steps": steps})) for steps in (1, 2)]
    done = store.comparisons.add(ME, {"source": "sample:clay"}, runs)
    inline()
    waiting = store.comparisons.add(ME, {"source": "sample:clay"}, runs)  # its runs have no notes yet
    store.close()
    path = settings.data / "texture.db"
    damage(path, first_page_of(path, "comparisons"))
    assert not repair(path).whole
    again = Store(settings)
    again.lost.take_in()
    assert [job.id for job in again.comparisons.get(done.id).jobs] == [job.id for job in done.jobs]
    found = {entry.id: entry.kind for entry in again.history.search(ME)}
    assert found == {done.id: "comparison", **{job.id: "job" for job in waiting.jobs}}
    again.close()


def test_a_whole_one_comes_out_the_same(settings: Settings, filled: list[str]) -> None:
    done = repair(settings.data / "texture.db")
    assert (done.rows, done.whole) == (1 + 24 + 12 * 5, True)
    again = Store(settings)
    assert [job.id for job in again.jobs.list(ME, limit=500)] == filled[::-1]
    assert len(again.jobs.points(filled[0])) == 5
    again.close()


def test_what_is_no_database_at_all(settings: Settings, filled: list[str]) -> None:
    path = settings.data / "texture.db"
    path.write_bytes(b"\xa5" * path.stat().st_size)
    with pytest.raises(SetupProblem, match="python -m texture repair"):
        Store(settings)
    assert not repair(path).whole
    again = Store(settings)
    again.lost.collect()
    assert again.lost.take_in().jobs == 12
    again.close()


def test_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no database"):
        repair(tmp_path / "texture.db")
