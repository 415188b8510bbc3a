"""Untrusted bytes to plain sRGB pixels: limits first, then the pixels as displayed, and nothing else."""

from __future__ import annotations

import io
import logging
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from texture.errors import InvalidInput
from texture.images.colour import flatten
from texture.images.depth import Tell, eight_bits
from texture.images.formats import FORMATS
from texture.images.other_formats import is_raw, what_instead
from texture.images.work_bounds import check_parts, check_scanned, check_unpacked
from texture.wording import system_reason

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 25_000_000
MIN_SIDE = 32  # a network that halves its input four times sees nothing in less
LONGEST = 32  # times the shorter side: beyond, a picture reduced to what a network can hold has no width left
OWN_BYTES = 2 * 2**30
OWN_PIXELS = 2**28  # 16384 x 16384

Pixels = NDArray[np.uint8]

log = logging.getLogger(__name__)
register_heif_opener(thumbnails=False)  # Pillow itself has no HEIC
_TRUST = threading.Lock()


@dataclass(frozen=True)
class Bounds:
    """What a picture may have: pixels in all, on its shorter side, and its longer side by the shorter.

    kept: pixels to which a larger one is reduced. bytes: of its file.
    """

    pixels: int
    side: int
    aspect: int
    kept: int
    bytes: int


UPLOADED = Bounds(MAX_PIXELS, MIN_SIDE, LONGEST, MAX_PIXELS, MAX_BYTES)
OWN = Bounds(OWN_PIXELS, MIN_SIDE, LONGEST, MAX_PIXELS, OWN_BYTES)  # somebody's on their own machine, to be worked on
FINISHED = Bounds(OWN_PIXELS, 1, OWN_PIXELS, OWN_PIXELS, OWN_BYTES)  # such as may come out of a method: as it is


def decode(data: bytes, field: str = "file", tell: Tell = log.warning) -> Pixels:
    """The first picture of a file of one of the FORMATS as H×W×3 uint8 in sRGB, upright, alpha laid over white.

    Nothing but the pixels comes through: no EXIF, no profile, no comment.

    tell: hears in a sentence of what its owner may not expect: a ground under what is transparent, stretched heights.

    Raises:
        InvalidInput: not such a picture, damaged, above MAX_BYTES or MAX_PIXELS, below MIN_SIDE, or
            longer than LONGEST times its width; it names `field`.
    """
    try:
        return from_image(opened(data), tell)
    except InvalidInput as error:
        raise error.placed(field) from error.__cause__


def decode_own(data: bytes, field: str = "file", tell: Tell = log.warning, bounds: Bounds = OWN) -> Pixels:
    """The same for a file that nobody has sent: one above MAX_PIXELS is reduced to that.

    bounds: OWN, or FINISHED for a picture that is to be taken as it is.

    Raises:
        InvalidInput: not such a picture, damaged, or beyond its bounds; it names `field`.
    """
    try:
        return from_image(opened_own(data), tell, bounds)
    except InvalidInput as error:
        raise error.placed(field) from error.__cause__


def opened(data: bytes) -> Image.Image:
    """A stranger's file as far as its header, which is checked; its pixels are not touched yet.

    Raises:
        InvalidInput: not a picture of one of the FORMATS, or one that would take too much work.
    """
    check_bytes(len(data), UPLOADED)
    check_parts(data)
    image = _open(data, MAX_PIXELS)
    check_scanned(data, image.width * image.height)
    check_unpacked(image)
    return image


def opened_own(data: bytes) -> Image.Image:
    """The same for a file that nobody has sent. Raises InvalidInput."""
    check_bytes(len(data), OWN)
    with _trusting():
        return _open(data, OWN_PIXELS)


def read(path: Path | str, field: str = "source", tell: Tell = log.warning, bounds: Bounds = OWN) -> Pixels:
    """`decode_own` for a path.

    Raises:
        InvalidInput: as `decode_own`, or the file cannot be read; the text names the path.
    """
    path = Path(path)
    try:
        check_bytes(path.stat().st_size, OWN)
        return decode_own(path.read_bytes(), field, lambda words: tell(f"{path}: {words}"), bounds)
    except OSError as error:
        raise InvalidInput(f"{path}: {system_reason(error)}", field=field, value=str(path)) from error
    except ValueError as error:
        raise InvalidInput(f"{str(path)!r} is not a file name: {error}", field=field, value=str(path)) from error
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}", field=field, value=str(path)) from error


def reopen(data: bytes, name: str) -> Pixels:
    """H×W×3 uint8 from a PNG or JPEG of our own making, which may be larger than what `decode` takes from strangers.

    A map of 16 bits comes by its upper bytes, and without its alpha.

    name: by which an error calls it.

    Raises:
        InvalidInput: it is damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            if image.mode.startswith("I"):
                return np.repeat((np.asarray(image) >> 8).astype(np.uint8)[..., None], 3, 2)
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise InvalidInput(f"{name}: this file is damaged or incomplete", field="source", value=name) from error


def from_image(image: Image.Image, tell: Tell = log.warning, bounds: Bounds = UPLOADED) -> Pixels:
    """A Pillow picture, loaded or not, under the same rules; the caller sets the field of the errors."""
    check_sides(image.width, image.height, bounds)
    try:
        image = _reduced(flatten(_upright(eight_bits(image, tell)), tell), bounds.kept, tell)
    except InvalidInput:
        raise
    except MemoryError as error:
        size = f"{image.width}x{image.height}"
        raise InvalidInput(f"there is not enough memory for a picture of {size} pixels", value=size) from error
    except Exception as error:  # a decoder meets hostile bytes in more ways than its documentation tells
        raise InvalidInput("this file is damaged or incomplete") from error
    return np.asarray(image, dtype=np.uint8).copy()


def check_sides(width: int, height: int, bounds: Bounds) -> None:
    """Raise InvalidInput where a picture of this size, in pixels, is beyond its bounds; the caller sets the field."""
    size = f"{width}x{height}"
    if width * height > bounds.pixels:
        given, most = width * height / 1e6, bounds.pixels // 10**6
        raise InvalidInput(f"the picture has {size} = {given:.0f} megapixels: at most {most}", value=size)
    if min(width, height) < bounds.side:
        raise InvalidInput(f"the picture has {size} pixels: at least {bounds.side} on each side", value=size)
    if max(width, height) > bounds.aspect * min(width, height):
        raise InvalidInput(
            f"the picture has {size} pixels: one side at most {bounds.aspect} times the other", value=size
        )


def _reduced(image: Image.Image, pixels: int, tell: Tell) -> Image.Image:
    share = math.sqrt(pixels / (image.width * image.height))
    if share >= 1:
        return image
    width, height = int(share * image.width), int(share * image.height)
    tell(f"{image.width}x{image.height} pixels are reduced to {width}x{height}")
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


def check_bytes(count: int, bounds: Bounds) -> None:
    """Raise InvalidInput for a file of too many bytes, or of none; the caller sets the field."""
    if count > bounds.bytes:
        raise InvalidInput(f"the file is {count / 2**20:.1f} MB; the limit is {bounds.bytes // 2**20} MB", value=count)
    if count == 0:
        raise InvalidInput("the file is empty", value=0)


@contextmanager
def _trusting() -> Iterator[None]:
    """Pillow opens all that OWN takes; for everybody, so one at a time."""
    with _TRUST:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, OWN_PIXELS
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _open(data: bytes, most: int) -> Image.Image:
    """Read the header only; the pixels are not touched yet. most: pixels, as an error has them."""
    try:
        with warnings.catch_warnings():  # not thread-safe, and need not be: check_sides refuses the same pictures
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=[format.pillow for format in FORMATS])
            raw = is_raw(image, data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput(f"the picture has too many pixels: at most {most // 10**6} megapixels") from error
    except UnidentifiedImageError as error:
        raise InvalidInput(f"the file is {what_instead(data)}") from error
    except Exception as error:
        raise InvalidInput("this file is damaged or incomplete") from error
    if raw:
        raise InvalidInput(f"the file is {what_instead(data)}")
    return image


def _upright(image: Image.Image) -> Any:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # unreadable notes on whole pixels: browsers show such a picture as it lies, and so do we
        return image
