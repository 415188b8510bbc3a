"""Viewers of every kind for a while: the healthy see their pictures, and memory stays where it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.serving import Server, Session
from tests.web.watching import Viewer

HEALTHY, STALLED = 8, 4
SECONDS = 40.0
SETTLED = 10.0  # seconds until torch, buffers and caches are there
GROWTH = 0.05


@pytest.fixture
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture
def viewers(session: Session) -> Iterator[list[Viewer]]:
    """The healthy ones first, then those that never acknowledge."""
    opened = [Viewer(session, acknowledges=number < HEALTHY) for number in range(HEALTHY + STALLED)]
    yield opened
    for viewer in opened:
        viewer.close()


def come_and_go(session: Session, stop: threading.Event) -> None:
    """Connect, look, and drop the connection without a word, all the time."""
    while not stop.wait(0.1):
        passer = Viewer(session)
        passer.watch("mine")
        passer.close()


@pytest.mark.slow
def test_memory_is_flat_under_viewers_of_every_kind(server: Server, session: Session, viewers: list[Viewer]) -> None:
    for viewer in viewers:
        viewer.watch("mine")
    session.start_job(params={"steps": 1_000_000, "work": 1})
    viewers[0].wait_for_count("frame", 5)
    stop = threading.Event()
    crowd = threading.Thread(target=come_and_go, args=(session, stop))
    crowd.start()
    try:
        process = psutil.Process(server.process.pid)
        time.sleep(SETTLED)
        before, seen = process.memory_info().rss, [len(viewer.of("frame")) for viewer in viewers]
        time.sleep(SECONDS)
        grown = process.memory_info().rss / before - 1
    finally:
        stop.set()
        crowd.join()
    assert grown < GROWTH, f"{grown:.1%}"
    now = [len(viewer.of("frame")) for viewer in viewers]
    assert all(after - then >= SECONDS / 2 for then, after in zip(seen[:HEALTHY], now[:HEALTHY], strict=True)), now
    assert now[HEALTHY:] == [2] * STALLED
    assert server.errors().count("Traceback") == 0
