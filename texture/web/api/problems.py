"""Everything that goes wrong on HTTP or a socket, as an RFC 9457 problem document that names field, value and range."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from texture.errors import Conflict, InvalidInput, NotFound, TextureError

MEDIA = "application/problem+json"
LONGEST_ECHO = 200  # characters of a refused value that go back
RANGE = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
LENGTH = ("minLength", "maxLength", "minItems", "maxItems")
ALLOWED = (*RANGE, *LENGTH, "enum", "const", "pattern")  # what a schema says of a field that helps to mend it
STATUS: Mapping[type[TextureError], int] = {InvalidInput: 422, NotFound: 404, Conflict: 409}
OUR_FAULT = "something went wrong here; the server's log has the details"

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="one sentence for a person: what is wrong, and what to do")
    instance: str | None = Field(None, description="the path that was asked for")
    field: str | None = Field(None, description="the name of the refused field")
    value: Any = Field(None, description="what was given")
    allowed: dict[str, Any] | None = Field(None, description="what would be accepted, in JSON Schema's words")

    def message(self) -> dict[str, Any]:
        """For JSON: without what does not apply."""
        return self.model_dump(mode="json", exclude_unset=True)


class Refused(Exception):
    """Carries a problem to whoever answers."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem(status: int, detail: str, **more: Any) -> Problem:
    """A problem document; fields that are None are left out."""
    given = {name: value for name, value in more.items() if value is not None}
    if "value" in given:
        given["value"] = echo(given["value"])
    return Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail, **given)


def problem_of(error: Exception, path: str | None = None) -> Problem:
    """The problem document for any exception. An unforeseen one goes to the log, and nothing of it to the client."""
    match error:
        case Refused():
            return error.problem.model_copy(update={"instance": path} if path else {})
        case InvalidInput():
            return problem(422, str(error), instance=path, field=error.field, value=error.value)
        case TextureError():
            return problem(STATUS.get(type(error), 500), str(error), instance=path)
        case HTTPException(code=404):
            return problem(404, f"there is nothing at {path}", instance=path)
        case HTTPException(code=int(status)) if status >= 400:
            return problem(status, error.description or HTTPStatus(status).description, instance=path)
        case _:
            log.error("%s", path, exc_info=error)
            return problem(500, OUR_FAULT, instance=path)


def answer(document: Problem) -> Response:
    """The problem as a response."""
    return Response(json.dumps(document.message()), document.status, mimetype=MEDIA)


def refuse_model(error: ValidationError, model: type[BaseModel]) -> Refused:
    """What pydantic found first, in the words of a problem document."""
    first = error.errors(include_url=False, include_context=False)[0]
    path, schema = [str(part) for part in first["loc"]], model.model_json_schema()
    field, value = ".".join(path), first["input"]
    begin = f"{field}={shown(value)}: " if field else ""
    match first["type"]:
        case "model_type" | "model_attributes_type":
            detail = f"{begin}send a JSON object with {_names_at(schema, path)}"
        case "missing":
            detail, value = f"{field} is missing", None
        case "extra_forbidden":
            detail = f"{field} is not known here; known: {_names_at(schema, path[:-1])}"
        case _:
            detail = begin + first["msg"].removeprefix("Value error, ")
    return Refused(problem(422, detail, field=field or None, value=value, allowed=allowed_in(schema, field)))


def allowed_in(schema: Mapping[str, Any], field: str) -> dict[str, Any] | None:
    """What a schema says of the range of one of its fields, however deep it lies ("runs.0.method")."""
    found = {
        key: value
        for option in _options_at(schema, field.split("."))
        for key, value in option.items()
        if key in ALLOWED
    }
    return found or None


def _names_at(schema: Mapping[str, Any], path: Sequence[str]) -> str:
    """The fields that an object at that path may have."""
    return ", ".join(name for option in _options_at(schema, path) for name in option.get("properties", {})) or "none"


def _options_at(schema: Mapping[str, Any], path: Sequence[str]) -> list[Mapping[str, Any]]:
    """What a value at that path may be: a field's name leads into an object, a number into a list."""
    options = _options(schema, schema)
    for name in path:
        parts = [_part(option, name) for option in options]
        options = [option for part in parts if part for option in _options(schema, part)]
    return options


def _part(described: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """What is said of a field, or of any item of a list; None: nothing."""
    part: Mapping[str, Any] | None = described.get("items" if name.isdecimal() else "properties")
    return part if part is None or name.isdecimal() else part.get(name)


def _options(schema: Mapping[str, Any], part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A part of a schema, its reference followed, and each of its alternatives."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return [part, *(option for choice in part.get("anyOf", ()) for option in _options(schema, choice))]


def shown(value: object) -> str:
    """A value in a sentence: as JSON writes it, and not too long."""
    echoed = echo(value)
    return echoed if isinstance(echoed, str) and echoed.endswith("…") else json.dumps(echoed, ensure_ascii=False)


def echo(value: object) -> Any:
    """A value fit to be sent back: JSON, and not too long."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        value = text = str(value)
    return value if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…"
