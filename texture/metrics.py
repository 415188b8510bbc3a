"""Quality numbers that no method optimises. This one: does the picture repeat without a seam?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    Picture = NDArray[Any] | Tensor  # H×W×3 uint8 pixels, or a 3×H×W tensor in 0..1

Tile = Literal["none", "x", "y", "both"]

SEAMLESS = 1.1
USUAL = 95  # percentile of the steps inside up to which a step is nothing special
FLOOR = 1e-3  # grey levels of 0..255; a flat picture has no steps to compare with


class _Steps(NamedTuple):
    """Mean absolute differences between neighbouring lines, in grey levels of 0..255."""

    inside: NDArray[np.float32]  # one for each pair of neighbours inside
    across: float  # the last line against the first

    @property
    def ratio(self) -> float:
        return self.across / max(float(np.median(self.inside)), FLOOR)

    @property
    def unnoticed(self) -> bool:
        return self.ratio <= SEAMLESS or self.across <= float(np.percentile(self.inside, USUAL))


def seam_ratio(image: Picture, tile: Tile = "both") -> float:
    """Mean step across the wrap over the median step inside, the larger of the directions that `tile` names.

    About 1 where the picture goes on as if nothing were; 0 for a flat picture, and where `tile` is "none".
    """
    return max((steps.ratio for steps in _directions(image, tile)), default=0.0)


def is_seamless(image: Picture, tile: Tile = "both") -> bool:
    """Whether, in each direction, the ratio is at most 1.1 or the wrap's step lies within 95 % of those inside."""
    return all(steps.unnoticed for steps in _directions(image, tile))


def _directions(image: Picture, tile: Tile) -> list[_Steps]:
    pixels = _grey_levels(image)
    lines = {"x": pixels.transpose(1, 0, 2), "y": pixels}
    return [_steps(lines[axis]) for axis in ("x", "y") if tile in (axis, "both")]


def _grey_levels(image: Any) -> NDArray[np.float32]:
    """Either kind of picture as H×W×3 float32 in 0..255."""
    if hasattr(image, "detach"):  # a tensor, told without importing torch
        levels: NDArray[np.float32] = image.detach().float().cpu().numpy().transpose(1, 2, 0) * np.float32(255)
        return levels
    return np.asarray(image).astype(np.float32)


def _steps(lines: NDArray[np.float32]) -> _Steps:
    inside = np.abs(lines[1:] - lines[:-1]).mean(axis=(1, 2))
    return _Steps(inside, float(np.abs(lines[0] - lines[-1]).mean()))
