"""Servers and workers as they would be on machines of their own, with a PostgreSQL, a Redis and an S3 between them."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.services.bucket import Bucket
from tests.services.postgres import Postgres
from tests.services.redis import Proxy, RedisServer
from tests.serving import ROOT, START, Server, Session, environment, serving


class WorkerProcess:
    """A running `python -m texture worker`."""

    def __init__(self, arguments: list[str], variables: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "texture", "worker", *arguments],
                env=variables | {"OMP_NUM_THREADS": "1"},
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def wait_until_ready(self) -> None:
        """Return once it has said that it takes jobs."""
        assert self.process.stdout
        watchdog = threading.Timer(START, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        assert line.startswith("Worker"), self.log.read_text()
        self.name = line.split()[1]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it, however it stands."""
        self.kill()
        assert self.process.stdout
        self.process.stdout.close()

    def stop(self, within: float = 15.0) -> int:
        """Ask it to end, and wait; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)


class Machines:
    """What is started on one database, one bucket and one Redis."""

    def __init__(self, folder: Path, database: str, blobs: str, redis: RedisServer, stack: ExitStack) -> None:
        self.folder, self.database, self.blobs = folder, database, blobs
        self.broker, self._redis = redis.url(), redis
        self._stack, self._count = stack, 0
        self.servers: list[Server] = []
        self._serve = stack.enter_context(serving(folder))

    @property
    def settings(self) -> dict[str, Any]:
        """What they all are told."""
        return {"database": self.database, "blobs": self.blobs, "broker": self.broker}

    def server(self, **settings: object) -> Server:
        """Start a server, with a data folder of its own."""
        self._count += 1
        return self._serve(**{**self.settings, "data": self.folder / f"server-{self._count}", **settings})

    def begin_worker(self, *arguments: str, **settings: object) -> WorkerProcess:
        """Start a worker, without waiting until it is ready."""
        self._count += 1
        place = self.folder / f"worker-{self._count}"
        place.mkdir()
        variables = environment(place, **{**self.settings, **settings})
        worker = WorkerProcess(list(arguments), variables, place / "log")
        self._stack.callback(worker.close)
        return worker

    def worker(self, *arguments: str, **settings: object) -> WorkerProcess:
        """Start a worker."""
        worker = self.begin_worker(*arguments, **settings)
        worker.wait_until_ready()
        return worker

    @contextmanager
    def workers(self) -> Iterator[None]:
        """Whatever is started in the block, but for servers, ends with it."""
        before = self._stack
        with ExitStack() as self._stack:
            yield
        self._stack = before

    def proxy(self) -> tuple[Proxy, str]:
        """A way to Redis that can be cut, and the setting by which it is taken."""
        proxy = Proxy(self._redis.port)
        self._stack.callback(proxy.close)
        return proxy, self.broker.replace(f":{self._redis.port}/", f":{proxy.port}/")


@pytest.fixture(scope="module")
def services(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, s3: Bucket, redis: RedisServer
) -> Iterator[Machines]:
    """What all tests of a file share: the services, and two servers."""
    with postgres.migrated() as database, ExitStack() as stack:
        machines = Machines(tmp_path_factory.mktemp("machines"), database, s3.prefix(), redis, stack)
        machines.servers = [machines.server(), machines.server()]
        yield machines


@pytest.fixture
def machines(services: Machines) -> Iterator[Machines]:
    """The same; the workers that a test starts end with it."""
    with services.workers():
        yield services


def picture_of(session: Session, job: str) -> bytes:
    """A job's result."""
    answer = session.get(f"/api/jobs/{job}/files/result.png")
    assert answer.status_code == 200, answer.text
    return answer.content
