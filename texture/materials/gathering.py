"""The files of a material from a folder or a zip: what each is, and its bytes, one at a time.

A zip may come from anybody. Nothing of it is unpacked to the disk, so that its names lead nowhere; how much of it is
unpacked into memory is counted as it comes, whatever it says of itself.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo, is_zipfile

from texture.errors import InvalidInput
from texture.images.decoding import OWN, Bounds
from texture.images.formats import ENDINGS
from texture.images.levels import ENDING_OF_EXR
from texture.materials.naming import BASE, recognised
from texture.wording import system_reason

READ = (*ENDINGS, ENDING_OF_EXR)
MOST_ENTRIES = 2000  # of a zip, pictures or not
ENTRY = b"PK\x01\x02"  # how each begins in a zip's directory
MOST_FILES = 64  # pictures
Read = Callable[[], bytes]


@dataclass(frozen=True)
class Gathered:
    """The files of a material. base: of the base colour, if it is there; maps: by the names of GIVEN; each a file's
    name and what reads it. unknown: the names of pictures of which nobody knows what they are."""

    base: tuple[str, Read] | None
    maps: Mapping[str, tuple[str, Read]]
    unknown: tuple[str, ...]


def gather(place: Path | str | bytes, bounds: Bounds = OWN) -> Gathered:
    """What is in a folder, or in a zip: a path, or the zip's bytes.

    Raises:
        InvalidInput: it is neither, it is damaged or unsafe, or two of its files are the same map; reading a file
            raises it, too.
    """
    files = _zipped(place, "the zip", bounds) if isinstance(place, bytes) else _at(Path(place), bounds)
    found, unknown = recognised(files)
    maps = {kind: (name, files[name]) for kind, name in found.items() if kind != BASE}
    base = (found[BASE], files[found[BASE]]) if BASE in found else None
    return Gathered(base, maps, tuple(unknown))


def is_material(path: str) -> bool:
    """Whether a name that somebody gives is that of a folder or a zip."""
    return bool(path) and (Path(path).is_dir() or path.lower().endswith(".zip"))


def _at(path: Path, bounds: Bounds) -> dict[str, Read]:
    try:
        if path.is_dir():
            return _in_folder(path)
        if not is_zipfile(path):
            raise InvalidInput(f"{path} is no folder and no zip", field="maps", value=str(path))
        return _zipped(path.read_bytes(), str(path), bounds)
    except OSError as error:
        raise InvalidInput(f"{path}: {system_reason(error)}", field="maps", value=str(path)) from error


def _in_folder(folder: Path) -> dict[str, Read]:
    paths = sorted(path for path in folder.iterdir() if _is_read(path.name) and path.is_file())
    _check_count(len(paths), str(folder))
    return {str(path): path.read_bytes for path in paths}


def _is_read(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(READ)


def _check_count(count: int, name: str) -> None:
    if not 0 < count <= MOST_FILES:
        message = f"{name} has no picture in it" if count == 0 else f"{name} has {count} pictures: at most {MOST_FILES}"
        raise InvalidInput(message, field="maps", value=count)


def _zipped(data: bytes, name: str, bounds: Bounds) -> dict[str, Read]:
    count = data.count(ENTRY)  # ZipFile makes an object of each, however many the zip says that it has
    if count > MOST_ENTRIES:
        raise InvalidInput(f"{name} has {count} entries: at most {MOST_ENTRIES}", field="maps")
    try:
        archive = ZipFile(io.BytesIO(data))
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidInput(f"{name} is not a zip file, or a damaged one", field="maps") from error
    for entry in archive.infolist():
        _check_path(entry.filename)
    pictures = [entry for entry in archive.infolist() if _is_picture(entry.filename) and not entry.is_dir()]
    _check_count(len(pictures), name)
    for entry in pictures:
        _check_packing(entry, bounds)
    return {entry.filename: _reader(archive, entry, bounds) for entry in pictures}


def _check_path(name: str) -> None:
    """Raise InvalidInput for a name that would lead out of the folder into which a zip is unpacked."""
    outside = ".." in name.replace("\\", "/").split("/")
    if outside or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor:
        raise InvalidInput(f"the zip has a file that would lie outside of it: {name!r}", field="maps", value=name)


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    return _is_read(path.name) and "__MACOSX" not in path.parts


def _check_packing(entry: ZipInfo, bounds: Bounds) -> None:
    """Raise InvalidInput for a file that says that it is too large, or packed in an unusual way."""
    if entry.file_size > bounds.bytes:
        raise _too_large(entry.filename, bounds)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) and not _needs_password(entry):
        message = f"{entry.filename} is compressed in a way that is not read: use Deflate, the usual one"
        raise InvalidInput(message, field="maps", value=entry.compress_type)


def _needs_password(entry: ZipInfo) -> bool:
    return bool(entry.flag_bits & 1)


def _reader(archive: ZipFile, entry: ZipInfo, bounds: Bounds) -> Read:
    def read() -> bytes:
        try:
            with archive.open(entry) as file:
                data = file.read(bounds.bytes + 1)
        except (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            why = "needs a password" if _needs_password(entry) else "is damaged"
            raise InvalidInput(f"{entry.filename} {why} in the zip", field="maps", value=entry.filename) from error
        if len(data) > bounds.bytes:
            raise _too_large(entry.filename, bounds)
        return data

    return read


def _too_large(name: str, bounds: Bounds) -> InvalidInput:
    return InvalidInput(f"{name} is larger than {bounds.bytes // 2**20} MB", field="maps", value=name)
