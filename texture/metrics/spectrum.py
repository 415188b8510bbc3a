"""Spectrum: the power at each wavelength and direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from texture.metrics.distributions import Values

if TYPE_CHECKING:
    from torch import Tensor

    from texture.metrics.exemplar_metrics import Measure

LONGEST_WAVE, RINGS, SECTORS = 64, 12, 12  # pixels; bins from there to 2 pixels, and over half a turn


def spectrum_measure(exemplar: Tensor) -> Measure:
    """Mean difference, powers of ten."""
    goal = _spectrum(exemplar)

    def measure(image: Tensor) -> float:
        ratios = np.log10(_spectrum(image) / goal)
        return float(np.abs(ratios[np.isfinite(ratios)]).mean())

    return measure


def _spectrum(image: Tensor) -> Values:
    """RINGS·SECTORS mean powers; not-a-number where no frequency falls into the bin."""
    grey = image.mean(0).numpy()
    window = np.outer(np.hanning(grey.shape[0] + 2)[1:-1], np.hanning(grey.shape[1] + 2)[1:-1])
    power = np.abs(np.fft.fft2((grey - grey.mean()) * window)) ** 2 / (window**2).sum()
    y, x = np.meshgrid(*(np.fft.fftfreq(side) for side in grey.shape), indexing="ij")
    ring = np.log2(np.maximum(np.hypot(x, y), 1e-9) * LONGEST_WAVE) / np.log2(LONGEST_WAVE / 2) * RINGS
    sector = np.arctan2(y, x) % np.pi / np.pi * SECTORS
    inside = (ring >= 0) & (ring < RINGS)
    bins = (np.floor(ring[inside]) * SECTORS + np.floor(sector[inside]) % SECTORS).astype(int)
    count = np.bincount(bins, minlength=RINGS * SECTORS)
    total = np.bincount(bins, power[inside], minlength=RINGS * SECTORS)
    means: Values = np.where(count > 0, total / np.maximum(count, 1) + 1e-9, np.nan).astype(np.float32)
    return means
