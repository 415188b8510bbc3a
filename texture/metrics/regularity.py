"""Regularity: does the picture match itself when shifted by the exemplar's periods?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from texture.images.lattice import Lattice
    from texture.metrics.exemplar_metrics import Measure

Correlation = NDArray[np.float32]

MOST = 2  # periods in either direction
REACH = 0.48  # of a picture's sides: at farther lags there is too little overlap
SLACK, LEAST_SLACK = 0.03, 2  # of a lag's length, and pixels: a slight stretch costs nothing
LEAST = 0.1  # of the exemplar's own autocorrelation, below which a lag tells nothing


class Peak(NamedTuple):
    """A lag (down, right) in pixels, and the exemplar's autocorrelation there."""

    lag: tuple[int, int]
    height: float


def regularity_measure(exemplar: Tensor, lattice: Lattice) -> Measure:
    """Relative to the exemplar's own, about 0 where nothing repeats; None for a picture too small to show a period.

    Neither picture is taken for a torus, so that one that tiles has no advantage.
    """
    own = _correlation(exemplar, lattice)
    highest = [Peak(lag, _height(own, lag)) for lag in _lags(lattice) if _reaches(own, lag)]
    peaks = [peak for peak in highest if peak.height >= LEAST]

    def measure(image: Tensor) -> float | None:
        found = _correlation(image, lattice)
        shown = [peak for peak in peaks if _reaches(found, peak.lag)]
        if not shown:
            return None
        return sum(_height(found, peak.lag) for peak in shown) / sum(peak.height for peak in shown)

    return measure


def regularity_baseline(halves: Sequence[Tensor], lattice: Lattice) -> float | None:
    """Of the less regular half against the other; None where they are too small to show a period."""
    one, other = halves
    ways = regularity_measure(one, lattice)(other), regularity_measure(other, lattice)(one)
    return min((way for way in ways if way is not None), default=None)


def _correlation(image: Tensor, lattice: Lattice) -> Correlation:
    """Of the grey picture. What is wider than a period is shading, and taken off, whatever the picture's size."""
    from texture.images.lattice import autocorrelation

    period = max(float(np.hypot(*vector)) for vector in lattice.basis)
    return autocorrelation(image.mean(0).numpy(), round(period) | 1)


def _lags(lattice: Lattice) -> list[tuple[int, int]]:
    """Up to MOST periods in either direction, of each lag and its opposite one."""
    counts = [(i, j) for i in range(MOST + 1) for j in range(-MOST, MOST + 1) if (i, j) > (0, 0)]
    return [(round(down), round(right)) for down, right in np.array(counts) @ np.array(lattice.basis)]


def _reaches(correlation: Correlation, lag: tuple[int, int]) -> bool:
    return all(abs(shift) <= REACH * side for shift, side in zip(lag, correlation.shape, strict=True))


def _height(correlation: Correlation, lag: tuple[int, int]) -> float:
    """The highest within the slack about a lag."""
    slack = max(LEAST_SLACK, round(SLACK * float(np.hypot(*lag))))
    rows, columns = (
        slice(max(0, side // 2 + shift - slack), side // 2 + shift + slack + 1)
        for shift, side in zip(lag, correlation.shape, strict=True)
    )
    return float(correlation[rows, columns].max())
