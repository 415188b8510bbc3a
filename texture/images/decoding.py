"""Untrusted bytes to plain sRGB pixels: limits first, then the picture as a person sees it, then nothing else of it."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from texture.errors import InvalidInput
from texture.images.colour import flatten
from texture.wording import system_reason

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 25_000_000
MIN_SIDE = 32  # a network that halves its input four times sees nothing in less
LONGEST = 32  # times the shorter side: beyond, a picture reduced to what a network can hold has no width left
FORMATS = ("PNG", "JPEG", "WEBP")

Pixels = NDArray[np.uint8]

WANTED = "PNG, JPEG and WebP pictures are read"
OTHERS = {  # how files that people try all the same begin; [offset, bytes] -> name
    (0, b"GIF8"): "a GIF",
    (0, b"BM"): "a BMP",
    (0, b"II*\x00"): "a TIFF",
    (0, b"MM\x00*"): "a TIFF",
    (0, b"%PDF"): "a PDF",
    (0, b"<svg"): "an SVG drawing",
    (0, b"<?xml"): "an XML file (perhaps an SVG drawing)",
    (4, b"ftypavif"): "an AVIF",
    (4, b"ftyphei"): "a HEIC photo",
    (4, b"ftypmif1"): "a HEIC photo",
}


def decode(data: bytes, field: str = "file") -> Pixels:
    """The first frame of a PNG, JPEG or WebP file as H×W×3 uint8 in sRGB, upright, alpha laid over white.

    Nothing but the pixels comes through: no EXIF, no profile, no comment.

    Raises:
        InvalidInput: not such a picture, damaged, above MAX_BYTES or MAX_PIXELS, below MIN_SIDE, or
            longer than LONGEST times its width; it names `field`.
    """
    try:
        _check_bytes(len(data))
        return from_image(_open(data))
    except InvalidInput as error:
        raise error.placed(field) from error.__cause__


def read(path: Path | str, field: str = "source") -> Pixels:
    """`decode` for a file of this machine.

    Raises:
        InvalidInput: as `decode`, or the file cannot be read; the text names the path.
    """
    path = Path(path)
    try:
        _check_bytes(path.stat().st_size)
        return decode(path.read_bytes(), field)
    except OSError as error:
        raise InvalidInput(f"{path}: {system_reason(error)}", field=field, value=str(path)) from error
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}", field=field, value=str(path)) from error


def reopen(data: bytes, name: str) -> Pixels:
    """H×W×3 uint8 from a PNG of our own making, which may be larger than what `decode` takes from strangers.

    name: by which an error calls it.

    Raises:
        InvalidInput: it is damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, SyntaxError) as error:
        reason = "damaged" if isinstance(error, UnidentifiedImageError) else _reason(error)
        raise InvalidInput(f"{name}: {reason}", field="source", value=name) from error


def from_image(image: Image.Image) -> Pixels:
    """A Pillow picture, loaded or not yet, by the same rules; the field of the errors is left to the caller."""
    _check_sides(image.width, image.height)
    try:
        image.load()  # verify() would pass a truncated JPEG
        image = flatten(_upright(image))
    except Exception as error:  # a decoder meets hostile bytes in more ways than its documentation tells
        raise InvalidInput(f"the file is damaged: {_reason(error)}") from error
    return np.asarray(image, dtype=np.uint8).copy()


def _check_bytes(count: int) -> None:
    if count > MAX_BYTES:
        given, limit = count / 2**20, MAX_BYTES // 2**20
        raise InvalidInput(f"the file has {given:.1f} MB: at most {limit} MB", value=count)
    if count == 0:
        raise InvalidInput("the file is empty", value=0)


def _check_sides(width: int, height: int) -> None:
    size = f"{width}x{height}"
    if width * height > MAX_PIXELS:
        raise InvalidInput(
            f"the picture has {size} = {width * height / 1e6:.0f} megapixels: at most {MAX_PIXELS // 10**6}", value=size
        )
    if min(width, height) < MIN_SIDE:
        raise InvalidInput(f"the picture has {size} pixels: at least {MIN_SIDE} on each side", value=size)
    if max(width, height) > LONGEST * min(width, height):
        raise InvalidInput(f"the picture has {size} pixels: one side at most {LONGEST} times the other", value=size)


def _open(data: bytes) -> Image.Image:
    """Read the header only; the pixels are not touched yet."""
    try:
        with warnings.catch_warnings():  # not thread-safe, and need not be: _check_sides refuses the same pictures
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput(f"the picture has too many pixels: at most {MAX_PIXELS // 10**6} megapixels") from error
    except UnidentifiedImageError as error:
        raise InvalidInput(f"the file is {_kind(data)}; {WANTED}") from error
    except Exception as error:
        raise InvalidInput(f"the file is damaged: {_reason(error)}") from error


def _kind(data: bytes) -> str:
    for (offset, start), name in OTHERS.items():
        if data[offset : offset + len(start)] == start:
            return name
    return "of another kind, or damaged at its beginning"


def _upright(image: Image.Image) -> Any:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # unreadable notes on whole pixels: browsers show such a picture as it lies, and so do we
        return image


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return system_reason(error)
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
