"""Maps to PNG files and back, with 8 or 16 bits a channel: Pillow has no colours of 16 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from texture.errors import InvalidInput
from texture.images.encoding import LARGE

Levels = NDArray[np.uint8 | np.uint16]


def encode_map(levels: Levels) -> bytes:
    """H×W or H×W×3 or H×W×4, uint8 or uint16, as a PNG of as many bits."""
    import imagecodecs

    level = 2 if levels.shape[0] * levels.shape[1] > LARGE else 6
    return bytes(imagecodecs.png_encode(np.ascontiguousarray(levels), level=level))


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
