"""Ambient occlusion from heights: how much of the sky each pixel sees above what stands around it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from texture.images.tensors import Wrap
from texture.materials.torus import folded, unfolded

DIRECTIONS = 8
FARTHER = 1.5  # times as far, from one point that is looked at in a direction to the next


def occlusion(height: Tensor, tile: Wrap, depth: float, strength: float, radius: float) -> Tensor:
    """Of heights 1×H×W in 0..1: 1×H×W in 0..1, 1 where all of an evenly bright sky is seen.

    depth: from height 0 to height 1, as a share of the shorter side. strength: 0 for none, 1 for what is really
    hidden, more to darken further. radius: how far is looked, as a share of the shorter side. In each of eight
    directions the highest horizon counts (Bavoil, Sainz & Dimitrov 2008).
    """
    side = min(height.shape[-2:])
    rise = unfolded(height, tile) * (depth * side)
    seen = torch.zeros_like(rise)
    for direction in range(DIRECTIONS):
        horizon = torch.zeros_like(rise)
        for down, across in _offsets(2 * math.pi * direction / DIRECTIONS, max(1.0, radius * side)):
            slope = (rise.roll((down, across), (-2, -1)) - rise) / math.hypot(down, across)
            horizon = torch.maximum(horizon, slope)
        seen += 1 / (1 + horizon * horizon)  # the cosine-weighted share of the sky above an elevation of that slope
    return (1 - strength * (1 - folded(seen, height) / DIRECTIONS)).clamp(0, 1)


def _offsets(angle: float, farthest: float) -> list[tuple[int, int]]:
    """Whole pixels down and across, nearest first, each once."""
    count = 1 + int(math.log(farthest) / math.log(FARTHER))
    distances = [FARTHER**step for step in range(count)]
    found = ((round(far * math.sin(angle)), round(far * math.cos(angle))) for far in distances)
    return [offset for offset in dict.fromkeys(found) if offset != (0, 0)]
