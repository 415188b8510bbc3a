"""The OpenAPI 3.1 document, made from the same declarations and models that answer the calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from inspect import getdoc
from typing import Any, Literal

from flask import Flask, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from texture.methods.base import Method, Params, methods
from texture.version import VERSION
from texture.web.calls import PREFIX, Call
from texture.web.problems import MEDIA, Problem

REF = "#/components/schemas/{model}"
ALWAYS = (401, 403, 500)  # statuses that any call may give
INFO = {
    "title": "Texture Lab",
    "version": VERSION,
    "description": "Texture synthesis as jobs: bring a picture, start a job, watch it, download the tile. "
    "Jobs and pictures belong to the session cookie, so a script needs a cookie jar. "
    "The live side is Socket.IO, and docs/api.md tells of it.",
}
SECURITY: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "where the server has a token"},
    "session": {"type": "apiKey", "in": "cookie", "name": "texture-…", "description": "set by the first answer"},
}
Key = tuple[type[BaseModel], Literal["validation", "serialization"]]


def install_openapi(app: Flask, calls: list[Call]) -> None:
    """GET /api/openapi.json."""

    @cache
    def written() -> str:
        return json.dumps(document(calls), ensure_ascii=False)

    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", lambda: Response(written(), mimetype="application/json"))


def document(calls: list[Call]) -> dict[str, Any]:
    """The whole document."""
    schemas = _schemas(calls)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(_path(call), {})[call.verb.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY},
        "security": [{}, {"session": []}, {"token": []}],
    }


def _schemas(calls: list[Call]) -> dict[str, Any]:
    listed = [method for method in methods().values() if method.listed]
    keys = {*_keys(calls), *((method.params, "serialization") for method in listed)}
    _, found = models_json_schema(sorted(keys, key=lambda key: key[0].__name__), ref_template=REF)
    schemas: dict[str, Any] = found["$defs"]
    for asked in ("NewJob", "NewRun"):
        _offer_params(schemas[asked]["properties"]["params"], listed)
    return schemas


def _keys(calls: Iterable[Call]) -> Iterable[Key]:
    yield Problem, "serialization"
    for call in calls:
        if body := call.model("body"):
            yield body, _mode(body)
        if answer := call.model("return"):
            yield answer, "serialization"


def _mode(asked: type[BaseModel]) -> Literal["validation", "serialization"]:
    """A method's parameters take more than they write; their defaults are told as they are written."""
    return "serialization" if issubclass(asked, Params) else "validation"


def _offer_params(described: dict[str, Any], offered: list[Method]) -> None:
    """A job's params are those of its method."""
    described.pop("additionalProperties", None)
    described["anyOf"] = [{"$ref": REF.format(model=method.params.__name__)} for method in offered]


def _path(call: Call) -> str:
    return PREFIX + re.sub(r"<(\w+)>", r"{\1}", call.path)


def _operation(call: Call) -> dict[str, Any]:
    summary, _, more = (getdoc(call.function) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": call.name,
        "tags": [call.path.split("/")[1]],
        "summary": " ".join(summary.split()),
        "parameters": [*_path_parameters(call), *_query_parameters(call)],
        "responses": _responses(call),
    }
    if more:
        operation["description"] = more
    if content := _request(call):
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    names = re.findall(r"<(\w+)>", call.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(call: Call) -> list[dict[str, Any]]:
    model = call.model("query")
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


def _request(call: Call) -> dict[str, Any] | None:
    if body := call.model("body"):
        return {"application/json": {"schema": _reference(body)}}
    if "file" in call.hints:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        return {
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": file}}}
        }
    return None


def _responses(call: Call) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(call.status).phrase}
    if answer := call.model("return"):
        good["content"] = {call.media: {"schema": _reference(answer)}}
    elif call.status != 204:
        good["content"] = {call.media: {}}
    bad = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA: {"schema": _reference(Problem)}},
        }
        for status in sorted({*call.errors, *ALWAYS})
    }
    return {str(call.status): good, **bad}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
