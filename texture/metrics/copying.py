"""Copying: do neighbouring pixels come from neighbouring pixels of the exemplar?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from texture.metrics.exemplar_metrics import Measure

PATCH, PAIRS, SIDE = 5, 256, 512  # side, neighbouring pixels looked at, side of the exemplar's part


def copying_measure(exemplar: Tensor) -> Measure:
    """Share of neighbours, 0..1."""
    top, left = (max(0, side - SIDE) // 2 for side in exemplar.shape[1:])
    part = exemplar[:, top : top + SIDE, left : left + SIDE]
    columns = part.shape[2] - PATCH + 1
    goals = _all_patches(part)
    energy = (goals * goals).sum(0) / 2

    def measure(image: Tensor) -> float:
        here, beside = (_nearest(patches, goals, energy) for patches in _neighbours(image))
        return float(((beside == here + 1) & (beside % columns > 0)).mean())

    return measure


def _all_patches(image: Tensor) -> Tensor:
    """75×n, row by row."""
    from torch.nn.functional import unfold

    return unfold(image[None], PATCH)[0]


def _neighbours(image: Tensor) -> tuple[Tensor, Tensor]:
    """Patches at PAIRS places, n×75, and those one pixel to the right."""
    import torch

    rows, columns = image.shape[1] - PATCH + 1, image.shape[2] - PATCH
    random = torch.Generator().manual_seed(0)
    tops = torch.randint(rows, (PAIRS,), generator=random)
    lefts = torch.randint(columns, (PAIRS,), generator=random)
    across = torch.arange(PATCH)

    def cut(shift: int) -> Tensor:
        y, x = (tops[:, None] + across)[:, :, None], (lefts[:, None] + shift + across)[:, None, :]
        return image[:, y, x].transpose(0, 1).flatten(1)

    return cut(0), cut(1)


def _nearest(patches: Tensor, goals: Tensor, energy: Tensor) -> NDArray[np.int64]:
    """The index of the nearest of `goals` (75×n) to each of `patches` (m×75)."""
    import torch

    with torch.inference_mode():
        parts = torch.split(patches, 64)
        return np.concatenate([torch.addmm(energy, part, goals, alpha=-1).argmin(1).numpy() for part in parts])
