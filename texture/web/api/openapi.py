"""The OpenAPI 3.1 document, generated from the declarations and models that answer the calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from inspect import getdoc
from typing import Any, Literal

from flask import Flask, Response, request
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from texture.methods.contract import Method, Params
from texture.methods.registry import methods
from texture.version import VERSION
from texture.web.api.problems import MEDIA, Problem
from texture.web.api.route import PREFIX, Route
from texture.web.concurrency import Concurrency

REF = "#/components/schemas/{model}"
ALWAYS = (401, 403, 422, 429, 500, 507)  # statuses that any call may give; 422 for a query that it does not know
INFO = {
    "title": "Texture Lab",
    "version": VERSION,
    "description": "Texture synthesis as jobs: upload a picture, start a job, watch it, download the tile. "
    "Jobs and pictures belong to the session cookie, so a script needs a cookie jar. "
    "Live events are sent over Socket.IO; see docs/api.md.",
}
SECURITY: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "where the server has a token"},
    "session": {"type": "apiKey", "in": "cookie", "name": "texture-…", "description": "set by the first answer"},
}
Key = tuple[type[BaseModel], Literal["validation", "serialization"]]


def install_openapi(app: Flask, routes: list[Route], concurrency: Concurrency) -> None:
    """GET /api/openapi.json. It takes most of a second to write."""

    @lru_cache(4)
    def written(root: str) -> str:
        return json.dumps(document(routes, root), ensure_ascii=False)

    def openapi() -> Response:
        return Response(concurrency.run_blocking(written, request.script_root), mimetype="application/json")

    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", openapi)


def document(routes: list[Route], root: str = "") -> dict[str, Any]:
    """The whole document, for a server that a proxy shows under the prefix `root`."""
    schemas = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_path(route), {})[route.verb.lower()] = _operation(route, routes)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY},
        "security": [{}, {"session": []}, {"token": []}],
    }


def _schemas(routes: list[Route]) -> dict[str, Any]:
    listed = [method for method in methods().values() if method.listed]
    keys = {*_keys(routes), *((method.params, "serialization") for method in listed)}
    _, found = models_json_schema(sorted(keys, key=lambda key: key[0].__name__), ref_template=REF)
    schemas: dict[str, Any] = found["$defs"]
    for asked in ("NewJob", "NewRun"):
        _offer_params(schemas[asked]["properties"]["params"], listed)
        schemas[asked]["properties"]["method"]["enum"] = sorted(methods())
    return schemas


def _keys(routes: Iterable[Route]) -> Iterable[Key]:
    yield Problem, "serialization"
    for route in routes:
        if body := route.model("body"):
            yield body, _mode(body)
        if answer := route.model("return"):
            yield answer, "serialization"


def _mode(asked: type[BaseModel]) -> Literal["validation", "serialization"]:
    """A method's parameters accept more than they serialise; their defaults are shown as serialised."""
    return "serialization" if issubclass(asked, Params) else "validation"


def _offer_params(described: dict[str, Any], offered: list[Method]) -> None:
    """A job's params are those of its method."""
    described.pop("additionalProperties", None)
    described["anyOf"] = [{"$ref": REF.format(model=method.params.__name__)} for method in offered]


def _path(route: Route) -> str:
    return PREFIX + re.sub(r"<(\w+)>", r"{\1}", route.path)


def _operation(route: Route, routes: list[Route]) -> dict[str, Any]:
    summary, _, more = (getdoc(route.function) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.path.split("/")[1]],
        "summary": " ".join(summary.split()),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": _responses(route, routes),
    }
    if more:
        operation["description"] = more
    if content := _request(route):
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"<(\w+)>", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    model = route.model("query")
    schema = model.model_json_schema(mode=_mode(model)) if model else {}
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": described.pop("description", ""),
            "schema": described,
        }
        for name, described in schema.get("properties", {}).items()
    ]


def _request(route: Route) -> dict[str, Any] | None:
    if body := route.model("body"):
        examples = body.model_json_schema().get("examples", ())
        return {"application/json": {"schema": _reference(body), **({"example": examples[0]} if examples else {})}}
    if "file" in route.hints:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        form = {"type": "object", "required": ["file"], "additionalProperties": False, "properties": {"file": file}}
        return {"multipart/form-data": {"schema": form, "encoding": {"file": {"contentType": ", ".join(route.takes)}}}}
    return None


def _responses(route: Route, routes: list[Route]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if answer := route.model("return"):
        good["content"] = {route.media: {"schema": _reference(answer)}}
    elif route.status != 204:
        good["content"] = {media: {} for media in route.media.split(", ")}
    if route.status == 201:
        good["links"] = _links(route, routes)
    bad = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA: {"schema": _reference(Problem)}},
        }
        for status in sorted({*route.errors, *ALWAYS})
    }
    return {str(route.status): good, **bad}


def _links(route: Route, routes: list[Route]) -> dict[str, Any]:
    """What can be done with that which a call has made."""
    there = [one for one in routes if one.path.startswith(f"{route.made}/<id>") and "<name>" not in one.path]
    return {one.name: {"operationId": one.name, "parameters": {"id": "$response.body#/id"}} for one in there}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
