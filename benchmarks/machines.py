"""Several workers and servers on one machine: how much more work they do, a long queue, many viewers.

    python -m benchmarks.machines [--workers 1,2,3] [--jobs 6] [--queued 1000] [--viewers 200] [--seconds 20]

Needs what tests need (`make setup-dev`), and PostgreSQL and Redis (Debian's postgresql and redis-server); the bucket
is moto's, which is a slow one. The steps of jobs wait instead of computing (benchmarks.resting), or the workers would
share what one machine has: what is measured is all that is around a step.

Throughput: `jobs` for each worker, of sixty steps of 50 ms each, and the steps a second of all together, from the
first start to the last end. The queue: how long it takes to start a job, to list jobs and to go from one to the next,
when few and when many wait. Viewers: of one comparison of two runs, half of them at each of two servers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import requests

from benchmarks.report import machine, row
from benchmarks.stream import ROOT, free_port, surroundings
from tests.services.bucket import s3_server
from tests.services.postgres import postgres_server
from tests.services.redis import redis_server
from texture.images.encoding import encode_png

STEPS, PAUSE = 60, 50  # of a job, and milliseconds that each waits
RUNS = 2  # of the comparison that is watched


class Site:
    """The services, and what is started on them."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder, self._count = stack, folder, 0
        bucket = stack.enter_context(s3_server(folder))
        database = stack.enter_context(stack.enter_context(postgres_server()).migrated())
        broker = stack.enter_context(redis_server(folder)).url()
        self._environment = bucket.environment
        self._settings = {"DATABASE": database, "BLOBS": bucket.prefix(), "BROKER": broker, "OFFLINE": 1}

    def server(self) -> Client:
        """Start a server; a session on it."""
        process = self._start("serve", "--port", str(free_port()))
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the server did not start"
        return Client(found[0].rstrip("/"))

    @contextmanager
    def workers(self, count: int) -> Iterator[None]:
        """So many workers, for the block."""
        started = [self._start("worker") for _ in range(count)]
        for process in started:
            assert process.stdout
            assert process.stdout.readline().startswith("Worker"), "the worker did not start"
        yield
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        self._count += 1
        places = {"DATA": self._folder / f"data-{self._count}", "CACHE": self._folder / "cache"}
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.resting", *arguments],
            env=surroundings(**self._settings, **places) | self._environment | {"OMP_NUM_THREADS": "1"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


class Client:
    """A session on a server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.get(url, timeout=60)
        tile = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
        sent = self._session.post(f"{url}/api/images", files={"file": encode_png(tile)}, timeout=60)
        self.source = {"source": sent.json()["id"]}  # small, or to measure results against it would be most of the work

    def ask(self, path: str, body: Any = None) -> Any:
        """The JSON answer to GET, or to POST where there is a body."""
        verb = "GET" if body is None else "POST"
        answer = self._session.request(verb, self.url + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def start(self, steps: int = STEPS) -> str:
        """A job; its id."""
        params = {"steps": steps, "work": PAUSE}
        return str(self.ask("/api/jobs", {"method": "resting", "images": self.source, "params": params})["id"])

    def wait_for(self, job: str, *states: str) -> None:
        """Until it is in one of these states."""
        while self.ask(f"/api/jobs/{job}")["state"] not in states:
            time.sleep(0.02)


def throughput(site: Site, client: Client, counts: list[int], jobs: int) -> Iterator[str]:
    """A table of steps a second."""
    yield row(["workers", "jobs", "steps a second", "of one, for each worker"])
    yield "|---|---|---|---|"
    first = 0.0
    for count in counts:
        with site.workers(count):
            time.sleep(3)  # until they are idle
            began = time.monotonic()
            ids = [client.start() for _ in range(jobs * count)]
            for id in ids:
                client.wait_for(id, "done", "failed")
            pace = STEPS * len(ids) / (time.monotonic() - began)
        first = first or pace / count
        yield row([count, len(ids), f"{pace:.1f}", f"{pace / count / first:.2f}"])


def queue(site: Site, client: Client, many: int) -> Iterator[str]:
    """A table of a short queue beside a long one."""
    yield row(["waiting", "to start one", "to list 100", "from one to the next"])
    yield "|---|---|---|---|"
    waiting: list[str] = []
    for count in (10, many):
        starts = []
        for _ in range(count - len(waiting)):
            began = time.monotonic()
            waiting.append(client.start(1))
            starts.append(time.monotonic() - began)
        lists = [timed(lambda: client.ask("/api/jobs?limit=100")) for _ in range(5)]
        front, begun = waiting[:8], []
        with site.workers(1):
            for id in front:
                client.wait_for(id, "done")
                begun.append(time.monotonic())
        waiting = waiting[len(front) :]
        gaps = [later - earlier for earlier, later in pairwise(begun)]
        yield row([count, *(f"{1000 * statistics.median(times):.0f} ms" for times in (starts[-50:], lists, gaps))])


def viewers(site: Site, clients: list[Client], count: int, seconds: float) -> Iterator[str]:
    """A table of what each of the viewers receives."""
    yield row(["viewers of each server", "frames a second, each", "steps a second, of none"])
    yield "|---|---|---|"
    params = {"steps": 1_000_000, "work": PAUSE, "size": "256"}
    runs = [{"method": "resting", "params": {**params, "seed": seed}} for seed in range(RUNS)]
    with site.workers(1):
        made = clients[0].ask("/api/comparisons", {"images": clients[0].source, "runs": runs})
        comparison = made["id"]
        clients[0].ask(f"/api/comparisons/{comparison}/share", {"shared": True})
        for job in made["jobs"]:
            clients[0].wait_for(job["id"], "running")
        alone = 0.0
        for each in (0, count // len(clients)):
            with ExitStack() as stack:
                watching = [stack.enter_context(watched(client, comparison, each)) for client in clients if each]
                before, began = steps_of(clients[0], comparison), time.monotonic()
                time.sleep(seconds)
                pace = (steps_of(clients[0], comparison) - before) / (time.monotonic() - began)
            frames = sum(len(heard["frames"]) for heard in watching) / (seconds * max(1, each * len(clients)))
            alone = alone or pace
            yield row([each, f"{frames:.1f}", f"{pace / alone:.3f}"])


def steps_of(client: Client, comparison: str) -> int:
    return sum(job["number"] for job in client.ask(f"/api/comparisons/{comparison}")["jobs"])


@contextmanager
def watched(client: Client, comparison: str, count: int) -> Iterator[dict[str, Any]]:
    """So many viewers of a server, for the block; then what they have heard."""
    heard: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.viewers", client.url, comparison, str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", "the viewers could not connect"
        yield heard
        heard.update(json.loads(process.communicate()[0]))


def timed(do: Any) -> float:
    """Seconds that it takes."""
    began = time.monotonic()
    do()
    return time.monotonic() - began


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", default="1,2,3")
    parser.add_argument("--jobs", type=int, default=6)
    parser.add_argument("--queued", type=int, default=1000)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        site = Site(stack, Path(folder))
        clients = [site.server(), site.server()]
        print(f"{machine()}, {os.cpu_count()} processors\n", flush=True)
        counts = [int(count) for count in given.workers.split(",")]
        for table in (
            throughput(site, clients[0], counts, given.jobs),
            queue(site, clients[0], given.queued),
            viewers(site, clients, given.viewers, given.seconds),
        ):
            for line in table:
                print(line, flush=True)
            print()


if __name__ == "__main__":
    main()
