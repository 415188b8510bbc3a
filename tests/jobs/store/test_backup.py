"""A backup is a data folder as private as the first; what comes or goes while it is made costs nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from texture.errors import SetupProblem
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store, backup
from texture.jobs.store.backup import back_up
from texture.jobs.store.files import bytes_in
from texture.settings import Settings

pytestmark = pytest.mark.folder

Add = Callable[..., Job]
Start = Callable[..., Inline]


def opened(settings: Settings, data: Path) -> Store:
    return Store(settings.model_copy(update={"data": data}))


def test_all_is_there_and_nobody_else_may_look(
    settings: Settings, store: Store, picture: str, add: Add, inline: Start, tmp_path: Path
) -> None:
    job = add(steps=2, train=True)
    inline()
    (settings.data / "secret-key").write_bytes(b"key")
    (settings.data / "pictures" / ".draft.png").write_bytes(b"half")
    to = tmp_path / "backups" / "monday"
    assert back_up(settings.data, to) == bytes_in(to)
    assert (to / "secret-key").read_bytes() == b"key"
    assert (to.stat().st_mode & 0o777, (to / "texture.db").stat().st_mode & 0o777) == (0o700, 0o600)
    assert not list(to.rglob(".*"))
    copy = opened(settings, to)
    assert copy.jobs.get(job.id).state == "done"
    assert copy.artifacts.get(job.id, "model.safetensors") == store.artifacts.get(job.id, "model.safetensors")
    assert copy.pictures.png(picture) == store.pictures.png(picture)
    assert copy.lost.collect() == 0
    copy.close()


def test_what_comes_while_it_is_made_can_be_taken_in(
    settings: Settings, store: Store, picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = []

    def meanwhile(data: Path) -> Any:
        newer.append(store.pictures.add("me", "newer.png", store.pictures.pixels(picture)).id)
        return paths(data)

    paths = backup._paths
    monkeypatch.setattr("texture.jobs.store.backup._paths", meanwhile)
    back_up(settings.data, tmp_path / "copy")
    copy = opened(settings, tmp_path / "copy")
    assert copy.lost.collect() == 2  # the picture and its note
    assert copy.lost.take_in().pictures == 1
    assert copy.pictures.get(newer[0]).name == "newer.png"
    copy.close()


def test_what_goes_while_it_is_made_is_left_out(
    settings: Settings, store: Store, add: Add, inline: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = add(steps=2), add(steps=2)
    inline()
    copy_file = shutil.copy2

    def copy(path: Path, target: Path) -> Any:
        store.artifacts.forget(gone.id)
        return copy_file(path, target)

    monkeypatch.setattr("texture.jobs.store.backup.shutil.copy2", copy)
    back_up(settings.data, tmp_path / "copy")
    assert not store.artifacts.exists(gone.id, "result.png")
    assert (tmp_path / "copy" / "jobs" / kept.id / "result.png").exists()


def test_a_full_disk_leaves_nothing(
    settings: Settings, store: Store, picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("texture.jobs.store.backup.shutil.copy2", full)
    with pytest.raises(SetupProblem, match="copy cannot be written: no space left on the disk"):
        back_up(settings.data, tmp_path / "copy")
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]
