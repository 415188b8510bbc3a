"""The exemplar as it is looked at."""

from __future__ import annotations

from torch import Tensor

from texture.errors import InvalidInput
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


def views_of(p: TexNetParams, exemplar: Tensor) -> int:
    """How many sizes it can be looked at in, of those asked for."""
    return min(p.views, (min(exemplar.shape[1:]) // SMALLEST).bit_length())
