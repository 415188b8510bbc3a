"""Bytes by key: whole or not there, and gone with all that lies below."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.services.bucket import Bucket
from texture.errors import SetupProblem
from texture.jobs.store import Store, bucket
from texture.jobs.store.blobs import Blobs, FolderBlobs
from texture.jobs.store.bucket import S3Blobs
from texture.jobs.store.reserve import Reserve

Get = Callable[..., Any]


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "data", Reserve(tmp_path / "reserve"))
    return S3Blobs(request.getfixturevalue("s3").prefix())


def test_what_is_put_comes_back(blobs: Blobs) -> None:
    blobs.put("jobs/one/result.png", b"first")
    blobs.put("jobs/one/result.png", b"second")
    assert blobs.exists("jobs/one/result.png")
    assert blobs.get("jobs/one/result.png") == b"second"
    assert blobs.names("jobs/one") == ["result.png"]  # no draft is left lying about


def test_only_what_has_no_checksums_is_forced_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a checkpoint is written every few seconds, by the thread that computes."""
    forced: list[int] = []
    monkeypatch.setattr("texture.images.encoding.os.fsync", forced.append)
    blobs = FolderBlobs(tmp_path)
    blobs.put("jobs/one/checkpoint/head", b"x")
    assert forced == []
    blobs.put("jobs/one/result.png", b"x")
    assert len(forced) == 1


def test_what_is_large_comes_back(blobs: Blobs) -> None:
    data = np.random.default_rng(0).bytes(20 * 2**20)  # a bucket takes it in several parts
    blobs.put("model", data)
    assert blobs.get("model") == data
    with blobs.open("model") as file:
        assert file.read() == data


def test_what_is_open_stays_as_it_was(blobs: Blobs) -> None:
    blobs.put("model", b"of step 1")
    with blobs.open("model") as file:
        assert os.fstat(file.fileno()).st_size == 9
        blobs.put("model", b"of step 2")
        assert file.read() == b"of step 1"
        blobs.delete("model")
    assert not blobs.exists("model")


def test_an_open_one_tells_when_it_was_written(s3: Bucket) -> None:
    """By that a browser knows what it has already."""
    blobs = S3Blobs(s3.prefix())
    moments = []
    for data in (b"one", b"one", b"two"):
        blobs.put("a", data)
        for _ in range(2):
            with blobs.open("a") as file:
                moments.append(os.fstat(file.fileno()).st_mtime_ns)
    assert moments[0] == moments[1]
    assert moments[2] == moments[3] != moments[4] == moments[5]
    assert abs(moments[0] / 1e9 - time.time()) < 60


def test_what_is_not_there(blobs: Blobs) -> None:
    for read in (blobs.get, blobs.open):
        with pytest.raises(FileNotFoundError):
            read("jobs/one/result.png")
    blobs.delete("jobs/one/result.png")
    assert not blobs.exists("jobs")


def test_a_folder_is_deleted_with_all_that_is_in_it(blobs: Blobs) -> None:
    for key in ("jobs/one/a", "jobs/one/deep/b", "jobs/onerous/a", "jobs/two/a"):
        blobs.put(key, b"x")
    assert not blobs.exists("jobs/one")
    assert set(blobs.names("jobs/one")) == {"a", "deep"}
    blobs.delete("jobs/one")
    assert set(blobs.names("jobs")) == {"onerous", "two"}
    assert blobs.names("jobs/one") == blobs.names("nothing") == []


def test_sizes(blobs: Blobs) -> None:
    for key in ("jobs/one/a", "jobs/one/deep/b", "jobs/onerous/a"):
        blobs.put(key, key.encode())
    assert blobs.sizes("jobs/one") == {"jobs/one/a": 10, "jobs/one/deep/b": 15}
    assert blobs.sizes("jobs/one/a") == {"jobs/one/a": 10}
    assert blobs.sizes("jobs/two") == {}
    blobs.sweep("jobs")
    assert len(blobs.sizes("jobs")) == 3


def test_many_are_listed_and_deleted(s3: Bucket) -> None:
    """More than a bucket tells or takes in one answer."""
    blobs = S3Blobs(s3.prefix())
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: blobs.put(f"jobs/one/{number}", b""), range(1010)))
    assert len(blobs.names("jobs/one")) == len(blobs.sizes("jobs/one")) == 1010
    blobs.delete("jobs/one")
    assert blobs.names("jobs/one") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "does not answer"),
        ({}, "no such bucket"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_told_in_words(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], words: str
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    blobs, began = S3Blobs("s3://nowhere/texture"), time.monotonic()
    with pytest.raises(SetupProblem, match=f"a cannot be written: s3://nowhere/texture: .*{words}"):
        blobs.put("jobs/one/a", b"x")
    reads: list[Get] = [blobs.get, blobs.open, blobs.names, blobs.sizes, blobs.delete]
    for read in reads:
        with pytest.raises(OSError, match=words) as refusal:
            read("jobs/one/a")
        assert not isinstance(refusal.value, FileNotFoundError)
    assert time.monotonic() - began < 60


def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, s3: Bucket) -> None:
    """It takes the connection and never says a word."""
    monkeypatch.setitem(bucket.CLIENT, "read_timeout", "200ms")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(OSError, match="does not answer"):
            S3Blobs("s3://nowhere/texture").get("a")
    assert time.monotonic() - began < 20


@pytest.mark.folder
@pytest.mark.parametrize("name", ["../../escaped", "folder/escaped", "/escaped", "..", ""])
def test_what_a_job_leaves_has_a_plain_name(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        store.artifacts.put("one", name, b"x")
    assert not list(store.files.data.rglob("escaped"))
