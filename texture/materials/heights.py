"""Heights from a picture: grooves are sought, and all else rises with its distance from them.

Brightness alone is a bad height, since a dark stone is no pit. What stones, bricks and threads have in common is that
the gaps between them are darker (or lighter, as mortar may be) than both sides. Such lines are where the picture's
second derivative across them is large, at some scale; a light stone beside a dark one has none. Spread over the scales
of the stones, they give each a round form, whatever its colour. Details are the finer bands of lightness.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from texture.images.tensors import Wrap
from texture.materials.shading import heights_from_shading
from texture.materials.torus import Transfer, blurred, filtered, gaussian

Deep = Literal["auto", "dark", "light"]

FINEST, COARSEST = 1 / 256, 1 / 20  # scales of grooves, as shares of the shorter side
WIDEST = 1 / 12  # how far from a groove the form may rise
EVEN = 1 / 8  # wider than this all is equally high
FINE = 1 / 24  # what is finer than this is detail
TOLD = 1 / 40  # what is wider than this is not shading, but the colours' own
LIGHT_LINES = 1.5  # times as strong as dark ones: then these are the deep ones
FAINT = 0.02  # of lightness: the least deviation that counts as a whole relief
ENDS = 0.002  # share of pixels at either end of the heights that is clipped


def heights(lightness: Tensor, tile: Wrap, detail: float, deep: Deep = "auto", light: float | None = None) -> Tensor:
    """Of a lightness 1×H×W in 0..1: 1×H×W in 0..1, white being high.

    detail: 0 for the form of stones and bricks alone, 1 for the finer bands of lightness alone. deep: which lines are
    grooves; auto: the light ones where they are much the stronger, else the dark ones. light: where the light in the
    picture comes from, in degrees counter-clockwise from the right, if that is known: then the slopes in this
    direction are those that the shading tells.
    """
    side = min(lightness.shape[-2:])
    dark_lines, light_lines = _lines(lightness, tile, side)
    light_is_deep = deep == "light" or (deep == "auto" and _strength(light_lines) > LIGHT_LINES * _strength(dark_lines))
    grooves, lightness = (light_lines, 1 - lightness) if light_is_deep else (dark_lines, lightness)
    relief = (1 - detail) * _form(grooves, tile, side) + detail * _details(lightness, tile, side)
    if light is not None:
        shading = 1 - lightness if light_is_deep else lightness
        told = heights_from_shading(shading, light, tile, relief)
        relief = told - blurred(told - relief, tile, side * TOLD)
    return _spread(relief)


def _lines(lightness: Tensor, tile: Wrap, side: int) -> tuple[Tensor, Tensor]:
    """How strongly each pixel lies on a dark line, and on a light one: 1×H×W each, at the scale where that is most."""
    dark = light = torch.zeros_like(lightness)
    sigma = max(1.0, side * FINEST)
    while sigma <= max(1.0, side * COARSEST):
        most, least = _curvatures(lightness, tile, sigma)
        dark, light = torch.maximum(dark, most), torch.maximum(light, -least)
        sigma *= 2
    return dark, light


def _curvatures(lightness: Tensor, tile: Wrap, sigma: float) -> tuple[Tensor, Tensor]:
    """The larger and the smaller second derivative over all directions, in units of that scale."""

    def second(product: Transfer) -> Transfer:
        return lambda y, x: -sigma * sigma * product(y, x) * gaussian(sigma)(y, x)

    across, down, both = filtered(
        lightness, tile, second(lambda y, x: x * x), second(lambda y, x: y * y), second(lambda y, x: x * y)
    )
    mean, half = (across + down) / 2, torch.sqrt(((across - down) / 2) ** 2 + both * both)
    return mean + half, mean - half


def _strength(lines: Tensor) -> float:
    """That of the most distinct hundredth of the pixels."""
    return float(_quantile(lines, 0.99))


def _form(grooves: Tensor, tile: Wrap, side: int) -> Tensor:
    """A relief that is low in the grooves and rises round between them, of deviation about 1."""
    typical = grooves.square().mean().sqrt()
    clear = grooves / (grooves + 1.5 * typical + FAINT)  # a faint groove is as deep as a distinct one, almost

    def spread(y: Tensor, x: Tensor) -> Tensor:
        sigmas = [side / 512 * 2 ** (step / 2) for step in range(12) if 2 ** (step / 2) / 512 < WIDEST]
        weights = [sigma**0.35 / sum(one**0.35 for one in sigmas) for sigma in sigmas]
        narrow = (weight * gaussian(sigma)(y, x) for weight, sigma in zip(weights, sigmas, strict=True))
        return sum(narrow, -gaussian(side * EVEN)(y, x))

    rise = -filtered(clear, tile, spread)[0]
    around = blurred(rise * rise, tile, side * EVEN).clamp_min(0).sqrt()
    return rise / (around + 0.2 * rise.square().mean().sqrt() + FAINT)


def _details(lightness: Tensor, tile: Wrap, side: int) -> Tensor:
    """The fine bands of the lightness, of deviation about 1; the finest weaker, or noise would be steepest of all."""

    def bands(y: Tensor, x: Tensor) -> Tensor:
        sigmas = [0.8 * 2**step for step in range(16) if 0.8 * 2**step < side * FINE]
        ends = [gaussian(sigma)(y, x) for sigma in [0.0, *sigmas, side * FINE]]
        weights = [min(1.0, sigma * 128 / side) ** 0.5 for sigma in [0.4, *sigmas]]
        parts = (weight * (fine - coarse) for weight, (fine, coarse) in zip(weights, pairwise(ends), strict=True))
        return sum(parts, torch.zeros_like(ends[0]))

    fine = filtered(lightness, tile, bands)[0]
    return fine / (fine.std() + FAINT)


def _spread(relief: Tensor) -> Tensor:
    """The same in 0..1, clipped a little at both ends; a flat one is 0.5 everywhere."""
    low, high = _quantile(relief, ENDS), _quantile(relief, 1 - ENDS)
    return (0.5 + (relief - (low + high) / 2) / (high - low).clamp_min(1.0)).clamp(0, 1)


def _quantile(values: Tensor, share: float) -> Tensor:
    """That value below which this share of all lies."""
    flat = values.flatten()
    return flat.kthvalue(1 + round(share * (len(flat) - 1))).values
