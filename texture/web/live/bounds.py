"""What sockets may cost all others: who gets one, how many there are, and how often a session may speak.

All of it is looked at in Engine.IO, under Socket.IO: a packet that is refused has not been parsed yet.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from typing import Any
from weakref import WeakValueDictionary

from engineio import packet
from engineio.exceptions import SocketIsClosedError
from flask import Flask
from flask_socketio import SocketIO
from werkzeug.datastructures import Headers

from texture.web.api.problems import Refused
from texture.web.connections import KEY, hang_up
from texture.web.networks import customer
from texture.web.security.access import NO_SESSION, NO_TOKEN, Access

MOST_SOCKETS = 512  # at one time
MOST_OF_ONE = 64  # of one session, in all its tabs, and …
MOST_OF_ADDRESS = 256  # … of all sessions from one address, so that nobody makes enough of them to take all places
BURST = 600.0  # what a session may say at once, on all its sockets, in units of the smallest packet, and …
RATE = 300.0  # … each second from then on: frames are acknowledged as fast as they come
MOST_UNREAD = 6 * 2**20  # bytes that wait for one socket: twice the largest answer to `watch`
MOST_UNREAD_OF_ALL = 64 * 2**20  # bytes that wait for all: beyond, whoever has more than an equal part of it goes
WORDS = 20.0  # units that anything but an acknowledgement costs: `watch` looks into the database
CROWDED = "there are too many connections: close some tabs, and try again"
ACKNOWLEDGEMENT, COMES_OR_GOES = "3", ("0", "1")  # how Socket.IO writes them

log = logging.getLogger(__name__)


class Allowance:
    """A token bucket, one for each session: units that are spent by all its sockets and refilled with time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._left, self._then = clock, BURST, clock()

    def spend(self, units: float) -> bool:
        """Whether there were so many left."""
        now = self._clock()
        left = min(BURST, self._left + (now - self._then) * RATE)
        self._left, self._then = (left - units if left >= units else left), now
        return left >= units


def install_bounds(app: Flask, socketio: SocketIO, access: Access, clock: Callable[[], float] = time.monotonic) -> None:
    """Stand before the handlers that Socket.IO has given to Engine.IO."""
    engine = socketio.server.eio
    connect, message, disconnect = (engine.handlers[name] for name in ("connect", "message", "disconnect"))
    open_ones: dict[str, tuple[str, str]] = {}  # whose session each socket is, and from where
    allowances: WeakValueDictionary[str, Allowance] = WeakValueDictionary()  # gone with the last socket
    roll = threading.RLock()  # Socket.IO's list of clients is not made for two that come or go at the same moment

    def admit(sid: str, environ: dict[str, Any]) -> object:
        known = _session(app, environ)
        if refusal := _refusal(access, known, environ):
            return refusal
        owner: str = known["owner"]
        whose = customer(environ.get("REMOTE_ADDR", ""))
        if is_crowded(tuple(open_ones.values()), owner, whose):
            return CROWDED
        open_ones[sid] = owner, whose
        allowance = allowances.setdefault(owner, Allowance(clock))
        _bound(engine.sockets[sid], allowance)
        return connect(sid, environ)

    def hear(sid: str, data: object) -> None:
        try:
            with roll if isinstance(data, str) and data.startswith(COMES_OR_GOES) else nullcontext():
                message(sid, data)
        except Exception as error:  # Socket.IO's parser meets hostile packets in many ways
            log.info("socket closed: it sent a malformed Socket.IO packet: %s", type(error).__name__)
            _end(engine.sockets[sid])

    def leave(sid: str, *reason: object) -> None:
        open_ones.pop(sid, None)
        with roll:
            disconnect(sid, *reason)
        engine.sockets.pop(sid, None)  # a later post to it would find one that is closed, and give a 500

    for name, handler in (("connect", admit), ("message", hear), ("disconnect", leave)):
        engine.on(name, handler)


def is_crowded(open_ones: Collection[tuple[str, str]], owner: str, whose: str) -> bool:
    """Whether there is no room for another socket of this session, from this address."""
    return (
        len(open_ones) >= MOST_SOCKETS
        or sum(owner == other for other, _ in open_ones) >= MOST_OF_ONE
        or sum(whose == other for _, other in open_ones) >= MOST_OF_ADDRESS
    )


def _session(app: Flask, environ: dict[str, Any]) -> Mapping[str, Any]:
    return app.session_interface.open_session(app, app.request_class(environ)) or {}


def _refusal(access: Access, session: Mapping[str, Any], environ: Mapping[str, Any]) -> str | None:
    """Why there is no socket for whoever asks. A session that has lost the token gets one, to be told so."""
    if "owner" in session:
        return None
    try:
        headers = Headers({"Authorization": environ.get("HTTP_AUTHORIZATION", "")})
        return NO_SESSION if access.admits(headers, session, environ.get("REMOTE_ADDR", "")) else NO_TOKEN
    except Refused as error:
        return error.problem.detail


def _bound(socket: Any, allowance: Allowance) -> None:
    """Close a socket that sends too much, or malformed packets, or does not read what it asked for."""
    receive, send, close = socket.receive, socket.send, socket.close
    take, serve = socket.handle_post_request, socket._websocket_handler
    links: list[Any] = []

    def bounded(said: packet.Packet) -> None:
        if socket.closed:
            raise SocketIsClosedError
        if not allowance.spend(_cost(said)):
            log.info("socket closed: it sent too many messages at once")
            _end(socket)
            raise SocketIsClosedError
        receive(said)

    def sent(told: packet.Packet) -> None:
        sockets = tuple(socket.server.sockets.values())
        unread = _unread(socket) + len(told.data or "")
        if not reads_too_little(unread, len(sockets), lambda: sum(map(_unread, sockets))):
            send(told)
        elif not socket.closed:
            log.info("socket closed: it does not read what it asked for")
            _end(socket)

    def closed(wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        unread = not socket.queue.empty()
        close(wait, abort, reason)
        if unread and (abort or reason == socket.server.reason.PING_TIMEOUT):
            for link in links:
                hang_up(link.environ[KEY].socket)  # a thread that sends to it may be stuck there for ever

    def posted(environ: dict[str, Any]) -> None:
        try:
            take(environ)
        except Exception as error:
            _end(socket)
            raise SocketIsClosedError from error

    def served(link: Any) -> object:
        links.append(link)
        try:
            return serve(link)
        except Exception:
            _end(socket)
            return []

    socket.receive, socket.send, socket.close = bounded, sent, closed
    socket.handle_post_request, socket._websocket_handler = posted, served


def reads_too_little(unread: int, sockets: int, of_all: Callable[[], int]) -> bool:
    """Whether a socket must go for which so many bytes wait; of_all: the bytes that wait for all sockets."""
    return unread > MOST_UNREAD or (unread > MOST_UNREAD_OF_ALL / max(1, sockets) and of_all() > MOST_UNREAD_OF_ALL)


def _unread(socket: Any) -> int:
    """The bytes that wait to be sent. Both servers' queues keep them in a deque."""
    return sum(len(one.data) for one in tuple(socket.queue.queue) if one is not None and one.data)


def _cost(said: packet.Packet) -> float:
    acknowledges = isinstance(said.data, str) and said.data.startswith(ACKNOWLEDGEMENT)
    return 1 if acknowledges or said.packet_type == packet.PONG else WORDS


def _end(socket: Any) -> None:
    """At once: a client that reads nothing would keep a polite end waiting."""
    socket.close(wait=False, abort=True, reason=socket.server.reason.SERVER_DISCONNECT)
