"""Pictures and reliefs whose answer is known."""

from __future__ import annotations

import torch
from torch import Tensor

from texture.materials.torus import blurred


def noise(height: int = 48, width: int = 64, sigma: float = 0.0, seed: int = 0, channels: int = 1) -> Tensor:
    """Seamless noise, channels×H×W in 0..1."""
    values = torch.rand(channels, height, width, generator=torch.Generator().manual_seed(seed))
    if sigma:
        values = blurred(values, "both", sigma)
    low, high = values.amin(), values.amax()
    return (values - low) / (high - low)


def stones(side: int = 128, across: int = 4) -> tuple[Tensor, Tensor]:
    """Round stones in a grid, seamless, of any brightness, with dark gaps: lightness and heights, 1×side×side each."""
    place = (torch.arange(side) + 0.5) / side * across
    u, v = place.frac() * 2 - 1, place.frac()[:, None] * 2 - 1
    heights = (1 - u * u) * (1 - v * v)
    shade = torch.rand(across, across, generator=torch.Generator().manual_seed(1)) * 0.5 + 0.4
    albedo = shade.repeat_interleave(side // across, 0).repeat_interleave(side // across, 1)
    gap = (heights < 0.15).float()
    return (albedo * (1 - gap) + 0.1 * gap)[None], heights[None]


def correlation(one: Tensor, other: Tensor) -> float:
    """Of two fields, -1..1."""
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / (a.norm() * b.norm()))
