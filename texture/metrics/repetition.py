"""Repetition: how like itself is a picture when it is shifted?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 256  # pixels: the shorter side of a picture as it is reduced
LEAST_LAG, MOST_LAG = 1 / 8, 0.48  # of its sides
SHADING = 1 / 8  # of the shorter side: what is wider is taken off


def repetition(image: Tensor) -> float | None:
    """The highest autocorrelation of 3×H×W in 0..1, in grey, at lags from an eighth of the shorter side on.

    1 is a plane of one tile; what has no repeats is near 0. None for a picture of one colour. The picture is not taken
    for a torus, so that a single tile has no number of its own plane.
    """
    from texture.images.lattice import autocorrelation

    grey = _reduced(image)
    if float(grey.std()) < 1e-3:
        return None
    shorter = min(grey.shape)
    correlation = autocorrelation(grey.numpy(), round(shorter * SHADING) | 1)
    down, right = (np.abs(np.arange(side) - side // 2) for side in correlation.shape)
    far = np.hypot(down[:, None], right) >= shorter * LEAST_LAG
    seen = (down[:, None] <= MOST_LAG * correlation.shape[0]) & (right <= MOST_LAG * correlation.shape[1])
    return min(1.0, float(correlation[far & seen].max()))


def _reduced(image: Tensor) -> Tensor:
    """In grey, H×W, its shorter side at most SIDE."""
    from torch.nn.functional import interpolate

    grey = image.mean(0)
    factor = max(1.0, min(grey.shape) / SIDE)
    size = [round(side / factor) for side in grey.shape]
    return grey if factor == 1 else interpolate(grey[None, None], size=size, mode="area")[0, 0]
