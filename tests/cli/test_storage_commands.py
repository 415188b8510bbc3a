"""`usage` and `backup`: what they say. tests/web/test_backup.py makes a backup of a server that is at work."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from texture.cli.main import main
from texture.jobs.store import Store
from texture.jobs.store.schema import JobRow, PictureRow
from texture.methods.registry import find_method
from texture.settings import Settings

THEN = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one job that has expired, one in the trash, and a picture that nothing uses, all long ago."""
    monkeypatch.setenv("TEXTURE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TEXTURE_KEEP_DAYS", "30")
    store = Store(Settings(data=tmp_path / "data"))
    params = find_method("counting").params()
    ended, deleted = (store.jobs.add("me", "counting", params, {"source": "sample:clay"}).id for _ in range(2))
    store.pictures.add("me", "mine.png", store.pictures.pixels("sample:clay"))
    store.trash.put_job(deleted)
    with store.database.writing() as session:
        session.execute(update(PictureRow).values(created=THEN, bytes=3_000_000))
        session.execute(update(JobRow).where(JobRow.id == ended).values(state="done", ended=THEN, bytes=5_000_000))
        session.execute(update(JobRow).where(JobRow.id == deleted).values(trashed=THEN, bytes=7_000_000))
    store.close()
    return tmp_path / "data"


def test_usage_lists_kinds_and_what_will_be_removed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage"]) == 0
    said = capsys.readouterr().out
    assert re.search(rf"^{data}: [\d.,]+ MB; [\d.,]+ [GM]B are free on its disk$", said, re.MULTILINE)
    for kind, size in (("pictures", "3.0"), ("jobs", "5.0"), ("deleted", "7.0"), ("models", "0.0")):
        assert re.search(rf"^  {kind} +{size} MB$", said, re.MULTILINE)
    assert "moves to the trash  1 job, 5.0 MB that ended more than 30 days ago" in said
    assert "removes             1 deleted job, 7.0 MB" in said
    assert "1 picture, 3.0 MB that nothing uses" in said
    assert "0 items, 0.0 MB of the lost-and-found" in said


def test_usage_changes_nothing(data: Path) -> None:
    before = sorted(path for path in data.rglob("*") if "texture.db-" not in path.name)
    assert main(["usage"]) == 0
    assert sorted(path for path in data.rglob("*") if "texture.db-" not in path.name) == before


@pytest.mark.parametrize("command", [["usage"], ["backup", "copy"]])
def test_a_folder_without_data_is_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEXTURE_DATA", str(tmp_path / "none"))
    assert main(command) == 2
    assert f"there is no data in {tmp_path / 'none'}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("data")
def test_a_backup_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "copy").mkdir()
    assert main(["backup", str(tmp_path / "copy")]) == 1
    assert "exists already: name a folder that does not" in capsys.readouterr().err
    assert list((tmp_path / "copy").iterdir()) == []


def test_a_backup_that_cannot_be_written_leaves_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "texture.db").write_bytes(b"no database")
    assert main(["backup", str(tmp_path / "copy")]) == 1
    assert "cannot be copied: file is not a database" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [data]
