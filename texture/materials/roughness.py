"""Roughness, guessed from a picture: what is dark or full of contrast is dull, what is light and even is smooth."""

from __future__ import annotations

import torch
from torch import Tensor

from texture.images.tensors import Wrap
from texture.materials.torus import blurred, filtered, gaussian

FINE, AROUND = 1 / 256, 1 / 80  # standard deviations, as shares of the shorter side: of a grain, of its surroundings
FAINT = 0.02  # of lightness: differences below it hardly count


def roughness(lightness: Tensor, tile: Wrap, level: float, variation: float) -> Tensor:
    """Of a lightness 1×H×W in 0..1: 1×H×W in 0..1, around `level`, differing by `variation` between the extremes."""
    side = min(lightness.shape[-2:])
    fine, wide = max(0.7, side * FINE), max(2.0, side * AROUND)
    smooth, grain = filtered(lightness, tile, gaussian(fine), lambda y, x: 1 - gaussian(fine)(y, x))
    contrast = blurred(grain * grain, tile, wide).clamp_min(0).sqrt()
    busy = (contrast - contrast.mean()) / (contrast.mean() + FAINT)
    dark = (smooth.mean() - smooth) / (smooth.std() + FAINT)
    return (level + variation / 2 * torch.tanh(busy + 0.5 * dark)).clamp(0, 1)
