"""The declaration of an API route: one typed function from which both the Flask view and the OpenAPI entry are made.

The parameters of a route's function declare what it needs, each of them optional:

    services   the store, the engine, …
    owner      the browser session that asks
    root       what stands before /api in its addresses, where a proxy serves us under a prefix
    id, name   from the path
    query      a pydantic model of the query string
    body       a pydantic model of the JSON body
    file       the uploaded file of a multipart body

It returns a pydantic model (sent as JSON), a `File`, a `Stored`, a `Streamed`, or None. It runs through `run_blocking`,
so it may wait for database, files and decoders as it likes, and must not look for Flask's request. One that has whole
pictures in memory is declared as `heavy`, with its lane: few of a lane run at one time, and one of each session.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from pydantic import BaseModel
from werkzeug.wrappers.response import Response as AnyResponse

from texture.images.decoding import MAX_BYTES
from texture.web.api.problems import Refused, problem
from texture.web.api.request import Nothing, read_body, read_file, read_query
from texture.web.api.response import respond
from texture.web.concurrency import Concurrency
from texture.web.connections import KEY, has_gone
from texture.web.turns import Gone, Lane, Turn

if TYPE_CHECKING:
    from texture.web.services import Services

PREFIX = "/api"


@dataclass(frozen=True)
class Route:
    """One API route. `path` is Flask's, below /api; `errors` are the statuses specific to it.

    media: of the answer, or several with commas. most, takes: bytes that its file may have, and the media types. made:
    below /api, where that is to be found which a 201 tells of. aliases: older paths that lead there too, each with the
    `name` that it stands for, where it does not say one itself.
    """

    verb: str
    path: str
    function: Callable[..., Any]
    status: int
    media: str
    errors: tuple[int, ...]
    hints: Mapping[str, Any]
    heavy: Lane | None
    most: int
    takes: tuple[str, ...]
    made: str
    aliases: Mapping[str, str | None]

    @property
    def name(self) -> str:
        """Unique; suitable as the name of a client's function."""
        return self.function.__name__

    def model(self, part: str) -> type[BaseModel] | None:
        """The model of "query" or "body", or of what it returns ("return")."""
        hint = self.hints.get(part)
        return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


@dataclass
class Routes:
    """The routes of one part of the API; those of all parts make the whole."""

    routes: list[Route] = field(default_factory=list)

    def get(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as GET `path`."""
        return self._declare("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as POST `path`."""
        return self._declare("POST", path, **more)

    def patch(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as PATCH `path`."""
        return self._declare("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as DELETE `path`."""
        return self._declare("DELETE", path, **more)

    def _declare(
        self,
        verb: str,
        path: str,
        *,
        status: int = 200,
        media: str = "application/json",
        errors: tuple[int, ...] = (),
        heavy: Lane | None = None,
        most: int = MAX_BYTES,
        takes: tuple[str, ...] = (),
        made: str | None = None,
        aliases: Mapping[str, str | None] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            hints = typing.get_type_hints(function)
            self.routes.append(
                Route(
                    verb, path, function, status, media, errors, hints, heavy, most, takes, made or path, aliases or {}
                )
            )
            return function

        return keep


def install(
    app: Flask, routes: list[Route], services: Services, concurrency: Concurrency, owner: Callable[[], str]
) -> None:
    """Give each route an address, its older ones, and a view. owner: who asks, of the request at hand."""
    app.url_map.redirect_defaults = False  # an alias leads to its route, and never the other way round
    for route in routes:
        view = _view(route, services, concurrency, owner)
        app.add_url_rule(PREFIX + route.path, route.name, view, methods=[route.verb])
        for path, name in route.aliases.items():
            stands_for = None if name is None else {"name": name}
            app.add_url_rule(PREFIX + path, route.name, view, methods=[route.verb], defaults=stands_for)


def _view(
    route: Route, services: Services, concurrency: Concurrency, owner: Callable[[], str]
) -> Callable[..., AnyResponse]:
    wanted = inspect.signature(route.function).parameters
    read: dict[str, Callable[[], Any]] = {
        "services": lambda: services,
        "owner": owner,
        "root": lambda: request.script_root,
        "query": lambda: read_query(route.hints["query"]),
        "body": lambda: read_body(route.hints["body"]),
        "file": lambda: read_file(route.most),
    }

    def run(given: Mapping[str, Any]) -> Any:
        if route.heavy is None:
            return concurrency.run_blocking(route.function, **given)
        connection = request.environ.get(KEY)
        turn = Turn(route.heavy, str(given.get("owner")), lambda: has_gone(connection))
        try:
            return concurrency.run_heavy(turn, route.function, **given)
        except Gone:
            raise Refused(problem(408, "the client has gone")) from None

    def view(**path: str) -> AnyResponse:
        if "query" not in wanted:
            read_query(Nothing)
        given = {name: read[name]() for name in wanted if name not in path}
        result = run({**given, **path})
        response = respond(result, route.status, concurrency, lambda: services.settings.data)
        if route.status == 201:
            response.headers["Location"] = f"{request.script_root}{PREFIX}{route.made}/{result.id}"
        return response

    return view
