"""Whether a file that we are about to serve is whole, told by what its own format says of it."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import PurePath
from typing import BinaryIO

PNG, WEBP = b"\x89PNG\r\n\x1a\n", b"RIFF"
PIECE = 2**20  # bytes
MOST_KEPT = 4096  # answers that are remembered, one for each state of a file
LARGEST_HEADER = 16 * 2**20  # bytes, of a model

_known: OrderedDict[tuple[int, int, int, int], bool] = OrderedDict()


def is_whole(file: BinaryIO, name: str) -> bool:
    """Whether a file is neither cut nor damaged, as far as the format tells that `name` ends in.

    It is read once for each of its states, and is then at its beginning. PNG has checksums; of the others it is the
    size.
    """
    found = os.fstat(file.fileno())
    state = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
    if (whole := _known.get(state)) is None:  # asked once: another thread may forget it meanwhile
        whole = _known[state] = _look(file, name, found.st_size)
        if len(_known) > MOST_KEPT:
            _known.popitem(last=False)
    return whole


def _look(file: BinaryIO, name: str, size: int) -> bool:
    check = CHECKS.get(PurePath(name).suffix)
    try:
        return check is None or check(file, size)
    except (ValueError, KeyError, TypeError, struct.error):
        return False
    finally:
        file.seek(0)


def _png(file: BinaryIO, _: int) -> bool:
    if file.read(len(PNG)) != PNG:
        return False
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        sum = zlib.crc32(kind)
        while length > 0:
            piece = file.read(min(length, PIECE))
            if not piece:
                return False
            sum, length = zlib.crc32(piece, sum), length - len(piece)
        if struct.unpack(">I", file.read(4)) != (sum,):
            return False
        if kind == b"IEND":
            return True


def _jpeg(file: BinaryIO, size: int) -> bool:
    begin = file.read(2)
    file.seek(max(0, size - 2))
    return begin + file.read(2) == b"\xff\xd8\xff\xd9"


def _webp(file: BinaryIO, size: int) -> bool:
    mark, length = struct.unpack("<4sI", file.read(8))
    return bool(mark == WEBP and length + 8 == size)


def _safetensors(file: BinaryIO, size: int) -> bool:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > min(size, LARGEST_HEADER):
        return False
    tensors = {name: one for name, one in json.loads(file.read(length)).items() if name != "__metadata__"}
    return bool(8 + length + max((one["data_offsets"][1] for one in tensors.values()), default=0) == size)


CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".webp": _webp,
    ".safetensors": _safetensors,
}
