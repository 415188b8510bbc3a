"""Files to maps: the numbers as they are stored, with 8 or 16 bits a channel, and no conversion of colours.

What a map says is no colour. So nothing is laid over white, no profile is applied, and 16 bits stay 16: Pillow has no
colours of so many, libpng and libtiff (imagecodecs) have. Floats (TIFF, OpenEXR) become 16 bits.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from texture.errors import InvalidInput
from texture.images.decoding import OWN, UPLOADED, Bounds, check_bytes, check_sides, log, opened, opened_own
from texture.images.depth import FULL, Tell
from texture.images.map_files import Levels
from texture.images.work_bounds import HEIGHT, PNG, SAMPLES, TIFFS, WIDTH, check_parts

Floats = Literal["clip", "stretch", "directions"]
"""What becomes of floats beyond 0..1: they are cut off; or all are stretched, as heights are, of which only the
differences count; or they are directions, whose axes go from -1 to 1."""

EXR = b"\x76\x2f\x31\x01"
ENDING_OF_EXR = ".exr"
MODES = {"1": "L", "P": "RGB", "PA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB"}  # Pillow's -> one that is kept as it is
KEPT = ("L", "LA", "RGB", "RGBA")
BITS, ORIENTATION, SAMPLE_FORMAT = 258, 274, 339  # tags of a TIFF
FLOATING = 3  # the sample format
FLIPPED = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}  # by orientation: down, across
TRANSPOSED = 5  # and above: these orientations, before they are flipped
MOST_SAMPLES = 4
SAMPLED = 512  # pixels a side of which one learns whether directions have signs
MOST_CHANNELS = 8  # of OpenEXR, all of which are unpacked
CHANNELS = ("RGBA", "RGB", "Y", "R", "Z", "V")  # of an OpenEXR picture, the best first


def read_levels(
    data: bytes, name: str, tell: Tell = log.warning, bounds: Bounds = OWN, floats: Floats = "clip"
) -> Levels:
    """A file of any format that pictures are read from, or OpenEXR, as H×W or H×W×2..4, uint8 or uint16.

    name: what an error, and what is told, calls the file. bounds: UPLOADED, or OWN for one that nobody has sent.
    floats: what the map is, which decides how floats become 16 bits.

    Raises:
        InvalidInput: no such file, a damaged one, or one beyond its bounds; it names the file.
    """
    try:
        found = _exr(data, bounds) if data.startswith(EXR) else _picture(data, bounds)
        levels: Levels = found if found.dtype.kind == "u" else _from_floats(found, floats, tell)
    except InvalidInput as error:
        raise error.placed("maps", f"{name}: {error}") from error.__cause__
    return np.ascontiguousarray(levels[..., 0] if levels.ndim == 3 and levels.shape[2] == 1 else levels)


def _picture(data: bytes, bounds: Bounds) -> NDArray[Any]:
    """uint8, uint16 or floats."""
    try:
        tags = _tags(data)
        if tags.get(SAMPLES, 1) > MOST_SAMPLES:
            raise InvalidInput(f"the TIFF has {tags[SAMPLES]} channels: at most {MOST_SAMPLES}")
        if FLOATING in tags.get(SAMPLE_FORMAT, ()):  # Pillow opens no colours of floats
            check_bytes(len(data), bounds)
            if bounds is UPLOADED:
                check_parts(data)
            check_sides(tags[WIDTH], tags[HEIGHT], bounds)
            return _deep(data, (tags[HEIGHT], tags[WIDTH]), tags.get(ORIENTATION, 1))
        image = opened(data) if bounds is UPLOADED else opened_own(data)
        check_sides(image.width, image.height, bounds)
        bits = data[24] if image.format == "PNG" else max(tags.get(BITS, (8,)))
        if bits <= 8:
            return _plain(image)
        size = tags.get(HEIGHT, image.height), tags.get(WIDTH, image.width)  # Pillow's are those of the upright one
        return _deep(data, size, tags.get(ORIENTATION, 1))
    except InvalidInput:
        raise
    except Exception as error:  # a decoder meets hostile bytes in more ways than its documentation tells
        raise InvalidInput("this file is damaged or incomplete") from error


def _tags(data: bytes) -> Mapping[int, Any]:
    """Of the first picture of a TIFF; none of another file, or of one that is too damaged."""
    if data[:4] in TIFFS:
        with suppress(Exception):
            tags, file = ImageFileDirectory_v2(data[:16] if 43 in data[2:4] else data[:8]), io.BytesIO(data)
            file.seek(tags.next)
            tags.load(file)
            return tags
    return {}


def _deep(data: bytes, size: tuple[int, int], orientation: int) -> NDArray[Any]:
    """A PNG or TIFF of more than eight bits, upright. size: its height and width as it lies in the file."""
    import imagecodecs

    decode: Any = imagecodecs.png_decode if data.startswith(PNG) else imagecodecs.tiff_decode
    values: NDArray[Any] = decode(data)
    if values.shape[1:] == size:  # a plane for each channel
        values = np.moveaxis(values, 0, -1)
    if values.dtype not in (np.uint16, np.float16, np.float32, np.float64) or values.shape[:2] != size:
        kind = f"{values.dtype} values of the shape {values.shape}"
        raise InvalidInput(f"the picture has {kind}: 8 or 16 bits a channel, or floats, as grey or RGB")
    down, across = FLIPPED.get(orientation, (1, 1))
    return (values.swapaxes(0, 1) if orientation >= TRANSPOSED else values)[::down, ::across]


def _plain(image: Image.Image) -> Levels:
    """One of eight bits or fewer, upright."""
    mode = "RGBA" if image.mode == "P" and image.has_transparency_data else MODES.get(image.mode, image.mode)
    image = ImageOps.exif_transpose(image)
    if mode not in KEPT:
        raise InvalidInput(f"the picture has channels of the kind {mode}: save it as grey or RGB")
    return np.asarray(image.convert(mode))


def _exr(data: bytes, bounds: Bounds) -> NDArray[Any]:
    """Of its first part, as floats; OpenEXR reads from files alone."""
    import OpenEXR

    check_bytes(len(data), bounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.exr"
        path.write_bytes(data)
        try:
            with OpenEXR.File(str(path), header_only=True) as file:
                header = file.header()
                parts, channels = len(file.parts), len(header["channels"])
                flat = header.get("type", OpenEXR.scanlineimage) in (OpenEXR.scanlineimage, OpenEXR.tiledimage)
                (left, top), (right, bottom) = (map(int, corner) for corner in header["dataWindow"])
            check_sides(right - left + 1, bottom - top + 1, bounds)
            if not flat:  # a pixel of a deep one may have any number of values
                raise InvalidInput("the OpenEXR picture is a deep one: flatten it")
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
    values: NDArray[np.float32] = there[wanted].astype(np.float32)
    return values


def _from_floats(values: NDArray[Any], floats: Floats, tell: Tell) -> Levels:
    """As 16 bits: 0..1 as it is, and what goes beyond as `floats` says; what is no number as the lowest."""
    with np.errstate(over="ignore"):  # what is too large for 32 bits is as good as infinite
        values = values.astype(np.float32)
    colours = values[..., :3] if values.ndim == 3 else values
    numbers = colours[np.isfinite(colours)]
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    if floats == "directions" and _are_signed(values):
        values = values / 2 + 0.5
    elif low < 0 or high > 1:
        how = "stretched to span black to white" if floats == "stretch" else "cut off at 0 and 1"
        tell(f"the values go from {low:g} to {high:g}: {how}")
        if floats == "stretch":
            values = (values / 2 - low / 2) / max(high / 2 - low / 2, 1e-12)  # halves, whose difference is finite
    levels: NDArray[np.uint16] = (values.clip(0, 1) * FULL).round().astype(np.uint16)
    return levels


def _are_signed(values: NDArray[np.float32]) -> bool:
    """Whether H×W×3..4 are unit vectors as they are, rather than ones of which 0..1 stands for -1..1."""
    if values.ndim == 2 or values.shape[2] < 3:
        return False
    step = max(1, min(values.shape[:2]) // SAMPLED)
    vectors = values[::step, ::step, :3].astype(np.float64)
    as_they_are, unpacked = (np.abs(np.linalg.norm(one, axis=-1) - 1).mean() for one in (vectors, 2 * vectors - 1))
    return bool(as_they_are < unpacked)
