"""The concurrency of this server: eventlet or threads. Nothing else in the app knows which of the two runs.

The process is never monkey-patched, for torch lives in it: a `threading.Thread` stays a real thread. So in eventlet
mode two crossings need care. Into the hub: emitting from a native thread does nothing, without an exception;
`bridge` is the way. Out of the hub: whatever blocks would freeze every viewer; `run_blocking` is the way.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal, ParamSpec, Protocol, TypeVar

from texture.web.connections import MOST, PATIENCE, SWEEP, Connections, Paced
from texture.web.message_limits import bounded_eventlet, bounded_threads
from texture.web.networks import Networks
from texture.web.servers import ThreadedServer, eventlet_listener, eventlet_protocol
from texture.web.turns import Turn, Turns

P = ParamSpec("P")
T = TypeVar("T")

Mode = Literal["eventlet", "threading"]
Wsgi = Callable[..., Any]
MOST_WAITING_BYTES = 4096  # of the bell; how often it rang does not matter

log = logging.getLogger(__name__)


class Stop:
    """Ends `serve`, from a signal handler or any thread: a byte on a socket, which no lock can hold up."""

    def __init__(self) -> None:
        self.heard, self._bell = socket.socketpair()
        self._bell.setblocking(False)

    def ring(self) -> None:
        """Ask the server to stop; repeated calls are harmless."""
        ring(self._bell)


class Concurrency(Protocol):
    """What differs between the two modes."""

    mode: Mode
    connections: Connections

    def run_blocking(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `call`, which may block; others are served meanwhile."""
        ...

    def run_heavy(self, turn: Turn, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for what takes much memory, in turn; those that wait keep nothing else waiting. Raises Gone."""
        ...

    def bridge(self, deliver: Callable[[T], None]) -> Callable[[T], None]:
        """A function that takes items on any thread; `deliver` gets them in order, one at a time, where it may emit."""
        ...

    def limit(self, engine: Any, most: int) -> None:
        """Make an Engine.IO server refuse messages of more than `most` bytes before they are in memory."""
        ...

    def serve(self, app: Wsgi, listener: socket.socket, stop: Stop) -> None:
        """Serve `app` on a listening socket until `stop` rings. Called on the main thread."""
        ...


def concurrency(mode: Mode, proxies: Networks = ()) -> Concurrency:
    """The one of that name. proxies: from where many people come as one address."""
    connections = Connections(proxies)
    return Eventlet(connections) if mode == "eventlet" else Threads(connections)


def ring(bell: socket.socket) -> None:
    """Send one byte; a full socket has rung already."""
    with suppress(BlockingIOError):
        bell.send(b"\0")


def deliver_safely(deliver: Callable[[T], None], item: T) -> None:
    """One bad item must not end the delivery of all others; it is logged."""
    try:
        deliver(item)
    except Exception:
        log.exception("%s could not be delivered to the viewers", type(item).__name__)


def log_ends(hub: Any) -> None:
    """Have what ends green threads logged by eventlet's hub, which would print it."""

    def tell(where: object, error: Any) -> None:
        if not isinstance(error[1], OSError):  # a client that has gone is no error of ours
            log.error("unhandled error at %s", where, exc_info=error)

    def drop(descriptor: int, error: Any) -> None:
        tell(descriptor, error)
        hub.remove_descriptor(descriptor)

    hub.squelch_timer_exception, hub.squelch_exception = tell, drop
    hub.squelch_generic_exception = partial(tell, "the hub")


class Eventlet:
    """Green threads on the main thread; native ones for blocking calls."""

    mode: Mode = "eventlet"

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        with warnings.catch_warnings():
            # it says that it is in bug-fix mode; docs/decisions has why it is used all the same
            warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
            import eventlet
            import eventlet.hubs
            import eventlet.semaphore
            import eventlet.tpool
            import eventlet.wsgi
        self._eventlet = eventlet
        self._turns = Turns(eventlet.semaphore.Semaphore)
        log_ends(eventlet.hubs.get_hub())

    def run_blocking(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """On a thread of eventlet's pool."""
        result: T = self._eventlet.tpool.execute(call, *args, **kwargs)
        return result

    def run_heavy(self, turn: Turn, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Waiting happens before a thread of the pool is taken: it has twenty, for all calls."""
        with self._turns.take(turn):
            return self.run_blocking(call, *args, **kwargs)

    def bridge(self, deliver: Callable[[T], None]) -> Callable[[T], None]:
        """A deque and a bell: the native thread appends and rings, a green thread waits for the bell and delivers."""
        waiting: deque[T] = deque()
        heard, bell = socket.socketpair()
        heard.setblocking(False)
        bell.setblocking(False)

        def post(item: T) -> None:
            waiting.append(item)
            ring(bell)

        def pump() -> None:
            while True:
                self._wait(heard)
                heard.recv(MOST_WAITING_BYTES)  # before the deque is emptied: a later item rings again
                while waiting:
                    deliver_safely(deliver, waiting.popleft())

        self._eventlet.spawn(pump)
        return post

    def limit(self, engine: Any, most: int) -> None:
        """By a message class of our own."""
        engine._async = {**engine._async, "websocket": bounded_eventlet(engine._async["websocket"], most)}

    def serve(self, app: Wsgi, listener: socket.socket, stop: Stop) -> None:
        """eventlet's own server: gunicorn 26 and later have no worker for it."""
        wsgi, green = self._eventlet.wsgi, self._eventlet.greenio.GreenSocket
        server = self._eventlet.spawn(
            wsgi.server,
            eventlet_listener(green, self._eventlet.sleep, self.connections)(listener),
            Paced(app, self.connections),
            protocol=eventlet_protocol(wsgi.HttpProtocol, self.connections),
            max_size=2 * MOST,  # those that were hung up on, and do not know yet, count
            socket_timeout=PATIENCE,
            log_output=False,
            debug=False,
        )
        self._eventlet.spawn(self._sweep)
        server.link(lambda _: stop.ring())  # should it end by itself, so does the program
        self._wait(stop.heard)
        if server.dead:
            server.wait()  # raises what ended it
        server.kill()  # no wait(): that would wait for every open websocket

    def _sweep(self) -> None:
        while True:
            self._eventlet.sleep(SWEEP)
            self.connections.sweep()

    def _wait(self, heard: socket.socket) -> None:
        self._eventlet.hubs.trampoline(heard, read=True)


class Threads:
    """A native thread for each connection, and one that delivers."""

    mode: Mode = "threading"

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self._turns = Turns(threading.BoundedSemaphore)

    def run_blocking(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Directly: only this connection waits."""
        return call(*args, **kwargs)

    def run_heavy(self, turn: Turn, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In turn."""
        with self._turns.take(turn):
            return call(*args, **kwargs)

    def bridge(self, deliver: Callable[[T], None]) -> Callable[[T], None]:
        """A queue and a thread."""
        waiting: queue.SimpleQueue[T] = queue.SimpleQueue()

        def pump() -> None:
            while True:
                deliver_safely(deliver, waiting.get())

        threading.Thread(target=pump, name="viewers", daemon=True).start()
        return waiting.put

    def limit(self, engine: Any, most: int) -> None:
        """By simple-websocket, which can do it."""
        engine._async = {**engine._async, "websocket": bounded_threads(engine._async["websocket"], most)}

    def serve(self, app: Wsgi, listener: socket.socket, stop: Stop) -> None:
        """Werkzeug's server, on a thread, so that the main one is free for signals."""
        server = ThreadedServer(Paced(app, self.connections), listener, self.connections)
        threading.Thread(target=self._sweep, name="connections", daemon=True).start()
        threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
        stop.heard.recv(1)
        server.shutdown()

    def _sweep(self) -> None:
        while True:
            time.sleep(SWEEP)
            self.connections.sweep()
