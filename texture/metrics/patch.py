"""Patch distance: a sliced Wasserstein distance between the patches of each level of a Laplacian pyramid."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from texture.metrics.distributions import Values, quantiles

if TYPE_CHECKING:
    from torch import Tensor

    from texture.metrics.exemplar_metrics import Measure

SMALLEST = 16  # pixels; side of the pyramid's coarsest level
PATCH, DIRECTIONS, PATCHES = 7, 256, 8192  # side, projections, and patches sampled from a level


def patch_measure(exemplar: Tensor) -> Measure:
    """Patch distance × 1000."""

    @cache
    def goals(depth: int) -> list[tuple[Values, Values, Values]]:
        return [_standard(_projections(level)) for level in _pyramid(exemplar, depth)]

    def measure(image: Tensor) -> float:
        depth = min(_depth(exemplar), _depth(image))
        levels = zip(_pyramid(image, depth), goals(depth), strict=True)
        distances = [_distance(_projections(level), *goal) for level, goal in levels]
        return 1000 * float(np.mean(distances))

    return measure


def _standard(goal: Values) -> tuple[Values, Values, Values]:
    """Projections with mean 0 and deviation 1 in each direction, and what brings others to the same measure."""
    mean, deviation = goal.mean(axis=1, keepdims=True), goal.std(axis=1, keepdims=True) + 1e-4
    return (goal - mean) / deviation, mean, deviation


def _distance(ours: Values, theirs: Values, mean: Values, deviation: Values) -> float:
    return float(np.abs((ours - mean) / deviation - theirs).mean())


def _depth(image: Tensor) -> int:
    """How many times it can be halved."""
    return max(0, (min(image.shape[1:]) // SMALLEST).bit_length() - 1)


def _pyramid(image: Tensor, depth: int) -> list[Tensor]:
    """Band-pass levels from fine to coarse, `depth` of them, and what is left."""
    from texture.images.tensors import resize

    levels = []
    for _ in range(depth):
        height, width = image.shape[1:]
        smaller = resize(image, (height // 2, width // 2))
        levels.append(image - resize(smaller, (height, width)))
        image = smaller
    return [*levels, image]


def _projections(level: Tensor) -> Values:
    """DIRECTIONS×QUANTILES: how its patches are distributed in each direction."""
    import torch
    from torch.nn.functional import conv2d

    random = torch.Generator().manual_seed(0)
    directions = torch.randn(DIRECTIONS, 3 * PATCH * PATCH, generator=random)
    filters = (directions / directions.norm(dim=1, keepdim=True)).view(DIRECTIONS, 3, PATCH, PATCH)
    height, width = level.shape[1:]
    stride = max(1, round((height * width / PATCHES) ** 0.5))
    with torch.inference_mode():
        projected: Values = conv2d(level[None], filters, stride=stride).flatten(2)[0].numpy()
    return quantiles(projected)
