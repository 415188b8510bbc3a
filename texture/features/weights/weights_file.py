"""The copy of a network's weights in the cache: one safetensors file that carries its own checksum. No torch here.

The header's metadata say where the weights came from, with which checksum, and the digest of this file's own tensors:
names, shapes, types and bytes. So a file can be copied by hand from one machine to another and is still checked.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from torch import Tensor

LENGTH = struct.Struct("<Q")  # a safetensors file begins with the length of its JSON header
LARGEST_HEADER = 1 << 20  # bytes; ours has some 4,000
CHUNK = 1 << 20
DIGEST = "tensors_sha256"


class Damaged(Exception):
    """The file is not what was written: cut short, changed, or something else altogether."""


class Unreadable(Exception):
    """The file holds no network that we know; the text says why, without the file's name."""


def read_header(file: Path) -> dict[str, Any]:
    """The header of a safetensors file, checked against the file's size; quick, for nothing else is read.

    Raises:
        Damaged: it is cut short, or no safetensors file.
        OSError: it cannot be opened.
    """
    with file.open("rb") as stream:
        header, start = _header(stream)
        size = os.fstat(stream.fileno()).st_size
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    if size != start + max(ends, default=0):
        raise Damaged(f"{file} has {size} bytes instead of {start + max(ends, default=0)}")
    return header


def _header(stream: BinaryIO) -> tuple[dict[str, Any], int]:
    """The header, and where the tensors begin."""
    first = stream.read(LENGTH.size)
    length = LENGTH.unpack(first)[0] if len(first) == LENGTH.size else 0
    if not 0 < length <= LARGEST_HEADER:
        raise Damaged(f"{stream.name} is no safetensors file: it has {os.fstat(stream.fileno()).st_size} bytes")
    try:
        header = json.loads(stream.read(length))
        for name, entry in header.items():
            if name != "__metadata__":
                begin, end = entry["data_offsets"]
                entry["data_offsets"] = [int(begin), int(end)]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise Damaged(f"{stream.name} has no readable header") from error
    return header, LENGTH.size + length


def metadata(header: Mapping[str, Any]) -> Mapping[str, str]:
    """What the header says of the file's origin: format, source, original_sha256, tensors_sha256."""
    found = header.get("__metadata__")
    return found if isinstance(found, dict) else {}


def check(file: Path) -> None:
    """Read the whole file and compare it with its own digest: a tenth of a second for 80 MB.

    Raises:
        Damaged: it differs.
        OSError: it cannot be read.
    """
    expected = metadata(read_header(file)).get(DIGEST)
    with file.open("rb") as stream:
        header, start = _header(stream)
        stream.seek(start)
        found = _digest(header, iter(lambda: stream.read(CHUNK), b""))
    if found != expected:
        raise Damaged(f"{file} does not match its own checksum")


def _digest(header: Mapping[str, Any], data: Iterator[bytes]) -> str:
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    digest = hashlib.sha256(json.dumps(tensors, sort_keys=True).encode())
    for chunk in data:
        digest.update(chunk)
    return digest.hexdigest()


def checksum(file: Path) -> str:
    """The SHA-256 of any file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(file: Path, tensors: Mapping[str, Tensor], about: Mapping[str, str]) -> None:
    """Write `tensors` with `about` in the metadata; whoever looks sees the old file or the whole new one."""
    from safetensors.torch import save

    from texture.images.encoding import write_atomically

    plain = save(dict(tensors))
    length = LENGTH.unpack_from(plain)[0]
    start = LENGTH.size + length
    header = json.loads(plain[LENGTH.size : start])
    digest = _digest(header, iter([plain[start:]]))
    write_atomically(file, save(dict(tensors), {**about, DIGEST: digest}))
