"""Quality numbers that no method optimises: how like the exemplar a picture is, and whether it repeats without a seam.

Each of METRICS is to be read beside its floor: the same number between two halves of the exemplar, beyond which nothing
is to be gained. Lower is better, but for those of HIGHER_IS_BETTER.
"""

from __future__ import annotations

from texture.metrics.exemplar_metrics import (
    HIGHER_IS_BETTER,
    METRICS,
    QUICK,
    ExemplarMetrics,
    best_first,
    scaled_exemplar,
)
from texture.metrics.seam import Seam, seam

__all__ = ["HIGHER_IS_BETTER", "METRICS", "QUICK", "ExemplarMetrics", "Seam", "best_first", "scaled_exemplar", "seam"]
