"""Total variation: how much neighbouring pixels differ."""

from __future__ import annotations

import torch
from torch import Tensor

GREYS = 255  # differences are counted in grey levels, so that the number is of the size of a content loss


def total_variation(image: Tensor, tile: str = "none") -> Tensor:
    """The mean squared step between neighbours, across plus down, in grey levels squared: a scalar.

    image: C×H×W in 0..1. A mean and not the usual sum, so that its weight means the same at each size; an axis of one
    pixel has no steps and counts as nothing. tile: the axes along which the last pixel is the first one's neighbour.
    """
    return torch.stack([_mean_square(_steps(image, dim, wraps)) for dim, wraps in _axes(tile)]).sum()


def variation_gradient(image: Tensor, tile: str = "none") -> tuple[Tensor, Tensor]:
    """The same, and its gradient, C×H×W: in half the memory that autograd takes."""
    value, gradient = image.new_zeros(()), torch.zeros_like(image)
    for dim, wraps in _axes(tile):
        steps = _steps(image, dim, wraps)
        value += _mean_square(steps)
        steps *= 2 * GREYS**2 / max(1, steps.numel())
        count = steps.shape[dim]
        gradient.narrow(dim, 0, count).sub_(steps)
        gradient.narrow(dim, 1, image.shape[dim] - 1).add_(steps.narrow(dim, 0, image.shape[dim] - 1))
        if wraps:
            gradient.narrow(dim, 0, 1).add_(steps.narrow(dim, count - 1, 1))
    return value, gradient


def _axes(tile: str) -> tuple[tuple[int, bool], tuple[int, bool]]:
    """Down and across: the dimension, and whether it wraps."""
    return (1, tile in ("y", "both")), (2, tile in ("x", "both"))


def _steps(image: Tensor, dim: int, wraps: bool) -> Tensor:
    return image.diff(dim=dim, append=image.narrow(dim, 0, 1) if wraps else None)


def _mean_square(steps: Tensor) -> Tensor:
    """In grey levels squared."""
    return GREYS**2 * torch.stack([channel.square().sum() for channel in steps]).sum() / max(1, steps.numel())
