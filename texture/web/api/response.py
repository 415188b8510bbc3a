"""What a call returns, as a response: a model as JSON, bytes, or a file that goes out piece by piece."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from flask import Response, request
from pydantic import BaseModel
from werkzeug.wrappers.response import Response as AnyResponse

from texture.web.concurrency import Concurrency

FRESH = "no-cache"  # kept, but asked for again with its ETag
FOREVER = "private, max-age=31536000, immutable"
PIECE = 2**20  # bytes


@dataclass(frozen=True)
class File:
    """An answer that is no JSON. `keep`: for a person's disk, so that a browser saves it instead of showing it."""

    data: bytes
    media: str
    name: str  # what a browser calls it when it is saved; ASCII
    cache: str = FRESH
    keep: bool = False
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", sha256(self.data).hexdigest()[:32])


@dataclass(frozen=True)
class Stored:
    """The same from our disk, for what may be larger than memory should take.

    The file is open from the start: when a newer one comes to lie under its name, the two are not mixed.
    """

    file: BinaryIO
    media: str
    name: str
    cache: str = FRESH
    keep: bool = False
    size: int = field(init=False)
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        found = os.fstat(self.file.fileno())
        object.__setattr__(self, "size", found.st_size)
        object.__setattr__(self, "etag", f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}")


def respond(result: object, status: int, concurrency: Concurrency) -> AnyResponse:
    """The response to the request at hand."""
    match result:
        case BaseModel():
            return _json(result, status)
        case File():
            return _dress(Response(result.data), result)
        case Stored():
            return _dress(_from_disk(result, concurrency), result)
        case _:
            return Response(status=204)


def _json(result: BaseModel, status: int) -> Response:
    response = Response(result.model_dump_json(), status, mimetype="application/json")
    response.cache_control.no_store = True
    return response


def _dress(response: Response, answer: File | Stored) -> AnyResponse:
    response.mimetype = answer.media
    response.headers["Cache-Control"] = answer.cache
    response.headers["Content-Disposition"] = f'{"attachment" if answer.keep else "inline"}; filename="{answer.name}"'
    response.set_etag(answer.etag)
    return response.make_conditional(request)


def _from_disk(stored: Stored, concurrency: Concurrency) -> Response:
    response = Response(_pieces(stored.file, concurrency))
    response.content_length = stored.size
    response.call_on_close(stored.file.close)
    return response


def _pieces(file: BinaryIO, concurrency: Concurrency) -> Iterator[bytes]:
    """A disk may be slow, and a client quick: between two pieces the others are served."""
    while piece := concurrency.run_blocking(file.read, PIECE):
        yield piece
