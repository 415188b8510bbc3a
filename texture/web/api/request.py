"""What a client sends with a call: query, JSON body or file; validated, and bounded before it is in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from texture.web.api.problems import Refused, problem, refuse_model

MOST_JSON = 64 * 1024  # bytes
ROUND_A_FILE = 64 * 1024  # bytes of multipart headers beside the file itself
MOST_PARTS = 10
USUAL_PAGE, LARGEST_PAGE = 50, 100  # rows in one answer


@dataclass(frozen=True)
class Upload:
    """The file of a multipart body. `name` is the client's file name: for display only."""

    name: str
    storage: FileStorage

    def read(self) -> bytes:
        """All of it: the only copy in memory; until then it is in a temporary file."""
        data: bytes = self.storage.read()
        return data


class Nothing(BaseModel, extra="forbid"):
    """The query of a call that takes none."""


def read_query(model: type[BaseModel]) -> BaseModel:
    """The query string. Raises Refused."""
    return _checked(model, request.args.to_dict())


def read_body(model: type[BaseModel]) -> BaseModel:
    """The JSON body. Raises Refused, RequestEntityTooLarge."""
    request.max_content_length = MOST_JSON
    if request.mimetype != "application/json":
        raise Refused(problem(415, f"Content-Type is {request.mimetype or 'missing'}: send application/json"))
    data = request.get_data()
    if request.content_length is None and len(data) >= MOST_JSON:
        raise RequestEntityTooLarge  # it came in chunks, and was cut here
    return _checked(model, _parse(data))


def read_file(most: int) -> Upload:
    """The file, of at most `most` bytes. Raises Refused, RequestEntityTooLarge."""
    request.max_content_length = most + ROUND_A_FILE
    request.max_form_parts = MOST_PARTS
    if request.mimetype != "multipart/form-data":
        raise Refused(problem(415, f"Content-Type is {request.mimetype or 'missing'}: send multipart/form-data"))
    unknown = [name for name in _parts() if name != "file"]
    if unknown:
        raise Refused(problem(422, f"{unknown[0]} is unknown; known: file", field=unknown[0]))
    match request.files.getlist("file"):
        case []:
            raise Refused(
                problem(422, "file is missing: a multipart part of that name, with a file name", field="file")
            )
        case [storage]:
            return Upload(storage.filename or "", storage)
        case several:
            raise Refused(problem(422, f"file is there {len(several)} times: send one at a time", field="file"))


def _parse(data: bytes) -> Any:
    try:
        value = json.loads(data, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair would only fail later, in the database
    except RecursionError:
        raise Refused(problem(400, "the body is nested too deeply")) from None
    except ValueError as error:
        reason = "a number has too many digits" if str(error).startswith("Exceeds the limit") else error
        raise Refused(problem(400, f"the body is not valid JSON: {reason}")) from None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


def _checked(model: type[BaseModel], value: Any) -> BaseModel:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise refuse_model(error, model) from None


def _parts() -> list[str]:
    """The names of a form's parts; this parses it."""
    try:
        return [*request.files, *request.form]
    except RequestEntityTooLarge:
        if request.content_length is None or request.content_length > (request.max_content_length or 0):
            raise  # for its length; where that was said, both servers then read the rest, so that the client listens
        raise Refused(problem(422, f"the form is not one file: at most {MOST_PARTS} parts")) from None
