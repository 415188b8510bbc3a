"""Uploads are spooled to a temporary file, piece by piece, without blocking others."""

from __future__ import annotations

from typing import IO, Any

from flask import Request

from texture.web.concurrency import Concurrency


class Spool:
    """A temporary file; between two writes others are served."""

    def __init__(self, file: IO[bytes], concurrency: Concurrency) -> None:
        self._file, self._concurrency = file, concurrency

    def write(self, piece: bytes) -> int:
        """Append; its length."""
        return self._concurrency.run_blocking(self._file.write, piece)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def spooling(concurrency: Concurrency) -> type[Request]:
    """The request class whose uploads are spooled this way: a client nearby sends faster than others could wait."""

    class Spooling(Request):
        def _get_file_stream(self, *what: Any, **more: Any) -> Any:
            return Spool(super()._get_file_stream(*what, **more), concurrency)

    return Spooling
