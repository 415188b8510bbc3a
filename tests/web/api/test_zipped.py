"""An archive that is made while it is sent."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from texture.web.api.zipped import PIECE, Member, zipped

MADE = datetime(2026, 5, 4, 3, 2, 0, tzinfo=UTC)


class Opened(io.BytesIO):
    """Notes how much of it has been read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def test_every_file_is_in_it_as_it_was() -> None:
    given = {"a.png": b"a" * (3 * PIECE + 7), "b.png": b"b"}
    made = b"".join(zipped(Member(name, MADE, io.BytesIO(data)) for name, data in given.items()))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == given
        assert archive.getinfo("a.png").date_time == (2026, 5, 4, 3, 2, 0)


def test_no_more_is_read_than_is_asked_for() -> None:
    first, second = Opened(b"a" * 10 * PIECE), Opened(b"b")
    pieces = zipped([Member("a", MADE, first), Member("b", MADE, second)])
    assert max(len(next(pieces)) for _ in range(4)) < PIECE + 1000
    assert (first.taken, second.taken) == (4 * PIECE, 0)
    pieces.close()
    assert first.closed
