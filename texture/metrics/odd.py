"""Odd patches: how far the worst patches of a picture are from anything in the exemplar.

Smudges, broken lines, forms that the exemplar has not: a few of them leave the distribution of patches as it is. In an
exemplar without forms, such as grass, a blurred patch is not far from anything, and this does not find it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from texture.metrics.exemplar_metrics import Measure

PATCH, PATCHES = 9, 512  # side, of pictures at half size, and how many of a picture are looked at
SIDE = 512  # of the exemplar's part, pixels at full size
PERCENTILE = 95  # of the distances
LEAST = 1 / 255  # one grey level; halves of an exemplar that are more alike count as this far apart
BLOCK = 8192  # patches of the exemplar that are compared at a time

ODD_BASELINE = 1.0  # by definition


def odd_measure(exemplar: Tensor) -> Measure:
    """Relative to how odd the halves of the exemplar are against each other, both ways together."""
    top, left = (max(0, side - SIDE) // 2 for side in exemplar.shape[1:])
    part = exemplar[:, top : top + SIDE, left : left + SIDE]
    halves = part.chunk(2, dim=2 if part.shape[2] >= part.shape[1] else 1)
    goals = _phases(part)
    fitting = min(PATCH, *(side for half in halves for small in _phases(half) for side in small.shape[1:]))

    @cache
    def usual(side: int) -> float:
        ways = [distances(_halved(one), _phases(other), side) for one, other in (halves, halves[::-1])]
        return max(LEAST, float(np.percentile(np.concatenate(ways), PERCENTILE)))

    def measure(image: Tensor) -> float:
        small = _halved(image)
        side = min(fitting, *small.shape[1:])
        return float(np.percentile(distances(small, goals, side), PERCENTILE)) / usual(side)

    return measure


def _phases(image: Tensor) -> list[Tensor]:
    """At half size, in all four ways to do it: a copy that is moved by one pixel is a copy."""
    return [_halved(image, down, right) for down in (0, 1) for right in (0, 1)]


def _halved(image: Tensor, down: int = 0, right: int = 0) -> Tensor:
    """From that pixel on, as far as whole pairs of pixels go."""
    from texture.images.tensors import resize

    height, width = (image.shape[1] - down) // 2, (image.shape[2] - right) // 2
    return resize(image[:, down : down + 2 * height, right : right + 2 * width], (height, width))


def distances(image: Tensor, goals: Sequence[Tensor], side: int) -> NDArray[np.float32]:
    """From some patches of the image, side×side×3, each to the nearest of any goal's: root mean squares, 0..1."""
    import torch

    with torch.inference_mode():
        patches = _some(image, side)
        likest = torch.full((len(patches),), torch.inf)
        nearest = torch.empty_like(patches)
        for candidates in (block for goal in goals for block in _blocks(goal, side)):
            energy = (candidates * candidates).sum(0) / 2
            found, at = torch.addmm(energy, patches, candidates, alpha=-1).min(1)
            closer = found < likest
            likest[closer], nearest[closer] = found[closer], candidates.T[at[closer]]
        return np.asarray((patches - nearest).square().mean(1).sqrt())


def _some(image: Tensor, side: int) -> Tensor:
    """PATCHES×(3·side²), or all where there are fewer."""
    import torch

    rows, columns = (length - side + 1 for length in image.shape[1:])
    chosen = torch.randperm(rows * columns, generator=torch.Generator().manual_seed(0))[:PATCHES]
    y, x = chosen // columns, chosen % columns
    across = torch.arange(side)
    cut = image[:, (y[:, None] + across)[:, :, None], (x[:, None] + across)[:, None, :]]
    return cut.transpose(0, 1).flatten(1)


def _blocks(image: Tensor, side: int) -> Iterator[Tensor]:
    """All patches, (3·side²)×n, some rows of them at a time."""
    from torch.nn.functional import unfold

    columns = image.shape[2] - side + 1
    rows = max(1, BLOCK // columns)
    for top in range(0, image.shape[1] - side + 1, rows):
        yield unfold(image[None, :, top : top + rows + side - 1], side)[0]
