"""A Redis of the tests' own, in which each test has a database of its own; and a proxy before it that can be cut."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.services.processes import free_port, program, running

DATABASES = 512


class RedisServer:
    """A running server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = itertools.count()

    def url(self, port: int | None = None) -> str:
        """The address of a database in which there is nothing yet, for the setting; through another port where told."""
        return f"redis://127.0.0.1:{port or self.port}/{next(self._numbers) % DATABASES}"


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """A server for the block. folder: for its log."""
    port = free_port()
    options = ["--save", "", "--databases", str(DATABASES), "--dir", folder, "--bind", "127.0.0.1"]
    with running([program("redis-server"), "--port", str(port), *options], port, folder / "redis.log"):
        yield RedisServer(port)


class Proxy:
    """Passes connections on to a port, until it is cut: then those that there are stay silent, and new ones too."""

    def __init__(self, to: int) -> None:
        self._to, self._open = to, threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """From now on nothing gets through."""
        self._open.clear()

    def mend(self) -> None:
        """Connections that were cut are gone; new ones get through."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.set()

    def close(self) -> None:
        """End it."""
        self._listener.close()
        self.mend()
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._sockets.append(near)
        self._open.wait()
        with suppress(OSError):
            far = socket.create_connection(("127.0.0.1", self._to))
            self._sockets.append(far)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._open.wait()
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
