"""A running `python app.py` in a child process, and the sessions that talk to it. The fixtures are in conftest.py.

Neither eventlet nor the app is ever imported into the test process.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from texture.runs.machine import Machine

ROOT = Path(__file__).parents[1]
PORTS = range(20_000, 30_000)  # below those that the system hands out by itself, so that none is taken in between
START = 40.0  # seconds within which a server on a busy machine says its address
MODES = ("eventlet", "threading")
MEASURED = {"network": 0.2, "plain": 0.3}  # seconds of the calibration, about those of any machine


class Server:
    """A running `python app.py`.

    url: where it serves, without a slash at the end; link: what it printed, with the token where there is one.
    data: its data folder, to start another one on.
    """

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.data = Path(environment["TEXTURE_DATA"])
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py"), *arguments],
                env=environment,
                cwd=log.parent,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.link = ""
        self.url = ""
        self._sessions: list[requests.Session] = []

    def wait_until_ready(self) -> None:
        """Return once it has printed its address; fail the test with its own words when it does not."""
        assert self.process.stdout
        watchdog = threading.Timer(START, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        if "http://" not in line:
            self.process.wait()
            pytest.fail(f"the server did not start: {line!r}\n{self.errors()}")
        self.link = next(word for word in line.split() if word.startswith("http://"))
        self.url = self.link.partition("?")[0].rstrip("/")

    def errors(self) -> str:
        """What it has written to stderr."""
        return self.log.read_text()

    def session(self, *, cookie: bool = True) -> Session:
        """Another browser, so to speak; it has loaded the page, and so has its cookie."""
        session = Session(self.url)
        self._sessions.append(session)
        if cookie:
            session.get("/").raise_for_status()
        return session

    def stop(self, how: signal.Signals = signal.SIGTERM, within: float = 10.0) -> int:
        """Ask it to end, and wait; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(within)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it, however it stands."""
        for session in self._sessions:
            session.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


class Session(requests.Session):
    """A requests session whose addresses begin with the server's."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def request(self, method: str, url: str, *more: Any, **named: Any) -> requests.Response:  # type: ignore[override]
        named.setdefault("timeout", 20)
        return super().request(method, self.url + url if url.startswith("/") else url, *more, **named)

    @property
    def cookie(self) -> str:
        """The Cookie header, for a socket of the same session."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)

    def start_job(self, **more: Any) -> dict[str, Any]:
        """A counting job on a built-in picture; `params` and the like as POST /api/jobs takes them."""
        body = {"method": "counting", "images": {"source": "sample:pebbles"}, **more}
        answer = self.post("/api/jobs", json=body)
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()
        return row

    def start_comparison(self, *params: dict[str, Any], source: str = "sample:pebbles") -> dict[str, Any]:
        """A comparison of counting runs, one for each set of parameters."""
        runs = [{"method": "counting", "params": given} for given in params]
        answer = self.post("/api/comparisons", json={"images": {"source": source}, "runs": runs})
        assert answer.status_code == 201, answer.text
        comparison: dict[str, Any] = answer.json()
        return comparison


Serve = Callable[..., Server]


def free_port() -> int:
    """A port that nobody serves on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no free port")


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """The environment of a server that keeps to `folder`: offline, without weights, unless told.

    Its machine has been measured, as any but a new one has: it does not do so in the midst of a test.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEXTURE_")}
    Machine(folder / "cache", "auto").set_calibration(MEASURED)
    ours = {"data": folder / "data", "cache": folder / "cache", "offline": 1, "port": free_port(), **settings}
    return {**kept, "PYTHONUNBUFFERED": "1"} | {f"TEXTURE_{name.upper()}": str(value) for name, value in ours.items()}


@contextmanager
def serving(folder: Path) -> Iterator[Serve]:
    """A function that starts servers in `folder`; all of them end with the block."""
    servers: list[Server] = []

    def serve(*arguments: str, ready: bool = True, **settings: object) -> Server:
        server = Server(list(arguments), environment(folder, **settings), folder / f"server-{len(servers)}.log")
        servers.append(server)
        if ready:
            server.wait_until_ready()
        return server

    try:
        yield serve
    finally:
        for server in servers:
            server.close()
