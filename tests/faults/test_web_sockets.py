"""Sockets that say too much, or nothing that is understood."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import Any

import numpy as np
import pytest
import requests
import websocket
from PIL import Image

from tests.serving import Server, Session
from tests.web.watching import Viewer
from texture.web.live.bounds import (
    BURST,
    MOST_OF_ADDRESS,
    MOST_OF_ONE,
    MOST_UNREAD,
    MOST_UNREAD_OF_ALL,
    RATE,
    WORDS,
    Allowance,
    is_crowded,
    reads_too_little,
)

PART = MOST_UNREAD_OF_ALL // 512
GONE = (OSError, websocket.WebSocketException)


@pytest.fixture
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture
def other(server: Server) -> Iterator[Viewer]:
    """Somebody else, who only wants to look."""
    viewer = Viewer(server.session())
    yield viewer
    viewer.close()


@contextmanager
def link(session: Session, *options: tuple[int, int, int]) -> Iterator[websocket.WebSocket]:
    address = session.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    opened = websocket.create_connection(address, cookie=session.cookie, timeout=10, sockopt=options)
    opened.recv()
    opened.send("40")
    opened.recv()
    yield opened
    opened.shutdown()


def is_over(opened: websocket.WebSocket) -> bool:
    """Whether the server has ended it, once all that was on its way has come."""
    try:
        while opened.recv_data()[0] != websocket.ABNF.OPCODE_CLOSE:
            pass
    except websocket.WebSocketTimeoutException:
        return False
    except GONE:
        return True
    return True


def test_a_thousand_watches_at_once_end_the_socket_and_keep_nobody_waiting(session: Session, other: Viewer) -> None:
    """Others waited 7 s."""
    with link(session) as flood:
        with suppress(*GONE):
            for number in range(1000):
                flood.send(f'42{number}["watch",{{"jobs":"mine"}}]')
        start = time.monotonic()
        assert other.watch([])["jobs"] == []
        assert time.monotonic() - start < 2
        assert is_over(flood)


def test_what_a_quick_viewer_says_is_allowed() -> None:
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    for _ in range(1000):  # two frames in flight, acknowledged at once, and a look at something else each second
        now[0] += 1 / 150
        assert allowance.spend(1 + WORDS / 150)
    assert allowance.spend(BURST / 2)
    now[0] += BURST / RATE
    assert allowance.spend(BURST)
    assert not allowance.spend(1)


def test_a_session_has_so_many_sockets_and_no_more(session: Session, other: Viewer) -> None:
    address = "/socket.io/?EIO=4&transport=polling"
    statuses = [session.get(address).status_code for _ in range(MOST_OF_ONE + 3)]
    assert statuses == [200] * MOST_OF_ONE + [401] * 3
    assert other.watch([])["jobs"] == []


def test_nobody_takes_all_sockets_with_many_sessions() -> None:
    """Eight sessions, which cost eight requests, had all 512."""
    some = [(f"session {number % 8}", "10.0.0.1") for number in range(MOST_OF_ADDRESS - 1)]
    assert not is_crowded(some, "another session", "10.0.0.1")
    assert is_crowded([*some, some[0]], "another session", "10.0.0.1")
    assert not is_crowded([*some, some[0]], "another session", "10.0.0.2")


def test_without_a_session_there_is_no_socket(server: Server) -> None:
    """3,000 were opened."""
    for _ in range(50):
        answer = requests.get(f"{server.url}/socket.io/?EIO=4&transport=polling", timeout=10)
        assert answer.status_code == 401
        assert "sid" not in answer.text


def come_and_go(session: Session, times: int) -> None:
    for _ in range(times):
        with link(session):
            pass


def test_many_who_hang_up_at_once_are_all_forgotten(server: Server, other: Viewer) -> None:
    """Socket.IO's list of clients lost count, with a KeyError."""
    with ThreadPoolExecutor(10) as crowd:
        list(crowd.map(come_and_go, [server.session() for _ in range(10)], repeat(40)))
    assert other.watch([])["jobs"] == []
    assert "Traceback" not in server.errors(), server.errors()[-3000:]


@pytest.mark.parametrize("event", ["connect", "disconnect"])
def test_an_event_that_only_the_server_makes_ends_the_socket(session: Session, event: str) -> None:
    """With `connect` a viewer was a new one, to whom no frames were on their way."""
    with link(session) as opened:
        opened.send(f'421["{event}",{{}}]')
        assert is_over(opened)


def connections(session: Session) -> float:
    (line,) = (
        line for line in session.get("/api/metrics").text.splitlines() if line.startswith("texture_connections ")
    )
    return float(line.split()[1])


def test_one_that_asks_and_reads_nothing_is_cut_off(server: Server, session: Session, other: Viewer) -> None:
    """One of them, asking 14 times a second, cost 300 MB in 15 s; with threads, it stayed for ever."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8))
    jobs = [run["id"] for run in session.start_comparison(*[{"steps": 1_000_000}] * 3)["jobs"]]
    for job in jobs:
        session.post(f"/api/jobs/{job}/cancel").raise_for_status()
        folder = server.data / "jobs" / job
        folder.mkdir(parents=True, exist_ok=True)
        noise.save(folder / "preview.jpg", quality=80)  # as large as one may be
    before = connections(session)
    with link(session, (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)) as greedy, suppress(*GONE):
        for number in range(29):
            greedy.send(f'42{number}["watch",{{"jobs":{json.dumps(jobs)}}}]')
        deadline = time.monotonic() + 30
        while connections(session) > before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert other.watch([])["jobs"] == []


@pytest.mark.parametrize(
    ("unread", "sockets", "of_all", "goes"),
    [
        (MOST_UNREAD, 1, MOST_UNREAD, False),
        (MOST_UNREAD + 1, 1, MOST_UNREAD + 1, True),
        (PART + 1, 512, MOST_UNREAD_OF_ALL, False),
        (PART + 1, 512, MOST_UNREAD_OF_ALL + 1, True),
        (PART, 512, MOST_UNREAD_OF_ALL + 1, False),
    ],
)
def test_many_that_read_little_cost_no_more_than_a_few(unread: int, sockets: int, of_all: int, goes: bool) -> None:
    """64 sockets of a session, each of which read nothing, could cost 384 MB."""
    assert reads_too_little(unread, sockets, lambda: of_all) == goes


MALFORMED = [
    "",
    "4",
    "42",
    "4{",
    '42["watch"',
    "42[]",
    "4299999999999[]",
    "49",
    "4x",
    '451-["a"]',
    "43[]",
    "44",
    "9",
    "\x00",
    "42" + "[" * 5000,
]


def test_packets_that_are_none_end_the_socket_and_leave_no_trace(
    server: Server, session: Session, other: Viewer
) -> None:
    """They left 332 tracebacks."""
    dice = random.Random(7)
    odd: list[Any] = [*MALFORMED, b"\x04abc", *(dice.randbytes(20) for _ in range(10))]
    odd += ["".join(chr(dice.randrange(32, 127)) for _ in range(12)) for _ in range(30)]
    for said in odd:
        with link(session) as opened, suppress(*GONE):
            (opened.send_binary if isinstance(said, bytes) else opened.send)(said)
    assert other.watch([])["jobs"] == []
    assert "Traceback" not in server.errors(), server.errors()[-3000:]


@pytest.mark.parametrize(
    "body", [b"b", b"bAAAA", b"b####", b"\xff\xfe", b"4\x1e\x1eb", b"4" + b"\x1e4" * 100, b"", b"x" * 70_000]
)
def test_polling_bodies_that_are_none_are_no_error_of_ours(server: Server, session: Session, body: bytes) -> None:
    opened = session.get("/socket.io/?EIO=4&transport=polling").text
    address = f"/socket.io/?EIO=4&transport=polling&sid={opened.split(chr(34))[3]}"
    session.post(address, data="40")
    answer = session.post(address, data=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code in (200, 400, 413), answer.text
    session.post(address, data="1")
    assert "Traceback" not in server.errors(), server.errors()[-3000:]
