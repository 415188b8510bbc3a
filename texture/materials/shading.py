"""Linear shape from shading: heights from how light a surface is, where one knows whence the light comes.

Under a slanting light and with gentle slopes, brightness falls in proportion to the slope towards the light (Pentland
1990). Across the light it tells nothing: there the slopes are those of a first guess, and then of what was found.
"""

from __future__ import annotations

import math

from torch import Tensor

from texture.images.tensors import Wrap
from texture.materials.torus import gradient, integrated

ROUNDS = 6  # each takes the part of the first guess's slopes that the shading contradicts


def heights_from_shading(
    lightness: Tensor, light: float, tile: Wrap, guess: Tensor, steepness: float | None = None
) -> Tensor:
    """Heights whose slopes towards the light are what the lightness says: 1×H×W, of mean 0.

    light: where it comes from, in degrees counter-clockwise from the right: 90 is above. guess: heights, 1×H×W.
    steepness: by how much the slope differs where the lightness differs by 1; None: so much that the surface is as
    steep towards the light as the guess.
    """
    x, y = math.cos(math.radians(light)), -math.sin(math.radians(light))  # towards the light, in columns and rows
    across, down = gradient(guess, tile)
    told = lightness.mean() - lightness
    slope = steepness or float((across * x + down * y).std() / told.std().clamp_min(1e-6))
    towards, found = told * slope, guess
    for _ in range(ROUNDS):
        aside = down * x - across * y
        found = integrated(towards * x - aside * y, towards * y + aside * x, tile)
        across, down = gradient(found, tile)
    return found
