"""Shading divided out of a picture, as far as it changes slowly: a brighter side, a vignette, the shadow of a cloud."""

from __future__ import annotations

import torch
from torch import Tensor

from texture.images.tensors import Wrap
from texture.materials.colour import luminance
from texture.materials.torus import blurred

DARKEST = 0.02  # of luminance, what counts as black: below, a ratio says nothing


def delighted(linear: Tensor, tile: Wrap, amount: float, reach: float) -> Tensor:
    """3×H×W in linear light, 0..1, its luminance divided by that of its surroundings; hue and saturation stay.

    amount: 0 leaves all shading, 1 takes off all. reach: standard deviation of the surroundings, as a share of the
    shorter side; what is smaller than that is taken for the surface's own.
    """
    shading = blurred(torch.log(luminance(linear) + DARKEST), tile, reach * min(linear.shape[-2:]))
    gain = torch.exp(amount * (shading.mean() - shading))
    most = 1 / linear.amax(0, keepdim=True).clamp_min(1e-6)  # no channel above 1: that would change the hue
    return linear * torch.minimum(gain, most)
