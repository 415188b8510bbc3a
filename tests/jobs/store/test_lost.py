"""Files of which the database knows nothing: moved aside and told, kept for a while, and taken in again."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from texture.errors import NotFound
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.jobs.store.lost import STAMP
from texture.methods.registry import find_method
from texture.settings import Settings

pytestmark = pytest.mark.folder

ME = "me"
Add = Callable[..., Job]
Start = Callable[..., Inline]


def remove_database(settings: Settings) -> None:
    for path in settings.data.glob("texture.db*"):
        path.unlink()


def put_back(settings: Settings, copy: Path) -> None:
    remove_database(settings)
    shutil.copy(copy, settings.data / "texture.db")


def back_up(settings: Settings, store: Store, to: Path) -> Path:
    store.close()  # which takes the log into the file
    shutil.copy(settings.data / "texture.db", to)
    return to


def test_an_older_database_costs_no_newer_result(
    settings: Settings, store: Store, picture: str, add: Add, inline: Start, tmp_path: Path
) -> None:
    old = add(steps=2)
    inline()
    copy = back_up(settings, store, tmp_path / "copy.db")
    newer_picture = store.pictures.add(ME, "newer.png", store.pictures.pixels(picture))
    new = store.jobs.add(ME, "counting", find_method("counting").parse({"steps": 3}), {"source": newer_picture.id})
    runs = [("counting", find_method("counting").parse({"steps": steps})) for steps in (1, 2)]
    compared = store.comparisons.add(ME, {"source": newer_picture.id}, runs)
    inline()
    result = store.artifacts.get(new.id, "result.png")
    was = store.jobs.get(new.id)
    put_back(settings, copy)

    again = Store(settings)
    assert again.lost.collect() == 5  # three jobs, a picture and its note
    assert again.lost.amount.count == 4
    assert again.jobs.get(old.id).state == "done"
    with pytest.raises(NotFound):
        again.jobs.get(new.id)
    taken = again.lost.take_in()
    assert (taken.jobs, taken.pictures, taken.left) == (3, 1, 0)
    back = again.jobs.get(new.id)
    apart = {"seq", "place"}
    assert back.model_dump(exclude=apart) == was.model_dump(exclude=apart)
    assert back.owner == ME
    assert again.artifacts.get(new.id, "result.png") == result
    assert again.pictures.get(newer_picture.id) == newer_picture
    assert [job.state for job in again.comparisons.get(compared.id).jobs] == ["done", "done"]
    assert not list(settings.data.rglob("lost-and-found/*"))
    again.close()


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_without_a_database_nothing_is_removed(
    settings: Settings, store: Store, add: Add, inline: Start, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    done, half = add(steps=2), add(steps=50)
    engine = inline(rounds=20)
    store.jobs.pause(half.id)
    engine.wake()
    number = store.jobs.get(half.id).number
    store.close()
    remove_database(settings)
    if how == "empty":
        (settings.data / "texture.db").touch()
    again = Store(settings)
    with caplog.at_level(logging.WARNING):
        Inline(settings, again, engine._worker._publisher._listener).start()
    assert "python -m texture take-in" in caplog.text
    again.lost.take_in()
    assert again.jobs.get(done.id).state == "done"
    back = again.jobs.get(half.id)
    assert (back.state, back.number) == ("paused", number)
    again.jobs.resume(half.id)
    for _ in range(5):
        Inline(settings, again, engine._worker._publisher._listener).start()
    assert again.jobs.get(half.id).state == "done"
    again.close()


def test_what_has_no_note_stays_and_is_counted(store: Store) -> None:
    store.artifacts.put("0" * 32, "preview.jpg", b"picture")
    store.lost.collect()
    taken = store.lost.take_in()
    assert (taken.jobs, taken.left) == (0, 1)
    assert [path.name for path in store.files.lost.rglob("preview.jpg")] == ["preview.jpg"]


def test_an_upload_that_was_cut_short_leaves_nothing(store: Store, picture: str) -> None:
    (store.files.data / "pictures" / f".{picture}.png.0123abcd").write_bytes(b"half")
    assert store.lost.collect() == 0
    assert not list(store.files.data.rglob(".*"))


def test_a_shared_comparison_comes_back_to_its_owner_alone(
    settings: Settings, store: Store, picture: str, inline: Start
) -> None:
    made = store.comparisons.add(ME, {"source": picture}, [("counting", find_method("counting").parse({"steps": 1}))])
    store.comparisons.share(made.id, True)
    inline()
    store.close()
    remove_database(settings)
    again = Store(settings)
    again.lost.collect()
    again.lost.take_in()
    assert not again.comparisons.get(made.id).shared
    again.close()


def test_it_goes_for_good_after_a_while(store: Store) -> None:
    store.artifacts.put("0" * 32, "preview.jpg", b"picture")
    store.lost.collect()
    store.lost.purge(timedelta(days=1))
    assert store.lost.amount.count == 1
    store.lost.purge(timedelta(seconds=-2))
    assert store.lost.amount.count == 0


def test_the_engine_removes_only_what_has_been_there_for_a_month(store: Store, inline: Start) -> None:
    for found in (datetime.now(UTC) - timedelta(days=31), datetime.now(UTC) - timedelta(days=29)):
        folder = store.files.lost / found.strftime(STAMP) / "jobs" / ("0" * 32)
        folder.mkdir(parents=True)
        (folder / "preview.jpg").write_bytes(b"picture")
    inline()
    assert store.lost.amount.count == 1


def test_a_folder_that_cannot_be_moved_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.artifacts.put("0" * 32, "preview.jpg", b"picture")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "rename", full)
    assert store.lost.collect() == 0
    assert [path.name for path in store.files.data.glob("jobs/*")] == ["0" * 32]


def test_three_thousand_folders_are_looked_through_in_a_moment(store: Store) -> None:
    for number in range(3000):
        (store.files.data / "jobs" / f"{number:032x}").mkdir(parents=True)
    began = time.monotonic()
    assert store.lost.collect() == 3000
    assert time.monotonic() - began < 5
