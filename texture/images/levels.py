"""Files to maps: the numbers as they are stored, with 8 or 16 bits a channel, and no conversion of colours.

What a map says is no colour. So nothing is laid over white, no profile is applied, and 16 bits stay 16: Pillow has no
colours of so many, libpng and libtiff (imagecodecs) have. Floats (TIFF, OpenEXR) become 16 bits.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from texture.errors import InvalidInput
from texture.images.decoding import OWN, UPLOADED, Bounds, check_bytes, check_sides, log, opened, opened_own
from texture.images.depth import FULL, Tell
from texture.images.map_files import Levels

EXR = b"\x76\x2f\x31\x01"
ENDING_OF_EXR = ".exr"
MODES = {"1": "L", "P": "RGB", "PA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB"}  # Pillow's -> one that is kept as it is
KEPT = ("L", "LA", "RGB", "RGBA")
BITS_OF_TIFF = 258  # its tag
MOST_CHANNELS = 8  # all of which are unpacked
CHANNELS = ("RGBA", "RGB", "Y", "R", "Z", "V")  # of an OpenEXR picture, the best first


def read_levels(data: bytes, name: str, tell: Tell = log.warning, bounds: Bounds = OWN) -> Levels:
    """A file of any format that pictures are read from, or OpenEXR, as H×W or H×W×2..4, uint8 or uint16.

    name: what an error, and what is told, calls the file. bounds: UPLOADED, or OWN for one that nobody has sent.

    Raises:
        InvalidInput: no such file, a damaged one, or one beyond its bounds; it names the file.
    """
    try:
        levels = _exr(data, bounds, tell) if data.startswith(EXR) else _picture(data, bounds, tell)
    except InvalidInput as error:
        raise error.placed("maps", f"{name}: {error}") from error.__cause__
    return np.ascontiguousarray(levels[..., 0] if levels.ndim == 3 and levels.shape[2] == 1 else levels)


def _picture(data: bytes, bounds: Bounds, tell: Tell) -> Levels:
    image = opened(data) if bounds is UPLOADED else opened_own(data)
    check_sides(image.width, image.height, bounds)
    try:
        return _deep(image, data, tell) if _bits(image, data) > 8 else _plain(image)
    except InvalidInput:
        raise
    except Exception as error:  # a decoder meets hostile bytes in more ways than its documentation tells
        raise InvalidInput("this file is damaged or incomplete") from error


def _bits(image: Image.Image, data: bytes) -> int:
    """Of a channel."""
    if image.format == "PNG":
        return data[24]
    tags = getattr(image, "tag_v2", {})
    return max(tags.get(BITS_OF_TIFF, (8,))) if image.format == "TIFF" else 8


def _deep(image: Image.Image, data: bytes, tell: Tell) -> Levels:
    """A PNG or TIFF of more than eight bits."""
    import imagecodecs

    decode: Any = imagecodecs.png_decode if image.format == "PNG" else imagecodecs.tiff_decode
    values = decode(data)
    if values.dtype.kind == "f":
        return _from_floats(values, tell)
    if values.dtype != np.uint16 or values.ndim not in (2, 3):
        raise InvalidInput(f"the picture has {values.dtype} values: 8 or 16 bits a channel, or floats")
    levels: Levels = values
    return levels


def _plain(image: Image.Image) -> Levels:
    """One of eight bits or fewer, upright."""
    mode = "RGBA" if image.mode == "P" and image.has_transparency_data else MODES.get(image.mode, image.mode)
    image = ImageOps.exif_transpose(image)
    if mode not in KEPT:
        raise InvalidInput(f"the picture has channels of the kind {mode}: save it as grey or RGB")
    return np.asarray(image.convert(mode))


def _exr(data: bytes, bounds: Bounds, tell: Tell) -> Levels:
    """Of its first part; OpenEXR reads from files alone."""
    import OpenEXR

    check_bytes(len(data), bounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.exr"
        path.write_bytes(data)
        try:
            with OpenEXR.File(str(path), header_only=True) as file:
                header = file.header()
                parts, channels = len(file.parts), len(header["channels"])
                (left, top), (right, bottom) = (map(int, corner) for corner in header["dataWindow"])
            check_sides(right - left + 1, bottom - top + 1, bounds)
            if parts > 1 or channels > MOST_CHANNELS:
                count = f"{parts} part(s) and {channels} channels"
                raise InvalidInput(f"the OpenEXR picture has {count}: one part, and at most {MOST_CHANNELS} channels")
            with OpenEXR.File(str(path)) as file:
                there = {name: channel.pixels for name, channel in file.channels().items()}
        except InvalidInput:
            raise
        except Exception as error:
            raise InvalidInput("this OpenEXR file is damaged, or of a kind that is not read") from error
    wanted = next((name for name in CHANNELS if name in there), None)
    if wanted is None:
        raise InvalidInput(f"the OpenEXR picture has the channels {', '.join(there)}: one of {', '.join(CHANNELS)}")
    return _from_floats(there[wanted], tell)


def _from_floats(values: NDArray[Any], tell: Tell) -> Levels:
    """As 16 bits: 0..1 as it is, and else from the lowest value to the highest."""
    values = np.nan_to_num(values.astype(np.float64), posinf=np.nan, neginf=np.nan)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        tell(f"the values go from {low:g} to {high:g}: stretched to span black to white")
        values = (values - low) / max(high - low, 1e-12)
    levels: NDArray[np.uint16] = (values * FULL).round().astype(np.uint16)
    return levels
