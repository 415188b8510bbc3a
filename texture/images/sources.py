"""Pixels from anything that a caller of the library may pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from texture.errors import InvalidInput
from texture.images.decoding import OWN, Bounds, Pixels, decode_own, from_image, log, read
from texture.images.depth import Tell
from texture.images.samples import SAMPLE, find_sample

Source = str | Path | bytes | Image.Image | NDArray[Any]


def pixels_from(source: Source, field: str = "source", tell: Tell = log.warning, bounds: Bounds = OWN) -> Pixels:
    """H×W×3 uint8 from a path, `sample:NAME`, a file's bytes, a Pillow picture or an array.

    An array is H×W, H×W×3 or H×W×4, of uint8 or of floats in 0..1; sRGB. tell, bounds: as for `decode_own`.

    Raises:
        InvalidInput: it is none of these, or not a picture that `decode_own` would take; it names `field`.
        NotFound: no sample has that name.
    """
    match source:
        case str(""):
            raise InvalidInput(f"the name of the picture is empty: {field}", field=field, value=source)
        case str() if source.startswith(SAMPLE):
            return find_sample(source.removeprefix(SAMPLE)).pixels()
        case str() | Path():
            return read(source, field, tell, bounds)
        case bytes():
            return decode_own(source, field, tell, bounds)
    try:
        return from_image(_as_image(source), tell, bounds)
    except InvalidInput as error:
        raise error.placed(field, f"{field}: {error}") from error.__cause__


def _as_image(source: object) -> Image.Image:
    if isinstance(source, Image.Image):
        return source
    if isinstance(source, np.ndarray):
        return Image.fromarray(_eight_bits(source))
    kind = type(source).__name__
    raise InvalidInput(f"{kind} is not a picture: give a path, bytes, a Pillow image or a NumPy array", value=kind)


def _eight_bits(array: NDArray[Any]) -> Pixels:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise InvalidInput(f"an array of shape {array.shape}: H×W, H×W×3 or H×W×4", value=array.shape)
    if array.dtype.kind == "f" and array.size:
        low, high = float(array.min()), float(array.max())
        if not 0 <= low <= high <= 1:
            raise InvalidInput(f"an array of floats from {low:g} to {high:g}: 0 to 1", value=(low, high))
        array = (array * 255).round().astype(np.uint8)
    if array.dtype != np.uint8:
        raise InvalidInput(f"an array of {array.dtype}: uint8, or floats in 0 to 1", value=str(array.dtype))
    return array
