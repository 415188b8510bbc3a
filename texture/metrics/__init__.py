"""Quality metrics that no method optimises: how similar a picture is to the exemplar, and whether it tiles seamlessly.

Read each of METRICS beside its baseline: the same metric between two halves of the exemplar, beyond which nothing
is to be gained.
"""

from __future__ import annotations

from texture.metrics.exemplar_metrics import ExemplarMetrics, scaled_exemplar
from texture.metrics.metric import EVERY_METRIC, HIGHER_IS_BETTER, METRICS, QUICK, SEAM, Metric, best_first
from texture.metrics.seam import Seam, seam

__all__ = [
    "EVERY_METRIC",
    "HIGHER_IS_BETTER",
    "METRICS",
    "QUICK",
    "SEAM",
    "ExemplarMetrics",
    "Metric",
    "Seam",
    "best_first",
    "scaled_exemplar",
    "seam",
]
