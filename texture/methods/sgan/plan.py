"""The size at which the exemplar is cropped. No torch here."""

from __future__ import annotations

from texture.errors import InvalidInput
from texture.images.decoding import MAX_PIXELS
from texture.methods.sgan.params import SGANParams
from texture.methods.sizes import Extent, Sizes, looked_at, times


def exemplar_size(p: SGANParams, given: Extent) -> Extent:
    """That of an exemplar of the size `given`: reduced as asked, and enlarged where a crop would not fit.

    Raises:
        InvalidInput: enlarged it would be larger than any exemplar may be.
    """
    size = looked_at(given, p.exemplar_size or min(p.size))
    size = times(size, max(1.0, p.crop / min(size)))
    if size.width * size.height > MAX_PIXELS:
        enlarged = f"enlarged to {size.width}x{size.height}: a crop has {p.crop} a side"
        raise InvalidInput(f"crop={p.crop}: the source texture would have to be {enlarged}", field="crop", value=p.crop)
    return size


def check_sgan(p: SGANParams, sizes: Sizes) -> None:
    """Raise InvalidInput where the exemplar cannot be cropped."""
    exemplar_size(p, sizes["source"])
