"""Bytes by key: whole or not there, and gone with all that lies below."""

from __future__ import annotations

from pathlib import Path

import pytest

from texture.jobs.store import Store
from texture.jobs.store.blobs import Blobs, FolderBlobs
from texture.jobs.store.reserve import Reserve


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "data", Reserve(tmp_path / "reserve"))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_put_comes_back(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put("jobs/one/result.png", b"first")
    blobs.put("jobs/one/result.png", b"second")
    assert blobs.exists("jobs/one/result.png")
    assert blobs.get("jobs/one/result.png") == b"second"
    assert names(tmp_path / "data/jobs/one") == {"result.png"}  # no draft is left lying about


def test_what_is_open_stays_as_it_was(blobs: Blobs) -> None:
    blobs.put("model", b"of step 1")
    with blobs.open("model") as file:
        blobs.put("model", b"of step 2")
        assert file.read() == b"of step 1"
        blobs.delete("model")
    assert not blobs.exists("model")


def test_what_is_not_there(blobs: Blobs) -> None:
    for read in (blobs.get, blobs.open):
        with pytest.raises(FileNotFoundError):
            read("jobs/one/result.png")
    blobs.delete("jobs/one/result.png")
    assert not blobs.exists("jobs")


def test_a_folder_is_deleted_with_all_that_is_in_it(blobs: Blobs, tmp_path: Path) -> None:
    for key in ("jobs/one/a", "jobs/one/b", "jobs/two/a"):
        blobs.put(key, b"x")
    assert not blobs.exists("jobs/one")
    assert names(tmp_path / "data/jobs/one") == {"a", "b"}
    blobs.delete("jobs/one")
    assert names(tmp_path / "data/jobs") == {"two"}


@pytest.mark.parametrize("name", ["../../escaped", "folder/escaped", "/escaped", "..", ""])
def test_what_a_job_leaves_has_a_plain_name(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        store.artifacts.put("one", name, b"x")
    assert not list(store.files.data.rglob("escaped"))
