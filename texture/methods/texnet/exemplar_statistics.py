"""The exemplar as it is looked at, and how far pictures are from it."""

from __future__ import annotations

from torch import Tensor

from texture.losses.objective import Network
from texture.losses.whitened import StatisticsObjective
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.texnet.params import TexNetParams
from texture.methods.texnet.plan import SMALLEST_VIEW, exemplar_size


def exemplar_of(p: TexNetParams, source: Tensor) -> Tensor:
    """3×H×W, reduced as asked.

    Raises:
        InvalidInput: it is too small to have statistics.
    """
    return sized(source, exemplar_size(p, extent_of(source)))


def objective_of(p: TexNetParams, network: Network, exemplar: Tensor) -> StatisticsObjective:
    """How far pictures are from what `exemplar_of` gave, in as many sizes of those asked for as it has."""
    return StatisticsObjective(
        network,
        p.layers,
        exemplar,
        views=min(p.views, (min(exemplar.shape[1:]) // SMALLEST_VIEW).bit_length()),
        whitening=p.whitening,
        rooted=p.rooted,
        pooled=p.pooled_statistics,
    )
