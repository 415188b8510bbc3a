"""A zip archive made while it is sent: of all its files, no more than a piece of one is in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

PIECE = 128 * 1024  # bytes


@dataclass(frozen=True)
class Member:
    """A file of the archive; it is read, and closed."""

    name: str
    made: datetime
    file: BinaryIO


class Outlet:
    """What a ZipFile writes to: it keeps what was written until that is taken. It cannot be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """All that has been written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def zipped(members: Iterable[Member]) -> Generator[bytes, None, None]:
    """The archive, piece by piece. Pictures are compressed already: they are stored as they are."""
    outlet = Outlet()
    with ZipFile(cast(BinaryIO, outlet), "w", ZIP_STORED) as archive:
        for member in members:
            about = ZipInfo(member.name, member.made.timetuple()[:6])
            with member.file as file, archive.open(about, "w") as part:
                while piece := file.read(PIECE):
                    part.write(piece)
                    yield outlet.take()
    yield outlet.take()
