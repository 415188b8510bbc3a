"""Responses made from what a call returns: a model as JSON, bytes, or a file that is streamed."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Self, cast

from flask import Response, request
from pydantic import BaseModel, PrivateAttr
from werkzeug.wrappers.response import Response as AnyResponse

from texture.errors import SetupProblem
from texture.web.concurrency import Concurrency
from texture.wording import system_reason

FRESH = "no-cache"  # cached, but revalidated with its ETag
FOREVER = "private, max-age=31536000, immutable"
SMALL = 4096  # bytes of text that are sent as they are: less would hardly become smaller
PIECE = 128 * 1024  # bytes that a connection holds of an answer; one that is larger goes out from a file


class Lasting(BaseModel):
    """An answer in JSON that may be kept for good, if it is one of those that its address names by their content."""

    _lasts: bool = PrivateAttr(False)

    def lasting(self) -> Self:
        """The same, to be kept."""
        kept = self.model_copy()
        kept._lasts = True
        return kept


@dataclass(frozen=True)
class File:
    """An answer that is not JSON. `keep`: a download, which a browser saves instead of showing it."""

    data: bytes
    media: str
    name: str  # the file name of the download; ASCII
    cache: str = FRESH
    keep: bool = False
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", sha256(self.data).hexdigest()[:32])


@dataclass(frozen=True)
class Stored:
    """The same from disk, for what may be too large for memory.

    The file is open from the start: when a newer one comes to lie under its name, the two are not mixed.
    """

    file: BinaryIO
    media: str
    name: str
    cache: str = FRESH
    keep: bool = False
    etag: str = ""  # of the file as it lies, unless one is given
    size: int = field(init=False)

    def __post_init__(self) -> None:
        found = os.fstat(self.file.fileno())
        object.__setattr__(self, "size", found.st_size)
        if not self.etag:
            inode = found.st_ino if found.st_nlink else 0  # of a copy without a name it says nothing
            object.__setattr__(self, "etag", f"{inode:x}-{found.st_mtime_ns:x}-{found.st_size:x}")


@dataclass(frozen=True)
class Streamed:
    """A download that is made while it goes out, each piece of it when the one before has gone."""

    pieces: Generator[bytes, None, None]
    media: str
    name: str


def respond(result: object, status: int, concurrency: Concurrency, folder: Callable[[], Path]) -> AnyResponse:
    """The response to the request at hand. folder: where an answer may lie on disk while it goes out."""
    match result:
        case BaseModel():
            return _json(result, status)
        case File(data) if len(data) > PIECE:
            return respond(concurrency.run_blocking(_spool, result, folder()), status, concurrency, folder)
        case File():
            return _dress(Response(result.data), result)
        case Stored():
            return _dress(_from_disk(result, concurrency), result)
        case Streamed():
            return _in_pieces(result, concurrency)
        case _:
            return Response(status=204)


def _spool(answer: File, folder: Path) -> Stored:
    """The same in a file without a name: a client that reads slowly, or nothing, costs no memory.

    Raises:
        SetupProblem: the disk is full, say.
    """
    with ExitStack() as closed_on_failure:
        try:
            file = cast(BinaryIO, closed_on_failure.enter_context(tempfile.TemporaryFile(dir=folder)))
            file.write(answer.data)
            file.seek(0)
        except OSError as error:
            raise SetupProblem(f"the answer cannot be put on the server's disk: {system_reason(error)}") from error
        closed_on_failure.pop_all()
    return Stored(file, answer.media, answer.name, answer.cache, answer.keep, answer.etag)


def _json(result: BaseModel, status: int) -> Response:
    response = Response(result.model_dump_json(), status, mimetype="application/json")
    response.headers["Cache-Control"] = FOREVER if isinstance(result, Lasting) and result._lasts else "no-store"
    return pack(response)


def pack(response: Response) -> Response:
    """A text as gzip makes it, where the client takes that and it is worth while."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and (response.content_length or 0) > SMALL:
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.content_encoding = "gzip"
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


def _in_pieces(answer: Streamed, concurrency: Concurrency) -> Response:
    pieces = iter(lambda: concurrency.run_blocking(next, answer.pieces, None), None)
    response = Response(pieces, mimetype=answer.media)
    response.call_on_close(answer.pieces.close)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
    return response


def _pieces(file: BinaryIO, concurrency: Concurrency) -> Iterator[bytes]:
    """Piece by piece, so that others are served in between."""
    while piece := concurrency.run_blocking(file.read, PIECE):
        yield piece
