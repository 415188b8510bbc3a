"""Everything from one kind of store into the other, and back: all of it, or an error and nothing lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.bucket import Bucket
from tests.services.postgres import Postgres
from texture.errors import Conflict, SetupProblem
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.moving import move
from texture.jobs.store.notes import is_note
from texture.jobs.store.schema import Table
from texture.settings import Settings

ME = "me"
Start = Callable[..., Inline]


def silent(done: int, whole: int) -> None:
    """Nobody looks."""


@pytest.fixture
def full(store: Store, add: Callable[..., Job], compare: Callable[..., Any], inline: Start) -> Store:
    """Something of every kind: pictures, jobs that are done, deleted and paused on their way, a comparison."""
    done, deleted = add(steps=5), add("counting", steps=2, train=True)
    compare(3, 4)
    inline().stop()
    going = add(steps=1000)
    engine = inline(rounds=20)
    store.jobs.pause(going.id)
    engine.wake()
    store.trash.put_job(deleted.id)
    store.marks.job(done.id, "Grün 100 %\0", star=True)
    return store


@pytest.fixture
def other(kind: str, tmp_path: Path, postgres: Postgres, s3: Bucket) -> Iterator[Store]:
    """An empty store of the other kind."""
    settings = Settings(data=tmp_path / "other")
    with postgres.migrated() as database:
        if kind == "folder":
            settings = settings.model_copy(update={"database": database, "blobs": s3.prefix()})
        opened = Store(settings)
        yield opened
        opened.close()


def rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.database.reading() as session:
        tables = Table.metadata.sorted_tables
        found = {table.name: [dict(row) for row in session.execute(select(table)).mappings()] for table in tables}
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def files(store: Store) -> dict[str, bytes]:
    keys = [key for kind in ("pictures", "jobs") for key in store.blobs.sizes(kind) if not is_note(key)]
    return {key: store.blobs.get(key) for key in keys}


def test_everything_is_there_and_goes_on(full: Store, other: Store, settings: Settings) -> None:
    before, told = files(full), []
    moved = move(full, other, lambda done, whole: told.append((done, whole)), rows=True, files=True)
    assert files(other) == before == files(full)
    assert len(before) == moved.files > 10
    assert told[-1] == (moved.bytes, moved.bytes)
    expected = rows(full)
    for row in expected["jobs"]:
        row["name"] = row["name"] and row["name"].replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert rows(other) == expected
    assert all(isinstance(row["created"], datetime) for row in rows(other)["jobs"])
    paused = next(job for job in other.jobs.list(ME) if job.state == "paused")
    other.jobs.resume(paused.id)
    engine = Inline(settings, other, Nobody(), rounds=5)
    engine.start()
    going = other.jobs.get(paused.id)
    assert (going.state, going.message) == ("running", None)
    assert going.number > paused.number
    engine.stop()


class Nobody:
    """Who is told, and does not listen."""

    def publish(self, event: object) -> None: ...

    def wants_frame(self, job: str) -> bool:
        return False


def test_an_interrupted_move_goes_on(full: Store, other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put, written = type(other.blobs).put, []

    def counted(blobs: Any, key: str, data: bytes) -> None:
        if len(written) >= 5:
            raise KeyboardInterrupt
        put(blobs, key, data)
        written.append(key)

    monkeypatch.setattr(type(other.blobs), "put", counted)
    with pytest.raises(KeyboardInterrupt):
        move(full, other, silent, rows=True, files=True)
    assert not any(rows(other).values())
    first = set(written)
    written.clear()

    def noted(blobs: Any, key: str, data: bytes) -> None:
        put(blobs, key, data)
        written.append(key)

    monkeypatch.setattr(type(other.blobs), "put", noted)
    move(full, other, silent, rows=True, files=True)
    assert not first & set(written)
    assert files(other) == files(full)
    written.clear()
    move(full, other, silent, rows=True, files=True)  # once more: everything is there
    assert written == []


def test_what_was_torn_is_written_again(full: Store, other: Store) -> None:
    key, data = next(iter(files(full).items()))
    other.blobs.put(key, bytes(len(data)))
    move(full, other, silent, rows=True, files=True)
    assert other.blobs.get(key) == data


def test_a_place_that_has_something_else_is_refused(full: Store, other: Store) -> None:
    other.blobs.put("jobs/another/result.png", b"x")
    with pytest.raises(Conflict, match="other files where this is to go, such as jobs"):
        move(full, other, silent, rows=True, files=True)
    other.blobs.delete("jobs/another")
    move(full, other, silent, rows=True, files=True)
    job = other.jobs.list(ME)[0]
    other.marks.job(job.id, "changed since")
    with pytest.raises(Conflict, match="other rows"):
        move(full, other, silent, rows=True, files=True)
    assert other.jobs.get(job.id).name == "changed since"


def test_a_file_that_comes_out_wrong_is_told(full: Store, other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put = type(other.blobs).put
    monkeypatch.setattr(type(other.blobs), "put", lambda blobs, key, data: put(blobs, key, data[:-1]))
    with pytest.raises(SetupProblem, match="did not come out"):
        move(full, other, silent, rows=True, files=True)
    assert not any(rows(other).values())


@pytest.mark.folder
def test_rows_or_files_alone(full: Store, other: Store, tmp_path: Path) -> None:
    assert move(full, other, silent, rows=True, files=False).rows == sum(map(len, rows(other).values()))
    assert not other.blobs.sizes("jobs")
    shutil.rmtree(full.files.data / "lost-and-found", ignore_errors=True)
    move(full, other, silent, rows=False, files=True)
    assert files(other) == files(full)
