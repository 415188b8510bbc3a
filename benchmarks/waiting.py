"""What a person waits for: the server's first answer, and a job's first picture after the click, cold and warm.

    python -m benchmarks.waiting [--rounds 3] [--methods gatys,match,sgan]

Each round starts a server of its own with an empty folder, and caches as they are. "cold": the job is started as soon
as the server answers, so that torch, the method and its weights are yet to be loaded. "chosen": the page's first
forecast was asked for three seconds before, as by somebody who looks at the settings; the server gets ready meanwhile.
"warm": the same job once more. The first picture is the first of the live stream that a browser would show.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from websocket import create_connection

from benchmarks.stream import ROOT, free_port, surroundings

CHOOSING = 3.0  # seconds
PATH = "/socket.io/?EIO=4&transport=websocket"


class Person:
    """A browser session: it starts jobs and watches them."""

    def __init__(self, url: str) -> None:
        self._url, self._http = url, requests.Session()
        self._http.get(url, timeout=60).raise_for_status()
        self._cookie = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())

    def choose(self, method: str) -> None:
        """Look at the method's settings for a while."""
        run = {"method": method, "params": {}}
        body = {"images": {"source": "sample:pebbles"}, "runs": [run]}
        self._http.post(self._url + "/api/forecast", json=body, timeout=60).raise_for_status()
        time.sleep(CHOOSING)

    def first_picture(self, method: str) -> float:
        """Start a job, and cancel it at its first picture, which comes after so many seconds."""
        with closing(create_connection(self._url.replace("http", "ws", 1) + PATH, cookie=self._cookie)) as link:
            link.send("40")
            link.send('420["watch",{"jobs":"mine"}]')
            while not link.recv().startswith(("430", "460")):
                pass
            began = time.monotonic()
            job = self._start(method)
            while not _is_frame(link.recv(), job):
                pass
            took = time.monotonic() - began
        self._http.post(f"{self._url}/api/jobs/{job}/cancel", timeout=60).raise_for_status()
        return took

    def settle(self) -> None:
        """Until the worker has left the cancelled job, and is free."""
        job = self._start("match", size=32, rounds=1)
        while self._http.get(f"{self._url}/api/jobs/{job}", timeout=60).json()["state"] != "done":
            time.sleep(0.1)

    def _start(self, method: str, **params: object) -> str:
        body = {"method": method, "images": {"source": "sample:pebbles"}, "params": params}
        made = self._http.post(self._url + "/api/jobs", json=body, timeout=60)
        made.raise_for_status()
        return str(made.json()["id"])


def _is_frame(message: Any, job: str) -> bool:
    return isinstance(message, str) and message.startswith("45") and '"frame"' in message and job in message


@contextmanager
def served() -> Iterator[tuple[str, float]]:
    """The address of a new server, and the seconds until it answered."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(free_port())],
            cwd=ROOT,
            env=surroundings(DATA=Path(folder) / "data", OFFLINE=1),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the server did not start"
            url = found[0].rstrip("/")
            requests.get(url, timeout=60).raise_for_status()
            yield url, time.monotonic() - began
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)


def measured(method: str) -> dict[str, float]:
    """One round."""
    with served() as (url, answered):
        person = Person(url)
        cold = person.first_picture(method)
        person.settle()
        found = {"answer": answered, "cold": cold, "warm": person.first_picture(method)}
    with served() as (url, _):
        person = Person(url)
        person.choose(method)
        return found | {"chosen": person.first_picture(method)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of each method (3)")
    parser.add_argument("--methods", default="gatys,match,sgan", help="names with commas between them")
    given = parser.parse_args()
    print("| seconds | server's first answer | first picture: cold | chosen | warm |\n|---|---|---|---|---|")
    for method in given.methods.split(","):
        rounds = [measured(method) for _ in range(given.rounds)]
        middle = [statistics.median(one[name] for one in rounds) for name in ("answer", "cold", "chosen", "warm")]
        print(f"| `{method}` | {' | '.join(f'{seconds:.1f}' for seconds in middle)} |", flush=True)


if __name__ == "__main__":
    main()
