"""Seam: does the picture continue across its wrap as it does inside?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from texture.methods.sizes import Tile

if TYPE_CHECKING:
    from torch import Tensor

    Picture = NDArray[Any] | Tensor  # H×W×3 uint8 pixels, or a 3×H×W tensor in 0..1

SEAMLESS = 1.1
USUAL = 95  # percentile of the steps inside up to which a step is unremarkable
FLAT = 1e-3  # grey levels of 0..255; a flat picture has no steps to compare with
LINES = 256  # lines of pixels that are compared at a time: a picture may be large


class Seam(NamedTuple):
    """How a picture continues across its wrap, in its worse direction.

    ratio: mean step across the wrap over the median step inside; about 1 where nothing is to be seen.
    limit: the ratio up to which the wrap is unremarkable: 1.1, or what 95 % of the steps inside stay below.
    """

    ratio: float
    limit: float

    @property
    def seamless(self) -> bool:
        """Whether somebody who does not know where the wrap is would fail to find it."""
        return self.ratio <= self.limit


def seam(image: Picture, tile: Tile = "both") -> Seam:
    """The wrap in the directions that `tile` names; a ratio of 0 for a flat picture, and where `tile` is "none"."""
    return max(_directions(image, tile), key=lambda found: found.ratio / found.limit, default=Seam(0.0, SEAMLESS))


def _directions(image: Any, tile: Tile) -> list[Seam]:
    if hasattr(image, "detach"):  # a tensor, told without importing torch
        image = image.detach().cpu().numpy().transpose(1, 2, 0)
    lines = {"x": image.transpose(1, 0, 2), "y": image}
    return [_seam(lines[axis]) for axis in ("x", "y") if tile in (axis, "both")]


def _seam(lines: NDArray[Any]) -> Seam:
    """Across the first dimension, from the mean absolute differences between neighbouring lines."""
    parts = [_steps(lines[start : start + LINES + 1]) for start in range(0, len(lines) - 1, LINES)]
    inside = np.concatenate(parts)
    across = float(_steps(lines[[-1, 0]])[0])
    median = max(float(np.median(inside)), FLAT)
    return Seam(across / median, max(SEAMLESS, float(np.percentile(inside, USUAL)) / median))


def _steps(lines: NDArray[Any]) -> NDArray[np.float32]:
    """The mean step from each line to the next, in grey levels."""
    levels = lines.astype(np.float32) * np.float32(1 if lines.dtype == np.uint8 else 255)
    means: NDArray[np.float32] = np.abs(levels[1:] - levels[:-1]).mean(axis=(1, 2))
    return means
