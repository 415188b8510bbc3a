"""All open connections: their time limits, and which one is closed when there are too many.

A connection waits for a request, reads its body, works on it, and sends what came of it. Waiting, reading and sending
have a time limit, whoever drips; working has none, and neither has a websocket, which is work to us.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from texture.web.networks import Networks, customer, is_among

MOST = 512  # at one time; a process may have 1024 open files by default
MOST_OF_ONE = 128  # from one address that is no proxy of ours
STUCK = 1.0  # seconds without a byte after which one that reads or sends may go where another has no place
WAIT = 20.0  # seconds that a request line with its headers may take, from the first moment or the last answer
BODY = 30.0  # seconds that a body may take, and …
PACE = 32 * 1024  # … one more for each so many bytes of it
PATIENCE = 60.0  # seconds that a client may take to receive each piece of an answer
SWEEP = 1.0  # seconds between two looks for those that are overdue
KEY = "texture.connection"  # where a request's environ has its Connection

Phase = Literal["waiting", "reading", "working", "sending"]
EXPENDABLE: dict[Phase, int] = {"waiting": 0, "reading": 1, "sending": 2}  # in this order, each the longest first


@dataclass(eq=False, slots=True)
class Connection:
    """One client's connection and its activity; whose: by address; since: when it last made progress."""

    socket: Any
    whose: str
    since: float
    deadline: float | None
    phase: Phase = "waiting"


@dataclass
class Connections:
    """Safe to use from any thread. proxies: networks from which many people come as one address."""

    proxies: Networks = ()
    most: int = MOST
    most_of_one: int = MOST_OF_ONE
    clock: Callable[[], float] = time.monotonic
    _open: dict[Any, Connection] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, link: Any, address: str) -> bool:
        """Accept a connection, whose socket is `link`; False, and it is closed, if there is no place for it."""
        whose = customer(address)
        with self._lock:
            room = self._make_room(list(self._open.values()), self.most)
            if room and not is_among(address, self.proxies):
                theirs = [one for one in self._open.values() if one.whose == whose]
                room = self._make_room(theirs, self.most_of_one)
            if room:
                now = self.clock()
                self._open[link] = Connection(link, whose, now, now + WAIT)
        if not room:
            hang_up(link)
        return room

    def find(self, link: Any) -> Connection | None:
        """The connection of a socket."""
        return self._open.get(link)

    def progress(self, connection: Connection | None) -> None:
        """Record that it makes progress."""
        if connection is not None:
            connection.since = self.clock()

    def close(self, link: Any) -> None:
        """Forget it."""
        with self._lock:
            self._open.pop(link, None)

    def enter(self, connection: Connection | None, phase: Phase, seconds: float | None) -> None:
        """From now on it does this, and has so many seconds for it; None: as long as it takes."""
        if connection is not None:
            now = self.clock()
            connection.phase, connection.since = phase, now
            connection.deadline = None if seconds is None else now + seconds

    def relieve(self) -> None:
        """Close the connection that matters least: the process has no file handle left."""
        with self._lock:
            self._make_room(list(self._open.values()), 0)

    def sweep(self) -> None:
        """Close those that are overdue."""
        with self._lock:
            now = self.clock()
            for one in [one for one in self._open.values() if one.deadline is not None and one.deadline < now]:
                self._drop(one)

    def _make_room(self, among: list[Connection], most: int) -> bool:
        """Whether one more may be among these, once the one that can best be spared has gone."""
        if len(among) < most:
            return True
        stuck = self.clock() - STUCK
        spare = [one for one in among if one.phase == "waiting" or (one.phase in EXPENDABLE and one.since < stuck)]
        if not spare:
            return False
        self._drop(min(spare, key=lambda one: (EXPENDABLE[one.phase], one.since)))
        return True

    def _drop(self, connection: Connection) -> None:
        del self._open[connection.socket]
        hang_up(connection.socket)


def has_gone(connection: Connection | None) -> bool:
    """Whether the client has hung up, so that nobody waits for an answer any longer."""
    if connection is None:
        return False
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.socket.fileno(), selectors.EVENT_READ)
            if not selector.select(0):
                return False
        plain = getattr(connection.socket, "fd", connection.socket)  # eventlet's own has it inside
        return not plain.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


def hang_up(link: Any) -> None:
    """Close a connection in both directions; anything waiting on it is woken at once."""
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


class Paced:
    """A WSGI app whose connections tell what they do."""

    def __init__(self, app: Callable[..., Any], connections: Connections) -> None:
        self._app, self._connections = app, connections

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI call."""
        enter, connection = self._connections.enter, environ.get(KEY)
        length = environ.get("CONTENT_LENGTH") or "0"
        expected = int(length) if length.isdecimal() else 0
        if expected or "HTTP_TRANSFER_ENCODING" in environ:
            enter(connection, "reading", BODY + expected / PACE)
            environ["wsgi.input"] = _Body(environ["wsgi.input"], expected, self._connections, connection)
        else:
            enter(connection, "working", None)

        def start(*answer: Any) -> Any:
            enter(connection, "sending", PATIENCE)
            return start_response(*answer)

        pieces = self._app(environ, start)
        if hasattr(pieces, "__len__"):  # whole already, and servers tell the client how long it is
            return pieces  # type: ignore[no-any-return]
        return _Pieces(pieces, lambda: enter(connection, "sending", PATIENCE))


class _Body:
    """A request's body; when all of it has come, the connection works."""

    def __init__(self, stream: Any, expected: int, connections: Connections, connection: Connection | None) -> None:
        self._stream, self._left, self._chunked = stream, expected, not expected
        self._connections, self._connection = connections, connection

    def read(self, *size: int) -> bytes:
        return self._count(self._stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._count(self._stream.readline(*size))

    def _count(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if piece and (self._chunked or self._left > 0):
            self._connections.progress(self._connection)
        else:
            self._connections.enter(self._connection, "working", None)
        return piece


class _Pieces:
    """An answer that goes out piece by piece; `next` is called before each."""

    def __init__(self, pieces: Iterable[bytes], next: Callable[[], None]) -> None:
        self._pieces, self._next = pieces, next

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._next()
            yield piece

    def close(self) -> None:
        getattr(self._pieces, "close", lambda: None)()
