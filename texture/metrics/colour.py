"""Colour: a sliced Wasserstein distance between the pixels, in grey levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from texture.metrics.distributions import Values, quantiles

if TYPE_CHECKING:
    from torch import Tensor

    from texture.metrics.exemplar_metrics import Measure

DIRECTIONS = 32
PIXELS = 8192  # sampled per picture


def colour_measure(exemplar: Tensor) -> Measure:
    """In grey levels of 0 to 255."""
    goal = _colours(exemplar)
    return lambda image: float(np.abs(_colours(image) - goal).mean())


def _colours(image: Tensor) -> Values:
    """DIRECTIONS×QUANTILES, in grey levels."""
    stride = max(1, round((image.shape[1] * image.shape[2] / PIXELS) ** 0.5))
    pixels = image[:, ::stride, ::stride].flatten(1).numpy() * np.float32(255)
    return quantiles(_half_sphere(DIRECTIONS) @ pixels)


def _half_sphere(count: int) -> Values:
    """count×3: unit directions, spread evenly over half a sphere along a spiral."""
    height = (np.arange(count) + 0.5) / count
    turn = np.pi * (3 - 5**0.5) * np.arange(count)
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=1).astype(np.float32)
