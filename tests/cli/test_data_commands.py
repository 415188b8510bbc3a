"""`repair` and `take-in`: what they say, and that they keep away from a folder on which a server runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from texture.cli.main import main
from texture.jobs.engines.lock import FolderLock
from texture.jobs.store import Store
from texture.methods.registry import find_method
from texture.settings import Settings


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose database has lost a picture, and that has a result without a note."""
    monkeypatch.setenv("TEXTURE_DATA", str(tmp_path / "data"))
    store = Store(Settings(data=tmp_path / "data"))
    store.jobs.add("me", "counting", find_method("counting").params(), {"source": "sample:clay"})
    store.pictures.add("me", "mine.png", store.pictures.pixels("sample:clay"))
    store.artifacts.put("0" * 32, "preview.jpg", b"picture")
    store.close()
    return tmp_path / "data"


def test_repair_says_what_was_read_and_where_the_old_one_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair"]) == 0
    said = capsys.readouterr().out
    assert "2 rows were read; the old file is" in said
    assert len(list(data.glob("damaged-*.db"))) == 1
    assert f"1 have no note of whose they are, and stay in {data / 'lost-and-found'}" in said


def test_take_in_brings_back_what_a_start_has_put_aside(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in data.glob("texture.db*"):
        path.unlink()
    store = Store(Settings(data=data))
    store.lost.collect()
    store.close()
    assert main(["take-in"]) == 0
    assert "0 jobs and 1 pictures were taken in again" in capsys.readouterr().out
    assert len(list((data / "pictures").glob("*.png"))) == 1


@pytest.mark.parametrize("command", ["repair", "take-in"])
def test_not_while_a_server_runs(data: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    lock = FolderLock(data / "engine.lock")
    lock.acquire()
    assert main([command]) == 1
    assert "run by another Texture Lab: stop that one" in capsys.readouterr().err
    lock.release()


def test_a_data_folder_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TEXTURE_DATA", str(tmp_path / "file"))
    for command in ("repair", "take-in"):
        assert main([command]) == 1
        assert f"the data folder {tmp_path / 'file'} (TEXTURE_DATA) cannot be used" in capsys.readouterr().err
