"""Quality numbers that no method optimises: how like the exemplar a picture is, and whether it repeats without a seam.

Four numbers tell how like it is, each lower for better, each to be read beside its floor: the same number between two
halves of the exemplar, below which nothing is to be gained.
"""

from __future__ import annotations

from texture.metrics.seam import Seam, seam
from texture.metrics.yardstick import HIGHER_IS_BETTER, METRICS, QUICK, Yardstick, best_first, scaled_exemplar

__all__ = ["HIGHER_IS_BETTER", "METRICS", "QUICK", "Seam", "Yardstick", "best_first", "scaled_exemplar", "seam"]
