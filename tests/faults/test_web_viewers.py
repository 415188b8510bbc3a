"""Sixty viewers of every kind for ten minutes: the healthy see their pictures, and memory stays where it is.

Latency and the worker's pace under the same viewers: `python -m benchmarks.stream --mixed --seconds 600 --rounds 1`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.serving import ROOT, Server, Session

HEALTHY, PACE, SILENT, PASSING = 48, 400_000, 1, 10  # and one whose link takes so many bytes a second
SETTLED, SECONDS = 60.0, 600.0  # the first begins when each picture has been measured, for which more is imported
GROWTH = 0.05


@contextmanager
def watching(session: Session, comparison: str) -> Iterator[Counter[int]]:
    """All viewers, while the block runs; then how many frames each of the healthy has received, and the slow one."""
    counts = [str(count) for count in (HEALTHY, PACE, SILENT, PASSING)]
    command = [sys.executable, "-m", "benchmarks.viewers", session.url, comparison, *counts]
    received: Counter[int] = Counter()
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as viewers:
        assert viewers.stdout
        assert viewers.stdout.readline() == "ready\n"
        yield received
        received.update(frame[0] for frame in json.loads(viewers.communicate()[0])["frames"])


def wait_until_measured(session: Session, comparison: str) -> None:
    """Until each of its jobs has metrics."""
    end = time.monotonic() + 300
    while not all(job["metrics"] for job in session.get(f"/api/comparisons/{comparison}").json()["jobs"]):
        assert time.monotonic() < end
        time.sleep(1)


@pytest.mark.slow
def test_memory_is_flat_under_viewers_of_every_kind(server: Server) -> None:
    session, process = server.session(), psutil.Process(server.process.pid)
    comparison = session.start_comparison(*[{"steps": 10_000_000, "work": 5, "seed": seed} for seed in range(4)])
    session.post(f"/api/comparisons/{comparison['id']}/share", json={"shared": True}).raise_for_status()
    with watching(session, comparison["id"]) as received:
        wait_until_measured(session, comparison["id"])
        time.sleep(SETTLED)
        before = process.memory_info().rss
        time.sleep(SECONDS)
        after = process.memory_info().rss
    assert after < before * (1 + GROWTH), f"{before / 1e6:.0f} MB, then {after / 1e6:.0f} MB"
    assert all(received[viewer] > SECONDS for viewer in range(HEALTHY + 1)), received
    assert "Traceback" not in server.errors()
