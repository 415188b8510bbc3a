"""Everything that goes wrong on HTTP or a socket, as an RFC 9457 problem document that names field, value and range."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from texture.errors import Conflict, InvalidInput, NotFound, QuotaReached, TextureError
from texture.jobs.domain.faults import NO_ROOM, is_disk_full
from texture.wording import Schema, echo, part_at, refusal

MEDIA = "application/problem+json"
RANGE = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
LENGTH = ("minLength", "maxLength", "minItems", "maxItems")
ALLOWED = (*RANGE, *LENGTH, "enum", "const", "pattern")  # what a schema says of a field that helps to correct it
STATUS: Mapping[type[TextureError], int] = {InvalidInput: 422, NotFound: 404, Conflict: 409, QuotaReached: 429}
OUR_FAULT = "internal error (see the server log)"

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="one sentence for the user: what is wrong, and what to do")
    instance: str | None = Field(None, description="the requested path")
    field: str | None = Field(None, description="the name of the rejected field")
    value: Any = Field(None, description="the rejected value")
    allowed: dict[str, Any] | None = Field(None, description="what would be accepted, in JSON Schema's words")

    def message(self) -> dict[str, Any]:
        """For JSON: without what does not apply."""
        return self.model_dump(mode="json", exclude_unset=True)


class Refused(Exception):
    """Carries a problem document to the error handler. retry_after: seconds until it is worth another try."""

    def __init__(self, problem: Problem, retry_after: int | None = None) -> None:
        super().__init__(problem.detail)
        self.problem, self.retry_after = problem, retry_after


def problem(status: int, detail: str, **more: Any) -> Problem:
    """A problem document; fields that are None are left out."""
    given = {name: value for name, value in more.items() if value is not None}
    if "value" in given:
        given["value"] = echo(given["value"])
    return Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail, **given)


def problem_of(error: Exception, path: str | None = None) -> Problem:
    """The problem document for any exception. An unexpected one is logged, and nothing of it is sent to the client."""
    match error:
        case Refused():
            return error.problem.model_copy(update={"instance": path} if path else {})
        case InvalidInput():
            allowed = allowed_by(error) or None
            return problem(422, str(error), instance=path, field=error.field, value=error.value, allowed=allowed)
        case _ if is_disk_full(error):
            return problem(507, NO_ROOM, instance=path)
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
    """What pydantic found first, as a problem document."""
    schema = model.model_json_schema()
    found = refusal(error, schema)
    allowed = allowed_in(schema, found.field or "")
    return Refused(problem(422, str(found), field=found.field, value=found.value, allowed=allowed))


def allowed_by(error: InvalidInput) -> dict[str, Any]:
    """The limits that an error carries, in terms of JSON Schema."""
    found = {"minimum": error.lowest, "maximum": error.highest, "multipleOf": error.step}
    told = {name: value for name, value in found.items() if value is not None}
    return {**told, "enum": list(error.choices)} if error.choices else told


def allowed_in(schema: Schema, field: str) -> dict[str, Any] | None:
    """The limits that a schema sets for one of its fields, however deeply nested ("runs.0.method")."""
    part = part_at(schema, field.split("."))
    return {key: value for key, value in part.items() if key in ALLOWED} or None
