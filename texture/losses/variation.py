"""Total variation: how much neighbouring pixels differ."""

from __future__ import annotations

from torch import Tensor

GREYS = 255  # differences are counted in grey levels, so that the number is of the size of a content loss


def total_variation(image: Tensor, tile: str = "none") -> Tensor:
    """The mean squared step between neighbours, across plus down, in grey levels squared: a scalar.

    image: C×H×W in 0..1. A mean and not the usual sum, so that its weight means the same at each size; an axis of one
    pixel has no steps and counts as nothing. tile: the axes along which the last pixel is the first one's neighbour.
    """
    return GREYS**2 * (_steps(image, 1, tile in ("y", "both")) + _steps(image, 2, tile in ("x", "both")))


def _steps(image: Tensor, dim: int, wraps: bool) -> Tensor:
    steps = image.diff(dim=dim, append=image.narrow(dim, 0, 1) if wraps else None).square()
    return steps.sum() / max(1, steps.numel())
