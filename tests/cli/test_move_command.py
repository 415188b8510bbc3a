"""`move`: into PostgreSQL and S3 and back to a folder, and what it refuses before it begins."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.bucket import Bucket
from tests.services.postgres import PASSWORD, Postgres
from texture.jobs.engines.lock import FolderLock
from texture.jobs.store import Store
from texture.jobs.store import postgres as ours
from texture.methods.registry import find_method
from texture.settings import Settings

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a job, a picture and a key."""
    for name in ("DATABASE", "BLOBS", "BROKER"):
        monkeypatch.delenv(f"TEXTURE_{name}", raising=False)
    monkeypatch.setenv("TEXTURE_DATA", str(tmp_path / "data"))
    store = Store(Settings(data=tmp_path / "data"))
    store.jobs.add("me", "counting", find_method("counting").params(), {"source": "sample:clay"})
    store.pictures.add("me", "mine.png", store.pictures.pixels("sample:clay"))
    store.close()
    (tmp_path / "data" / "secret-key").write_bytes(b"k" * 32)
    return tmp_path / "data"


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


def test_there_and_back(
    data: Path, database: str, s3: Bucket, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blobs = s3.prefix()
    status, said, told = call("move", "--database", database, "--blobs", blobs)
    assert (status, told) == (0, "")
    assert "2 rows and 1 file (0.3 MB) are there, each compared" in said
    assert "now set TEXTURE_DATABASE and TEXTURE_BLOBS, and start the server; the old place is as it was" in said
    assert PASSWORD not in said
    monkeypatch.setenv("TEXTURE_DATABASE", database)
    monkeypatch.setenv("TEXTURE_BLOBS", blobs)
    (data / "secret-key").unlink()  # from now on it is in the database, for all servers
    back = tmp_path / "back"
    status, said, _ = call("move", "--data", str(back))
    assert status == 0
    assert f"now set TEXTURE_DATA={back} without TEXTURE_DATABASE and TEXTURE_BLOBS, and start" in said
    assert (back / "secret-key").read_bytes() == b"k" * 32
    assert stat.S_IMODE((back / "secret-key").stat().st_mode) == 0o600
    pictures = {path.name: path.read_bytes() for path in (data / "pictures").glob("*.png")}
    assert {path.name: path.read_bytes() for path in (back / "pictures").iterdir()} == pictures
    store = Store(Settings(data=back))
    assert [job.exemplar for job in store.jobs.list("me")] == ["Cracked clay"]
    store.close()


def test_not_while_a_server_runs(
    data: Path, database: str, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = FolderLock(data / "engine.lock")
    lock.acquire()
    status, _, told = call("move", "--database", database)
    lock.release()
    assert (status, "are run by another Texture Lab" in told) == (1, True)
    assert call("move", "--database", database)[0] == 0
    monkeypatch.setenv("TEXTURE_DATABASE", database)
    engine = ours.open_postgres(database)
    monkeypatch.setattr(ours, "THIS", "texture-another")
    status, _, told = call("move", "--data", str(tmp_path / "back"))
    engine.dispose()
    assert (status, "a server or a worker is using the database" in told) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words", "status"),
    [
        ([], "everything is there already", 2),
        (["--data", "{data}"], "everything is there already", 2),
        (["--database", "mysql://host/name"], "TEXTURE_DATABASE", 1),
        (["--database", "postgresql+psycopg://me:secret@127.0.0.1:1/name"], "name on 127.0.0.1 cannot be used", 1),
        (["--blobs", "https://host/bucket"], "TEXTURE_BLOBS", 1),
    ],
)
def test_what_cannot_be(data: Path, call: Call, arguments: list[str], words: str, status: int) -> None:
    found, said, told = call("move", *(argument.format(data=data) for argument in arguments))
    assert (found, said) == (status, "")
    assert words in told
    assert "secret" not in told


def test_nothing_to_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.setenv("TEXTURE_DATA", str(tmp_path / "empty"))
    status, _, told = call("move", "--data", str(tmp_path / "new"))
    assert (status, "there is no data in" in told) == (2, True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [("backup", "pg_dump"), ("repair", "pg_dump"), ("take-in", "a bucket has no lost-and-found")],
)
def test_what_looks_after_a_folder_says_what_to_use_instead(
    data: Path, call: Call, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    monkeypatch.setenv("TEXTURE_DATABASE", "postgresql+psycopg://host/name")
    monkeypatch.setenv("TEXTURE_BLOBS", "s3://bucket/prefix")
    status, _, told = call(command, *(["copy"] if command == "backup" else []))
    assert (status, words in told) == (1, True)
