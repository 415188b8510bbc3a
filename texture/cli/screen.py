"""Standard output and error that never fail: on any code page, and with any reader."""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

CONTROL = re.compile(r"(?!\x1b\[A)[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # but \t, \n, \r, and how tqdm goes a line up
PLAIN = {"–": "-", "…": "...", "·": "-", "×": "x", "→": "->", "≤": "<=", "≥": ">=", "²": "2", "’": "'"}


def plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    """An error handler for codecs: characters that a code page lacks are written in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(PLAIN.get(one, one.encode("ascii", "backslashreplace").decode()) for one in missing), error.end


codecs.register_error("texture.plainly", plainly)


class Screen(io.TextIOBase):
    """A stream that writes what it can and never raises. problem: why something could not be written."""

    def __init__(self, stream: TextIO | None) -> None:
        self.problem: OSError | None = None
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The code page."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Write and flush; control characters, as a file's name may have them, as Python writes them."""
        if self._stream is not None and not self.problem:
            plain = CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
            try:
                self._stream.write(plain.encode(self.encoding, "texture.plainly").decode(self.encoding))
                self._stream.flush()
            except OSError as error:
                self._give_up(self._stream, error)
        return len(text)

    def _give_up(self, stream: TextIO, error: OSError) -> None:
        """Stop writing: Python must not try again when it exits."""
        self.problem = error
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    @property
    def lost(self) -> OSError | None:
        """Why output was lost; not if the reader closed the pipe."""
        return None if self.problem is None or self.problem.errno in (errno.EPIPE, errno.EIO) else self.problem


@contextmanager
def screens() -> Iterator[Screen]:
    """Replace standard output and error for a while. Gives the former."""
    before = sys.stdout, sys.stderr
    out = Screen(sys.stdout)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, Screen(sys.stderr))
    try:
        yield out
    finally:
        sys.stdout, sys.stderr = before
