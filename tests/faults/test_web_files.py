"""Files that are damaged or gone, readers that read nothing, and askers who have hung up."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from tests.serving import Server, Session
from tests.web.watching import Viewer

READERS = 24
MEGABYTE = 2**20


@pytest.fixture
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture
def viewer(session: Session) -> Iterator[Viewer]:
    viewer = Viewer(session)
    yield viewer
    viewer.close()


def done(viewer: Viewer, session: Session) -> str:
    """A comparison whose one job is done."""
    viewer.watch("mine")
    comparison = session.start_comparison({"steps": 3})
    job: str = comparison["jobs"][0]["id"]
    viewer.wait_for_state(job, "done")
    return job


def damaged(server: Server, job: str, name: str, how: str) -> Path:
    path = server.data / "jobs" / job / name
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "other": b"no picture at all" * 9}[how])
    return path


@pytest.mark.parametrize("how", ["cut", "empty", "other"])
def test_a_damaged_preview_does_not_keep_anybody_from_watching(
    server: Server, session: Session, viewer: Viewer, how: str
) -> None:
    job = done(viewer, session)
    damaged(server, job, "preview.jpg", how)
    (told,) = viewer.watch([job])["jobs"]
    assert told["job"]["state"] == "done"
    assert session.get(f"/api/jobs/{job}/preview.jpg").status_code == 404


@pytest.mark.parametrize("how", ["cut", "empty", "other"])
def test_a_damaged_result_is_not_served_and_spoils_no_sheet(
    server: Server, session: Session, viewer: Viewer, how: str
) -> None:
    job = done(viewer, session)
    damaged(server, job, "result.png", how)
    for path in ("result.png", "tiled.png"):
        answer = session.get(f"/api/jobs/{job}/{path}")
        assert answer.status_code == 404
        assert "damaged" in answer.json()["detail"]
        assert str(server.data) not in answer.text
    comparison = session.get(f"/api/jobs/{job}").json()["comparison"]
    sheet = session.get(f"/api/comparisons/{comparison}/sheet.png")
    assert Image.open(io.BytesIO(sheet.content)).size > (64, 64)


def test_a_picture_that_has_vanished_is_not_there_and_spoils_no_sheet(
    server: Server, session: Session, viewer: Viewer, png: bytes
) -> None:
    viewer.watch("mine")
    picture = session.post("/api/images", files={"file": png}).json()["id"]
    comparison = session.start_comparison({"steps": 3}, source=picture)
    viewer.wait_for_state(comparison["jobs"][0]["id"], "done")
    (server.data / "pictures" / f"{picture}.png").unlink()
    for path in ("", "?size=64", "/lattice"):
        assert session.get(f"/api/images/{picture}{path}").status_code == 404
    assert session.get(f"/api/comparisons/{comparison['id']}/sheet.png").ok


def asked(session: Session, path: str) -> socket.socket:
    """A connection that has asked for something, and reads nothing."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect(("127.0.0.1", int(session.url.rpartition(":")[2])))
    link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {session.cookie}\r\n\r\n".encode())
    return link


def test_those_who_read_nothing_of_a_large_answer_cost_no_memory(server: Server, session: Session) -> None:
    """24 readers of a PNG of 71 MB had the server hold 1.35 GB."""
    noise = np.random.default_rng(0).integers(0, 256, (2000, 2000, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=80)
    made = session.post("/api/images", files={"file": file.getvalue()}, timeout=60)
    path = made.json()["url"]
    size = len(session.get(path, timeout=60).content)
    assert size > 8 * MEGABYTE
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    with ExitStack() as stack:
        readers = [stack.enter_context(asked(session, path)) for _ in range(READERS)]
        for reader in readers:
            reader.settimeout(60)
            assert reader.recv(12) == b"HTTP/1.1 200"  # all of them are under way
        grown = process.memory_info().rss - before
    assert grown < READERS * size / 3, f"{grown / MEGABYTE:.0f} MB for {READERS} × {size / MEGABYTE:.0f} MB"


def test_who_asks_for_much_and_hangs_up_delays_nobody(session: Session, viewer: Viewer, png: bytes) -> None:
    """Twenty sheets that nobody waited for delayed another's upload by a minute."""
    job = done(viewer, session)
    start = time.monotonic()
    assert session.get(f"/api/jobs/{job}/tiled.png?columns=12&rows=12", timeout=60).ok
    one = time.monotonic() - start
    for number in range(20):
        asked(session, f"/api/jobs/{job}/tiled.png?columns=12&rows={12 - number % 2}").close()
    start = time.monotonic()
    assert session.post("/api/images", files={"file": png}, timeout=60).status_code == 201
    assert time.monotonic() - start < 2 + one
    assert session.get(f"/api/jobs/{job}/tiled.png?columns=2&rows=2", timeout=60).ok
    assert time.monotonic() - start < 3 + 4 * one, "those sheets were not drawn"


def test_bodies_in_chunks_are_read_and_bounded(session: Session, png: bytes) -> None:
    """With eventlet an upload in chunks had no file in it; what is too large was said to be no form, or no JSON."""
    border, form = "x" * 20, {"Content-Type": f"multipart/form-data; boundary={'x' * 20}"}
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
    end = f"\r\n--{border}--\r\n".encode()
    assert session.post("/api/images", data=iter([head, png[:99], png[99:], end]), headers=form).status_code == 201
    large = session.post("/api/images", data=iter([head, *[bytes(MEGABYTE)] * 21, end]), headers=form)
    assert (large.status_code, large.json()["allowed"]["maximum"] // MEGABYTE) == (413, 20)
    words = iter([b'{"method": "counting", "images": {"source": "sample:pebbles"}}', b" " * MEGABYTE])
    assert session.post("/api/jobs", data=words, headers={"Content-Type": "application/json"}).status_code == 413
