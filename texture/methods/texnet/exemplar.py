"""The exemplar as it is looked at, and how far pictures are from it."""

from __future__ import annotations

from torch import Tensor

from texture.losses.objective import Network
from texture.losses.whitened import StatisticsObjective
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.sizes import looked_at
from texture.methods.texnet import TexNetParams

SMALLEST = 32  # pixels a side, in each view: below, a network sees no statistics


def exemplar_of(p: TexNetParams, source: Tensor) -> Tensor:
    """3×H×W, reduced as asked.

    Raises:
        InvalidInput: it is too small to have statistics.
    """
    return sized(source, looked_at(extent_of(source), p.exemplar_size or min(p.size), SMALLEST))


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
