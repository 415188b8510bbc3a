"""The exemplar as it is looked at, and how far pictures are from it."""

from __future__ import annotations

from torch import Tensor

from texture.errors import InvalidInput
from texture.losses.objective import Network
from texture.losses.whitened import StatisticsObjective
from texture.methods.refining import extent_of, looked_at, sized
from texture.methods.texnet import TexNetParams

SMALLEST = 32  # pixels a side, in each view: below, a network sees no statistics


def exemplar_of(p: TexNetParams, source: Tensor) -> Tensor:
    """3×H×W, reduced as asked.

    Raises:
        InvalidInput: it is too small to have statistics.
    """
    size = extent_of(source)
    if min(size) < SMALLEST:
        message = f"the exemplar is {size.width}x{size.height} pixels: at least {SMALLEST} each way"
        raise InvalidInput(message, field="source", value=f"{size.width}x{size.height}")
    return sized(source, looked_at(size, p.exemplar_size or min(p.size)))


def objective_of(p: TexNetParams, network: Network, exemplar: Tensor) -> StatisticsObjective:
    """How far pictures are from what `exemplar_of` gave, in as many sizes of those asked for as it has."""
    return StatisticsObjective(
        network,
        p.layers,
        exemplar,
        views=min(p.views, (min(exemplar.shape[1:]) // SMALLEST).bit_length()),
        whitening=p.whitening,
        rooted=p.rooted,
        together=p.together,
    )
