"""Maps to PNG files and back, with 8 or 16 bits a channel: Pillow has no colours of 16 bits.

They are also written as TIFF and OpenEXR.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from texture.errors import InvalidInput
from texture.images.encoding import LARGE

Levels = NDArray[np.uint8 | np.uint16]
MAP_ENDINGS = (".png", ".tif", ".exr")
TIFF_DEFLATE = 8  # the usual one, which every reader knows


def encode_map(levels: Levels) -> bytes:
    """H×W or H×W×3 or H×W×4, uint8 or uint16, as a PNG of as many bits."""
    import imagecodecs

    level = 2 if levels.shape[0] * levels.shape[1] > LARGE else 6
    return bytes(imagecodecs.png_encode(np.ascontiguousarray(levels), level=level))


def encode_map_as(ending: str, levels: Levels) -> bytes:
    """The same as a file of one of MAP_ENDINGS; as OpenEXR the values are 0..1, in 32-bit floats."""
    if ending == ".png":
        return encode_map(levels)
    if ending == ".exr":
        return _as_exr(levels)
    import imagecodecs

    return bytes(imagecodecs.tiff_encode(np.ascontiguousarray(levels), compression=TIFF_DEFLATE))


def _as_exr(levels: Levels) -> bytes:
    """OpenEXR writes to files alone."""
    import OpenEXR

    values = np.ascontiguousarray(levels.astype(np.float32) / np.float32(np.iinfo(levels.dtype).max))
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "map.exr"
        OpenEXR.File(header, {"Y" if values.ndim == 2 else "RGB": values}).write(str(path))
        return path.read_bytes()


def decode_map(data: bytes, name: str) -> Levels:
    """What `encode_map` was given.

    Raises:
        InvalidInput: no PNG of 8 or 16 bits, or a damaged one; it names the file.
    """
    import imagecodecs

    try:
        levels: Levels = imagecodecs.png_decode(data)
    except (imagecodecs.PngError, ValueError) as error:
        raise InvalidInput(f"{name} is no PNG, or a damaged one", field="file", value=name) from error
    return levels


def bits_of(data: bytes) -> int:
    """Of each channel of a PNG."""
    return data[24]
