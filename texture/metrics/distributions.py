"""Distributions of values as quantiles: what a Wasserstein distance between two samples compares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

QUANTILES = 1024


def quantiles(values: Values) -> Values:
    """n×m to n×QUANTILES: each row sorted, then resampled evenly."""
    ordered = np.sort(values, axis=1)
    at = np.linspace(0, ordered.shape[1] - 1, QUANTILES)
    low = np.floor(at).astype(int)
    rest = (at - low).astype(np.float32)
    high = np.minimum(low + 1, ordered.shape[1] - 1)
    spread: Values = ordered[:, low] * (1 - rest) + ordered[:, high] * rest
    return spread
