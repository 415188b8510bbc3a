"""An hour of jobs, one after another: what the server holds at the end is what it held when all was warm."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from tests.serving import Serve, Session
from texture.settings import Settings

SECONDS = 3600.0
WARM = 600.0  # seconds until each method has been loaded and used, several times
GROWTH = 0.05
JOBS: list[tuple[str, dict[str, Any]]] = [
    ("counting", {"size": "64", "steps": 40}),
    ("match", {"size": "64"}),
    ("counting", {"size": "96", "steps": 40, "train": True}),
    ("gatys", {"size": "64", "steps": [4]}),
    ("patch", {"size": "64", "steps": [4]}),
    ("sgan", {"size": "64", "steps": 4}),
]


class Held(NamedTuple):
    """What a process holds. memory: bytes that are resident; handles: open files and sockets; locks: of files."""

    memory: int
    threads: int
    handles: int
    locks: int


def held(process: psutil.Process) -> Held:
    """Of now."""
    locks = sum(line.split()[4] == str(process.pid) for line in Path("/proc/locks").read_text().splitlines())
    return Held(process.memory_info().rss, process.num_threads(), process.num_fds(), locks)


def medians(seen: Iterable[Held]) -> Held:
    """Of each thing by itself."""
    return Held(*(int(statistics.median(values)) for values in zip(*seen, strict=True)))


def run_one(session: Session, method: str, params: dict[str, Any]) -> None:
    """Start it, wait for its end, take what it made, and throw it away."""
    id = session.start_job(method=method, params=params)["id"]
    while (row := session.get(f"/api/jobs/{id}").json())["state"] in ("queued", "running"):
        time.sleep(0.1)
    assert row["state"] == "done", row
    for file in ("result.png", "tiled.png"):
        assert session.get(f"/api/jobs/{id}/{file}").status_code == 200
    assert session.delete(f"/api/jobs/{id}").status_code == 204


@pytest.mark.slow
@pytest.mark.weights
def test_nothing_grows(serve: Serve, vgg19: Settings) -> None:
    server = serve(cache=vgg19.cache)
    session, process = server.session(), psutil.Process(server.process.pid)
    seen, began = [], time.monotonic()
    for method, params in itertools.cycle(JOBS):
        run_one(session, method, params)
        seen.append((time.monotonic() - began, held(process)))
        if seen[-1][0] > SECONDS:
            break
    window = (SECONDS - WARM) / 4
    before = medians(now for at, now in seen if WARM < at < WARM + window)
    after = medians(now for at, now in seen if at > SECONDS - window)
    print(f"{len(seen)} jobs, {before} then {after}")
    assert after.memory < before.memory * (1 + GROWTH)
    assert after[1:] <= before[1:], (before, after)
    assert "Traceback" not in server.errors()
