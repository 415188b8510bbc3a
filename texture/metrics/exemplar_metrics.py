"""The metrics of pictures against one exemplar."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from texture.methods.common.multiscale import extent_of, sized
from texture.methods.common.regular import fitted_exemplar
from texture.methods.contract import Outline
from texture.metrics.colour import colour_measure
from texture.metrics.copying import copying_measure
from texture.metrics.metric import METRICS
from texture.metrics.odd import ODD_BASELINE, odd_measure
from texture.metrics.patch import patch_measure
from texture.metrics.regularity import regularity_baseline, regularity_measure
from texture.metrics.repetition import repetition
from texture.metrics.spectrum import spectrum_measure

if TYPE_CHECKING:
    from torch import Tensor

    from texture.images.lattice import Lattice

Measure = Callable[["Tensor"], float | None]  # of a picture, 3×H×W float32 in 0..1 on the CPU; None: it has none

LARGEST = 1024  # pixels; of a larger picture the middle is measured


class ExemplarMetrics:
    """The metrics of pictures against one exemplar. The same random directions and positions serve every picture.

    baselines: each metric between the left and the right half of the exemplar (or top and bottom, where it is upright).
    No regularity where the exemplar has no lattice, or where its halves are too small to show one.
    """

    def __init__(self, exemplar: Tensor) -> None:
        """exemplar: 3×H×W in 0..1, in the scale in which the pictures show it, at least 16 pixels each way."""
        halves = [_prepared(half) for half in exemplar.chunk(2, dim=2 if exemplar.shape[2] >= exemplar.shape[1] else 1)]
        whole = _prepared(exemplar)
        lattice = _lattice(whole)
        self._measures = _measures(whole, lattice)
        self.baselines: dict[str, float] = _apply(_of_distributions(halves[0]), halves[1])
        self.baselines["odd"] = ODD_BASELINE
        if lattice and (baseline := regularity_baseline(halves, lattice)) is not None:
            self.baselines["regularity"] = baseline

    def __call__(self, image: Tensor, names: Collection[str] = tuple(METRICS)) -> dict[str, float]:
        """The named metrics of a picture, 3×H×W in 0..1 or uint8, as far as they exist for it."""
        return _apply({name: measure for name, measure in self._measures.items() if name in names}, image)


def scaled_exemplar(source: Tensor, outline: Outline) -> Tensor:
    """The exemplar, 3×H×W, in the scale in which a run of that outline shows it, and as it is fitted to the tile."""
    fitted = fitted_exemplar(outline, source)
    if fitted is not None:
        return fitted
    size = outline.exemplar or extent_of(source)
    return source if size == extent_of(source) else sized(source, size)


def _lattice(exemplar: Tensor) -> Lattice | None:
    from texture.images.lattice import find_lattice

    return find_lattice(exemplar.permute(1, 2, 0).numpy())


def _measures(exemplar: Tensor, lattice: Lattice | None) -> dict[str, Measure]:
    measures = {**_of_distributions(exemplar), "odd": odd_measure(exemplar)}
    return measures if lattice is None else {**measures, "regularity": regularity_measure(exemplar, lattice)}


def _of_distributions(exemplar: Tensor) -> dict[str, Measure]:
    """The metrics whose baseline is simply one half measured against the other."""
    return {
        "patch": patch_measure(exemplar),
        "spectrum": spectrum_measure(exemplar),
        "colour": colour_measure(exemplar),
        "copying": copying_measure(exemplar),
        "repetition": repetition,
    }


def _apply(measures: Mapping[str, Measure], image: Tensor) -> dict[str, float]:
    image = _prepared(image)
    found = {name: measure(image) for name, measure in measures.items()}
    return {name: value for name, value in found.items() if value is not None}


def _prepared(image: Tensor) -> Tensor:
    """The middle of it, at most LARGEST pixels a side, as float32 in 0..1 on the CPU."""
    top, left = (max(0, side - LARGEST) // 2 for side in image.shape[1:])
    part = image.detach()[:, top : top + LARGEST, left : left + LARGEST].cpu()
    return part.float() if part.is_floating_point() else part.float() / 255
