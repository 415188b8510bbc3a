"""The Socket.IO side: who may connect, and `watch`, whose acknowledgement is a full snapshot."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from flask import request, session
from flask_socketio import ConnectionRefusedError, SocketIO
from PIL import Image
from pydantic import BaseModel, Field, ValidationError, field_validator

from texture.errors import NotFound
from texture.jobs.job import Job, State
from texture.jobs.store import MOST
from texture.web.access import NO_SESSION, NO_TOKEN, Access
from texture.web.concurrency import Concurrency
from texture.web.gate import same_origin
from texture.web.problems import Refused, problem, problem_of, refuse_model, shown
from texture.web.services import Services
from texture.web.viewers import Concerns, Joined, Left, Send, Watches, row_message

MOST_MESSAGE = 64 * 1024  # bytes that a client may send at once; pictures come by HTTP
MOST_WATCHED = 32
UNFINISHED: tuple[State, ...] = ("queued", "running", "paused")
MINE = "mine"


class Watch(BaseModel, extra="forbid"):
    """What a client says with `watch`."""

    jobs: list[str] | str = Field(description='"mine", or at most 32 ids')

    @field_validator("jobs", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        if value == MINE:
            return value
        if not isinstance(value, list) or not all(map(_may_be_id, value)) or len(value) > MOST_WATCHED:
            raise ValueError(f'"{MINE}", or a list of at most {MOST_WATCHED} ids')
        return value


def _may_be_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii()  # half a surrogate pair would only fail later, in the database


def sender(socketio: SocketIO) -> Send:
    """The way to one socket."""

    def send(viewer: str, name: str, message: Mapping[str, Any], drawn: Callable[..., None] | None = None) -> None:
        socketio.server.emit(name, message, to=viewer, callback=drawn)

    return send


def install_sockets(socketio: SocketIO, services: Services, concurrency: Concurrency, access: Access) -> None:
    """Answer what clients say."""

    def connect(auth: object = None) -> None:
        services.post(Joined(request.sid, _admit(access, auth)))  # type: ignore[attr-defined]

    def disconnect(*_: object) -> None:
        services.post(Left(request.sid))  # type: ignore[attr-defined]

    def watch(*said: object) -> dict[str, Any]:
        viewer, owner = request.sid, session["owner"]  # type: ignore[attr-defined]
        try:
            return concurrency.run_blocking(watch_and_tell, services, viewer, owner, _understand(said))
        except Exception as error:
            return {"problem": problem_of(error, "watch").message()}

    def unknown(name: object, *_: object) -> dict[str, Any]:
        return {"problem": problem(404, f"{shown(name)} is no event here; known: watch").message()}

    socketio.on_event("connect", connect)
    socketio.on_event("disconnect", disconnect)
    socketio.on_event("watch", watch)
    socketio.on_event("*", unknown)


def watch_and_tell(services: Services, viewer: str, owner: str, message: Watch) -> dict[str, Any]:
    """Let a viewer watch, and only then read the snapshot: an event may come twice, and none is lost."""
    found = _watch_mine(services, viewer, owner) if message.jobs == MINE else None
    if found is None:
        found = _watch_these(services, viewer, owner, message.jobs)
    shown = [told for id in found if (told := _tell(services, owner, id))]
    known = {told["job"]["id"] for told in shown}
    missing = [id for id in message.jobs if id not in known] if message.jobs != MINE else []
    return {"jobs": shown, "missing": missing, "weights": services.weights.state().model_dump(mode="json")}


def _admit(access: Access, auth: object) -> str:
    """The owner of the session that connects. The gate has looked at the origin too; this is the second lock."""
    if not same_origin(request.environ):
        raise ConnectionRefusedError("the connection comes from another site")
    token = auth.get("token") if isinstance(auth, dict) else None
    if not access.admits(request.headers, session) and not access.knows(token):
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


def _watch_mine(services: Services, viewer: str, owner: str) -> list[str]:
    services.post(Watches(viewer, frozenset(), mine=True))
    found = [job.id for job in services.store.jobs(owner, UNFINISHED, limit=MOST)]
    for id in found:
        services.post(Concerns(owner, id))
    return found


def _watch_these(services: Services, viewer: str, owner: str, wanted: str | list[str]) -> list[str]:
    found = [id for id in dict.fromkeys(wanted) if _own_job(services, owner, id)]
    services.post(Watches(viewer, frozenset(found), mine=False))
    return found


def _own_job(services: Services, owner: str, id: str) -> Job | None:
    try:
        return services.own_job(owner, id)
    except NotFound:
        return None


def _tell(services: Services, owner: str, id: str) -> dict[str, Any] | None:
    """A job as a snapshot shows it; None when it has gone meanwhile."""
    if (row := _own_job(services, owner, id)) is None:
        return None
    points = [point.model_dump(mode="json") for point in services.store.points(id)]
    return {"job": row_message(row), "points": points, "frame": _last_frame(services, row)}


def _last_frame(services: Services, row: Job) -> dict[str, Any] | None:
    """The picture that was last put aside, in the shape of a frame."""
    try:
        data = services.store.files.preview(row.id).read_bytes()
    except FileNotFoundError:
        return None
    width, height = Image.open(io.BytesIO(data)).size
    return {"seq": row.seq, "number": row.number, "width": width, "height": height, "data": data}
