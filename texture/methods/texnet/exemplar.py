"""The exemplar as it is looked at."""

from __future__ import annotations

from torch import Tensor

from texture.errors import InvalidInput
from texture.images.tensors import resize
from texture.methods.texnet import TexNetParams

SMALLEST = 32  # pixels a side, in each view: below, a network sees no statistics


def exemplar_of(p: TexNetParams, source: Tensor) -> Tensor:
    """3×H×W, reduced as asked.

    Raises:
        InvalidInput: it is too small to have statistics.
    """
    height, width = source.shape[1:]
    shorter = min(height, width)
    if shorter < SMALLEST:
        message = f"the exemplar is {width}x{height} pixels: at least {SMALLEST} each way"
        raise InvalidInput(message, field="source", value=f"{width}x{height}")
    factor = min(1.0, (p.exemplar_size or min(p.size)) / shorter)
    return resize(source, (round(height * factor), round(width * factor))).clamp(0, 1)


def views_of(p: TexNetParams, exemplar: Tensor) -> int:
    """How many sizes it can be looked at in, of those asked for."""
    return min(p.views, (min(exemplar.shape[1:]) // SMALLEST).bit_length())
