"""Quality numbers that no method optimises. This one: does the picture repeat without a seam?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from texture.methods.base import Tile

if TYPE_CHECKING:
    from torch import Tensor

    Picture = NDArray[Any] | Tensor  # H×W×3 uint8 pixels, or a 3×H×W tensor in 0..1

SEAMLESS = 1.1
USUAL = 95  # percentile of the steps inside up to which a step is nothing special
FLOOR = 1e-3  # grey levels of 0..255; a flat picture has no steps to compare with


class Seam(NamedTuple):
    """How a picture goes on across its wrap, in the direction in which it does so worse.

    ratio: mean step across the wrap over the median step inside; about 1 where nothing is to be seen.
    limit: up to which ratio the wrap is nothing special: 1.1, or what 95 % of the steps inside keep to.
    """

    ratio: float
    limit: float

    @property
    def seamless(self) -> bool:
        """Whether nobody would find the wrap who does not know where it is."""
        return self.ratio <= self.limit


def seam(image: Picture, tile: Tile = "both") -> Seam:
    """The wrap in the directions that `tile` names; a ratio of 0 for a flat picture, and where `tile` is "none"."""
    return max(_directions(image, tile), key=lambda found: found.ratio / found.limit, default=Seam(0.0, SEAMLESS))


def _directions(image: Picture, tile: Tile) -> list[Seam]:
    pixels = _grey_levels(image)
    lines = {"x": pixels.transpose(1, 0, 2), "y": pixels}
    return [_seam(lines[axis]) for axis in ("x", "y") if tile in (axis, "both")]


def _grey_levels(image: Any) -> NDArray[np.float32]:
    """Either kind of picture as H×W×3 float32 in 0..255."""
    if hasattr(image, "detach"):  # a tensor, told without importing torch
        levels: NDArray[np.float32] = image.detach().float().cpu().numpy().transpose(1, 2, 0) * np.float32(255)
        return levels
    return np.asarray(image).astype(np.float32)


def _seam(lines: NDArray[np.float32]) -> Seam:
    """Across the first dimension, from the mean absolute differences between neighbouring lines."""
    inside = np.abs(lines[1:] - lines[:-1]).mean(axis=(1, 2))
    across = float(np.abs(lines[0] - lines[-1]).mean())
    median = max(float(np.median(inside)), FLOOR)
    return Seam(across / median, max(SEAMLESS, float(np.percentile(inside, USUAL)) / median))
