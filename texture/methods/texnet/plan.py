"""The size at which the exemplar is looked at. No torch here."""

from __future__ import annotations

from texture.methods.sizes import Extent, Sizes, looked_at
from texture.methods.texnet.params import TexNetParams

SMALLEST_VIEW = 32  # pixels a side: below, a network sees no statistics


def exemplar_size(p: TexNetParams, given: Extent) -> Extent:
    """That of an exemplar of the size `given`, reduced as asked.

    Raises:
        InvalidInput: it is too small to have statistics.
    """
    return looked_at(given, p.exemplar_size or min(p.size), SMALLEST_VIEW)


def check_texnet(p: TexNetParams, sizes: Sizes) -> None:
    """Raise InvalidInput where the exemplar is too small."""
    exemplar_size(p, sizes["source"])
