"""Quality numbers that no method optimises: how like the exemplar a picture is, and whether it repeats without a seam.

Each of METRICS is to be read beside its floor: the same number between two halves of the exemplar, beyond which nothing
is to be gained. Lower is better, but for those of HIGHER_IS_BETTER.
"""

from __future__ import annotations

from texture.metrics.seam import Seam, seam
from texture.metrics.yardstick import HIGHER_IS_BETTER, METRICS, QUICK, Yardstick, best_first, scaled_exemplar

__all__ = ["HIGHER_IS_BETTER", "METRICS", "QUICK", "Seam", "Yardstick", "best_first", "scaled_exemplar", "seam"]
