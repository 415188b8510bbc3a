"""Disk use: of one owner and of all, by kind, from the rows alone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.schema import JobRow
from texture.jobs.store.usage import Amount, Used
from texture.settings import Settings

ME, OTHER = "me", "other"
NONE = Used(Amount(), Amount(), Amount(), Amount())
Add = Callable[..., Job]
Start = Callable[..., Inline]


def size_of(store: Store, *jobs: str) -> Amount:
    sizes = {key: size for job in jobs for key, size in store.blobs.sizes(f"jobs/{job}").items()}
    return Amount(len(jobs), sum(size for key, size in sizes.items() if not key.endswith("row.json")))


def about(found: Amount, expected: Amount) -> bool:
    """The same but for the notes beside the files."""
    return found.count == expected.count and abs(found.bytes - expected.bytes) < 5000 * expected.count


def test_what_an_owner_has_is_told_by_kind(store: Store, picture: str, add: Add, inline: Start) -> None:
    assert store.usage.of(OTHER) == NONE
    plain, trained, deleted = add(steps=2), add(steps=2, train=True), add(steps=2)
    engine = inline()
    store.trash.put_job(deleted.id)
    engine.wake()
    store.pictures.add(OTHER, "other.png", store.pictures.pixels(picture))
    mine, other = store.usage.of(ME), store.usage.of(OTHER)
    assert mine.pictures == other.pictures == Amount(1, len(store.pictures.png(picture)))
    assert about(mine.jobs, size_of(store, plain.id))
    assert about(mine.models, size_of(store, trained.id))
    assert about(mine.trash, size_of(store, deleted.id))
    assert mine.bytes == mine.pictures.bytes + mine.jobs.bytes + mine.models.bytes
    assert store.usage.of().bytes == mine.bytes + other.bytes


def test_it_is_told_in_a_moment_and_without_the_files(store: Store, add: Add) -> None:
    """Ten thousand jobs whose files are gone."""
    add()
    with store.database.writing() as session:
        row = session.execute(select(*JobRow.__table__.columns)).mappings().one()
        more: dict[str, Any] = {**row, "state": "done", "bytes": 1000, "ended": datetime.now(UTC)}
        session.execute(insert(JobRow.__table__), [{**more, "id": f"{i:032x}"} for i in range(10_000)])
    store.blobs.delete("jobs")
    began = time.perf_counter()
    assert store.usage.of(ME).jobs == Amount(10_001, 10_000_000)
    assert time.perf_counter() - began < 0.5  # 8 ms on an idle machine


@pytest.mark.folder
def test_the_database_and_what_is_free(store: Store) -> None:
    assert store.usage.database_bytes >= store.files.database.stat().st_size > 0
    free = store.usage.free
    assert free is not None
    assert 0 < free <= shutil.disk_usage(store.files.data).total


def test_a_bucket_has_no_end(settings: Settings, store: Store) -> None:
    assert (store.usage.free is None) == (settings.blobs is not None)
