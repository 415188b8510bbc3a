"""Converting pictures of more or fewer than eight bits a channel to eight bits, with what Pillow drops from them.

Pillow reads two and four bits of grey as eight but not the colour key (tRNS) along with them, forgets the key of
sixteen bits, and takes the upper byte of sixteen: of heights that fill a small part of the range little would be left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from texture.errors import InvalidInput

NARROW = 32  # of 256 grey levels; where sixteen bits span fewer they are stretched
FULL = 65535
FEW_BITS = {"L;2": 85, "L;4": 17}  # how Pillow calls the rows of a PNG -> by what it multiplies them

Tell = Callable[[str], None]  # receives a sentence about a change to a picture that its owner may not expect
Values = NDArray[np.uint32]


def eight_bits(image: Image.Image, tell: Tell) -> Image.Image:
    """The picture with eight bits a channel and its pixels loaded; a colour key that fits, or made an alpha channel.

    Raises:
        InvalidInput: a picture of floats, of which nobody knows what is black and what is white.
    """
    rows, key = _rows(image), image.info.get("transparency")
    rest = _lower_bytes(image) if rows == "RGB;16B" and key is not None else None
    image.load()  # verify() would pass a truncated JPEG
    if image.mode == "F":
        raise InvalidInput("the picture has floating-point values: convert it to 8 or 16 bits a channel", value="F")
    if image.mode.startswith("I"):
        return _grey(np.asarray(image).clip(0).astype(np.uint32), key, tell)
    if rest is not None:
        high, low = np.divmod(np.array(key), 256)
        return _with_alpha(image, _differs(np.asarray(image), high) | _differs(rest, low))
    if rows in FEW_BITS and isinstance(key, int):
        image.info["transparency"] = key * FEW_BITS[rows]
    elif rows.endswith(";16B"):
        _warn_of_few_levels(image, tell)
    return image


def _rows(image: Image.Image) -> str:
    """How Pillow calls the rows of a PNG that it has not loaded yet: "RGB;16B"; "" of all else."""
    tiles = vars(image).get("tile")
    return str(tiles[0].args) if image.format == "PNG" and tiles else ""


def _lower_bytes(image: Any) -> NDArray[np.uint8]:
    """The lower byte of each sample, H×W×3: what Pillow would take if the file had them the other way round."""
    here = image.fp.tell()
    image.fp.seek(0)
    again: Any = Image.open(image.fp, formats=("PNG",))
    again.tile = [again.tile[0]._replace(args="RGB;16L")]
    lower = np.asarray(again)
    image.fp.seek(here)
    return lower


def _grey(values: Values, key: object, tell: Tell) -> Image.Image:
    """Sixteen bits of grey, H×W, or more: by their upper byte, or stretched where they span too few levels for that."""
    alpha = None if key is None else _differs(values[..., None], key)
    seen = values if alpha is None or not alpha.any() else values[alpha]
    low, high = int(seen.min()), int(seen.max())
    if high > FULL or 0 < high - low < NARROW * 257:
        tell(f"the picture has grey values from {low} to {high} in 16 bits: stretched to span black to white")
        levels = ((values.clip(low, high) - low) * 255.0 / (high - low)).round().astype(np.uint8)
    else:
        levels = ((values + 128) // 257).astype(np.uint8)
    return _with_alpha(Image.fromarray(levels), alpha)


def _differs(samples: NDArray[Any], key: Any) -> NDArray[np.bool_]:
    """Where H×W×C is of another colour than the key, one value or C: H×W."""
    differs: NDArray[np.bool_] = (samples != np.array(key, samples.dtype)).any(-1)
    return differs


def _with_alpha(image: Image.Image, opaque: NDArray[np.bool_] | None) -> Image.Image:
    if opaque is not None:
        image.info.pop("transparency", None)
        image.putalpha(Image.fromarray(opaque.astype(np.uint8) * 255))
    return image


def _warn_of_few_levels(image: Image.Image, tell: Tell) -> None:
    colours = [band for name, band in zip(image.getbands(), image.split(), strict=True) if name != "A"]
    ranges = [band.getextrema() for band in colours]
    levels = max(int(high) - int(low) + 1 for low, high in ranges)  # type: ignore[arg-type]
    if levels < NARROW:
        tell(f"the picture uses {levels} of the 256 levels that are left of its 16 bits: stretch its contrast first")
