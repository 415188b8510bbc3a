"""The declaration of an API call: one typed function, from which the Flask view and the OpenAPI entry are both made.

A call's function says by its parameters what it needs, each of them optional:

    services   the store, the engine, …
    owner      the browser session that asks
    id         from the path
    query      a pydantic model of the query string
    body       a pydantic model of the JSON body
    file       the uploaded file of a multipart body

It returns a pydantic model (sent as JSON), a `File`, or None. It runs through `run_blocking`, so it may wait for
database, files and decoders as it likes, and must not look for Flask's request. One that has whole pictures in memory
is declared as `heavy`: few of those run at one time.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import Flask, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers.response import Response as AnyResponse

from texture.images.decoding import MAX_BYTES
from texture.web.access import current_owner
from texture.web.concurrency import Concurrency
from texture.web.problems import Refused, problem, refuse_model
from texture.web.services import Services

PREFIX = "/api"
MOST_JSON = 64 * 1024  # bytes
ROUND_A_FILE = 64 * 1024  # bytes of multipart headers beside the file itself
MOST_PARTS = 10

FRESH = "no-cache"  # kept, but asked for again with its ETag
FOREVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Upload:
    """The file of a multipart body. `name` is what the person calls it: for display only."""

    name: str
    storage: FileStorage

    def read(self) -> bytes:
        """All of it."""
        data: bytes = self.storage.read()
        return data


@dataclass(frozen=True)
class File:
    """An answer that is no JSON."""

    data: bytes
    media: str
    name: str
    cache: str = FRESH
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", sha256(self.data).hexdigest()[:32])


@dataclass(frozen=True)
class Call:
    """One API call. `path` is Flask's, below /api; `errors` are the statuses that are particular to it."""

    verb: str
    path: str
    function: Callable[..., Any]
    status: int
    media: str
    errors: tuple[int, ...]
    hints: Mapping[str, Any]
    heavy: bool

    @property
    def name(self) -> str:
        """Unique, and a good name for a client's function."""
        return self.function.__name__

    def model(self, part: str) -> type[BaseModel] | None:
        """The model of "query" or "body", or of what it returns ("return")."""
        hint = self.hints.get(part)
        return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


@dataclass
class Calls:
    """The calls of one part of the API; `calls` of several parts make the whole."""

    calls: list[Call] = field(default_factory=list)

    def get(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the function below as GET `path`."""
        return self._declare("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the function below as POST `path`."""
        return self._declare("POST", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the function below as DELETE `path`."""
        return self._declare("DELETE", path, **more)

    def _declare(
        self,
        verb: str,
        path: str,
        *,
        status: int = 200,
        media: str = "application/json",
        errors: tuple[int, ...] = (),
        heavy: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            hints = typing.get_type_hints(function)
            self.calls.append(Call(verb, path, function, status, media, errors, hints, heavy))
            return function

        return keep


def install(app: Flask, calls: list[Call], services: Services, concurrency: Concurrency) -> None:
    """Give each call a route and a view."""
    for call in calls:
        app.add_url_rule(PREFIX + call.path, call.name, _view(call, services, concurrency), methods=[call.verb])


def _view(call: Call, services: Services, concurrency: Concurrency) -> Callable[..., AnyResponse]:
    wanted = inspect.signature(call.function).parameters
    read: dict[str, Callable[[], Any]] = {
        "services": lambda: services,
        "owner": current_owner,
        "query": lambda: _query(call.hints["query"]),
        "body": lambda: _body(call.hints["body"]),
        "file": _file,
    }

    run = concurrency.run_heavy if call.heavy else concurrency.run_blocking

    def view(**path: str) -> AnyResponse:
        if "query" not in wanted:
            _query(Nothing)
        given = {name: read[name]() for name in wanted if name not in path}
        return _respond(call, run(call.function, **given, **path))

    return view


class Nothing(BaseModel, extra="forbid"):
    """The query of a call that takes none."""


def _query(model: type[BaseModel]) -> BaseModel:
    return _checked(model, request.args.to_dict())


def _body(model: type[BaseModel]) -> BaseModel:
    request.max_content_length = MOST_JSON
    if request.mimetype != "application/json":
        raise Refused(problem(415, f"Content-Type is {request.mimetype or 'missing'}: send application/json"))
    return _checked(model, _parse(request.get_data()))


def _parse(data: bytes) -> Any:
    try:
        value = json.loads(data, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair would only fail later, in the database
    except RecursionError:
        raise Refused(problem(400, "the body is nested too deeply")) from None
    except ValueError as error:
        raise Refused(problem(400, f"the body is no JSON: {error}")) from None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


def _checked(model: type[BaseModel], value: Any) -> BaseModel:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise refuse_model(error, model) from None


def _file() -> Upload:
    request.max_content_length = MAX_BYTES + ROUND_A_FILE
    request.max_form_parts = MOST_PARTS
    if request.mimetype != "multipart/form-data":
        raise Refused(problem(415, f"Content-Type is {request.mimetype or 'missing'}: send multipart/form-data"))
    unknown = [name for name in _parts() if name != "file"]
    if unknown:
        raise Refused(problem(422, f"{unknown[0]} is not known here; known: file", field=unknown[0]))
    if (storage := request.files.get("file")) is None:
        raise Refused(problem(422, "file is missing: a multipart part of that name, with a file name", field="file"))
    return Upload(storage.filename or "", storage)


def _parts() -> list[str]:
    """The names of a form's parts; this parses it."""
    try:
        return [*request.files, *request.form]
    except RequestEntityTooLarge:
        if (request.content_length or 0) > (request.max_content_length or 0):
            raise  # for its length, before it was read; both servers then read the rest, so that the client listens
        raise Refused(problem(422, f"the form is not one file: at most {MOST_PARTS} parts")) from None


def _respond(call: Call, result: Any) -> AnyResponse:
    if result is None:
        return Response(status=204)
    if isinstance(result, File):
        return _respond_file(result)
    response = Response(result.model_dump_json(), call.status, mimetype="application/json")
    response.cache_control.no_store = True
    if call.status == 201:
        response.headers["Location"] = f"{request.path}/{result.id}"
    return response


def _respond_file(file: File) -> AnyResponse:
    response = Response(file.data, mimetype=file.media)
    response.headers["Cache-Control"] = file.cache
    response.headers["Content-Disposition"] = f'inline; filename="{file.name}"'
    response.set_etag(file.etag)
    return response.make_conditional(request)
