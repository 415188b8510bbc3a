"""What one owner may have, each limit with its words; another owner has limits of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

from texture.errors import QuotaReached
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.models import Models
from texture.jobs.store.schema import JobRow, PictureRow
from texture.methods.registry import find_method
from texture.settings import Settings

ME, OTHER = "me", "other"
FEW = {"most_queued": 3, "most_pictures": 2, "most_models": 1, "most_gigabytes": 0.001}
Start = Callable[..., Inline]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update=FEW)


def queue(store: Store, owner: str = ME, method: str = "counting", **params: Any) -> str:
    return store.jobs.add(owner, method, find_method(method).parse(params), {"source": "sample:clay"}).id


def test_so_many_may_wait(store: Store) -> None:
    jobs = [queue(store) for _ in range(3)]
    with pytest.raises(QuotaReached, match=r"3 jobs of yours are waiting, the limit is 3: wait until .* or cancel"):
        queue(store)
    queue(store, OTHER)
    store.jobs.pause(jobs[0])
    queue(store)
    with pytest.raises(QuotaReached, match="3 jobs of yours are waiting"):
        store.jobs.resume(jobs[0])
    assert store.jobs.get(jobs[0]).state == "paused"


def test_a_comparison_counts_its_runs(store: Store) -> None:
    run = ("counting", find_method("counting").params())
    too_many = "0 jobs of yours are waiting and you ask for 4 more, the limit is 3: start fewer at once"
    with pytest.raises(QuotaReached, match=too_many):
        store.comparisons.add(ME, {"source": "sample:clay"}, [run] * 4)
    assert store.jobs.queued() == 0
    made = store.comparisons.add(ME, {"source": "sample:clay"}, [run] * 3)
    with pytest.raises(QuotaReached):
        store.comparisons.add_run(made.id, *run)


def test_so_many_pictures_may_be_brought(store: Store, picture: str) -> None:
    pixels = store.pictures.pixels(picture)
    store.pictures.add(ME, "second.png", pixels)
    with pytest.raises(QuotaReached, match="you have uploaded 2 pictures, the limit is 2: use one"):
        store.pictures.add(ME, "third.png", pixels)
    store.pictures.add(OTHER, "first.png", pixels)
    assert len([key for key in store.blobs.sizes("pictures") if key.endswith(".png")]) == 3


def test_of_many_who_come_at_once_only_so_many_get_in(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them were let in by the first look; nothing is left of those that the second turns away."""
    pixels, everybody = np.zeros((8, 8, 3), np.uint8), threading.Barrier(4)
    put = type(store.blobs).put

    def together(blobs: Any, key: str, data: bytes) -> None:
        everybody.wait(10)
        put(blobs, key, data)

    monkeypatch.setattr(type(store.blobs), "put", together)

    def bring(number: int) -> bool:
        try:
            return bool(store.pictures.add(OTHER, f"{number}.png", pixels))
        except QuotaReached:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(bring, range(4))) == 2
    assert len({Path(key).stem for key in store.blobs.sizes("pictures")}) == 2  # and their notes, where there are any


def test_nothing_is_left_of_a_model_that_another_one_has_overtaken(
    store: Store, inline: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = queue(store, OTHER, method="counting", steps=2, train=True)
    inline()
    data = store.artifacts.get(trained, "model.safetensors")
    keep = Models._keep

    def overtaken(models: Models, *given: Any) -> None:
        monkeypatch.setattr(Models, "_keep", keep)
        store.models.add(ME, "theirs.safetensors", data)
        keep(models, *given)

    monkeypatch.setattr(Models, "_keep", overtaken)
    with pytest.raises(QuotaReached, match="you have 1 model"):
        store.models.add(ME, "mine.safetensors", data)
    assert len(store.models.list(ME)) == 1
    with store.database.reading() as session:
        assert session.scalar(select(func.count()).where(PictureRow.owner == ME)) == 1
    assert len(store.blobs.names("jobs")) == 2


def test_so_many_models_may_be_kept(store: Store, inline: Start) -> None:
    first = queue(store, method="counting", steps=2, train=True)
    engine = inline()
    data = store.artifacts.get(first, "model.safetensors")
    with pytest.raises(QuotaReached, match="you have 1 model, the limit is 1: delete some"):
        store.models.add(ME, "mine.safetensors", data)
    with pytest.raises(QuotaReached, match="you have 1 model"):
        queue(store, method="sgan")
    store.trash.put_job(first)
    engine.wake()
    assert store.models.add(ME, "mine.safetensors", data).state == "done"


def test_so_many_bytes_may_lie_there(store: Store, picture: str, inline: Start) -> None:
    job = queue(store, steps=2)
    inline()
    with store.database.reading() as session:
        kept = session.get_one(JobRow, job).bytes
        assert session.get_one(PictureRow, picture).bytes == len(store.pictures.png(picture))
    assert kept >= sum(len(store.artifacts.get(job, name)) for name in ("result.png", "preview.jpg"))
    with store.database.writing() as session:
        session.execute(update(JobRow).values(bytes=2_000_000))
    with pytest.raises(QuotaReached, match=r"your pictures and results take 0\.00\d+ GB, the limit is 0\.001 GB"):
        queue(store)
    with pytest.raises(QuotaReached, match="delete some"):
        store.pictures.add(ME, "more.png", store.pictures.pixels(picture))
    store.trash.put_job(job)
    queue(store)
