"""The Socket.IO side: who may connect, and which messages they may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import request, session
from flask_socketio import ConnectionRefusedError, SocketIO
from pydantic import ValidationError

from texture.web.api.problems import Refused, problem, problem_of, refuse_model
from texture.web.concurrency import Concurrency
from texture.web.items import Joined, Left
from texture.web.live.looks import Looks
from texture.web.live.viewers import Send
from texture.web.live.watch import Watch, watch_and_tell
from texture.web.security.access import NO_SESSION, NO_TOKEN, Access, address
from texture.web.security.origin_guard import same_origin
from texture.web.services import Services
from texture.wording import shown

MOST_MESSAGE = 64 * 1024  # bytes that a client may send at once; pictures come by HTTP


def sender(socketio: SocketIO) -> Send:
    """The way to the sockets."""

    def send(
        viewers: Sequence[str], name: str, message: Mapping[str, Any], drawn: Callable[..., None] | None = None
    ) -> None:
        socketio.server.emit(name, message, to=list(viewers), callback=drawn)

    return send


def install_sockets(socketio: SocketIO, services: Services, concurrency: Concurrency, access: Access) -> None:
    """Handle the clients' messages."""
    looks = Looks(socketio.sleep)

    def connect(auth: object = None) -> None:
        services.post(Joined(request.sid, _admit(access, auth)))  # type: ignore[attr-defined]

    def disconnect(*_: object) -> None:
        services.post(Left(request.sid))  # type: ignore[attr-defined]

    def watch(*said: object) -> dict[str, Any]:
        viewer, owner = request.sid, session["owner"]  # type: ignore[attr-defined]
        try:
            message = _understand(said)
            looks.admit(owner)
            return concurrency.run_blocking(looks.take, owner, watch_and_tell, services, viewer, owner, message)
        except Exception as error:
            return {"problem": problem_of(error, "watch").message()}

    def unknown(name: object, *_: object) -> dict[str, Any]:
        return {"problem": problem(404, f"{shown(name)} is not a known event; known: watch").message()}

    socketio.on_event("connect", connect)
    socketio.on_event("disconnect", disconnect)
    socketio.on_event("watch", watch)
    socketio.on_event("*", unknown)


def _admit(access: Access, auth: object) -> str:
    """The owner of the session that connects. The gate has looked at the origin too; this is the second lock."""
    if not same_origin(request.environ):
        raise ConnectionRefusedError("the connection comes from another site")
    token = auth.get("token") if isinstance(auth, dict) else None
    try:
        admitted = access.admits(request.headers, session, address()) or access.knows(token, address())
    except Refused as error:
        raise ConnectionRefusedError(error.problem.detail) from None
    if not admitted:
        raise ConnectionRefusedError(NO_TOKEN)
    if "owner" not in session:
        raise ConnectionRefusedError(NO_SESSION)
    owner: str = session["owner"]
    return owner


def _understand(said: tuple[object, ...]) -> Watch:
    if len(said) != 1:
        raise Refused(problem(422, 'watch takes one message, such as {"jobs": "mine"}'))
    try:
        return Watch.model_validate(said[0])
    except ValidationError as error:
        raise refuse_model(error, Watch) from None
