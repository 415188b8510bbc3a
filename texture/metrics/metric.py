"""What each metric is: the one table from which measuring, reports, command line, API and page take names and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A quality metric.

    direction: which values are better. help: what it is, as a part of a sentence. quick: cheap enough to be measured
    often. ranked: whether the best of several runs is worth marking by it.
    """

    name: str
    title: str
    unit: str
    direction: Literal["lower", "higher"]
    help: str
    quick: bool = False
    ranked: bool = True


METRICS: Mapping[str, Metric] = {  # measured against an exemplar, in display order
    metric.name: metric
    for metric in (
        Metric(
            "patch",
            "Patch distance",
            "standard deviations × 1000",
            "lower",
            "sliced Wasserstein distance between the 7×7 patches, over all scales, × 1000",
            quick=True,
        ),
        Metric(
            "spectrum",
            "Spectrum",
            "powers of ten",
            "lower",
            "mean difference between the power spectra, by wavelength and direction, powers of ten",
            quick=True,
        ),
        Metric(
            "colour",
            "Colour",
            "grey levels",
            "lower",
            "sliced Wasserstein distance between the pixel colours, grey levels of 0 to 255",
            quick=True,
        ),
        Metric(
            "copying",
            "Copied from source",
            "share, 0 to 1",
            "lower",
            "share of neighbouring pixels whose best matches in the source texture are neighbours too",
            ranked=False,  # below the baseline is no better
        ),
        Metric(
            "repetition",
            "Repetition",
            "share, 0 to 1",
            "lower",
            "highest autocorrelation of the picture, from an eighth of its side on; 1 is a plane of one tile",
            ranked=False,  # what is regular repeats
        ),
        Metric(
            "odd",
            "Odd patches",
            "times the source texture's own",
            "lower",
            "distance of the worst 5 % of patches from any of the source texture's; 1 is as between its two halves",
        ),
        Metric(
            "regularity",
            "Regularity",
            "times the source texture's own",
            "higher",
            "autocorrelation at the source texture's periods, if it has any; 1 is as regular as the source texture",
        ),
    )
}
SEAM = Metric(
    "seam",
    "Seam ratio",
    "times the median step inside",
    "lower",
    "the step across the wrap over the median step inside, in each direction; 1 is seamless",
    quick=True,
    ranked=False,  # invisible up to its limit
)
EVERY_METRIC: Mapping[str, Metric] = {**METRICS, SEAM.name: SEAM}

QUICK = tuple(metric.name for metric in METRICS.values() if metric.quick)  # some 0.05 s at 256², an eighth of all
HIGHER_IS_BETTER = frozenset(metric.name for metric in METRICS.values() if metric.direction == "higher")


def best_first(name: str, value: float) -> float:
    """The sort key for values of that metric: the best comes first."""
    return -value if EVERY_METRIC[name].direction == "higher" else value
