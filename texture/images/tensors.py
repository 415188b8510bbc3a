"""Pixels <-> tensors, and tensor operations on pictures: resizing, also on a torus, and histogram matching."""

from __future__ import annotations

import math
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Wrap = Literal["none", "x", "y", "both"]  # the directions in which a picture wraps around


@runtime_checkable
class HasSides(Protocol):
    """Anything with a width and a height, such as `Extent`."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""


def to_tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """H×W×3 uint8 to 3×H×W float32 in 0..1, on the CPU."""
    return torch.tensor(pixels).permute(2, 0, 1).contiguous().float() / 255


def to_pixels(image: Tensor) -> NDArray[np.uint8]:
    """3×H×W in 0..1, or already uint8, on any device to H×W×3 uint8: clamped, rounded, not-a-number black."""
    return to_pixels_tensor(image).cpu().numpy()


def to_pixels_tensor(image: Tensor) -> Tensor:
    """The same, as a tensor where the image is. Channels may be any number."""
    image = image.detach()
    if image.dtype != torch.uint8:
        image = image.float().nan_to_num(nan=0.0).clamp_(0, 1).mul_(255).round_().to(torch.uint8)
    return image.permute(1, 2, 0).contiguous()


def to_levels(image: Tensor, bits: Literal[8, 16]) -> NDArray[np.uint8 | np.uint16]:
    """A map, C×H×W in 0..1, on any device to H×W×C uint8 or uint16, H×W where it has one channel."""
    if bits == 8:
        levels: NDArray[np.uint8 | np.uint16] = to_pixels(image)
    else:
        whole = image.detach().float().nan_to_num(nan=0.0).clamp(0, 1).mul_(65535).round_().to(torch.int32)
        levels = whole.permute(1, 2, 0).contiguous().cpu().numpy().astype(np.uint16)
    return levels[..., 0] if levels.shape[2] == 1 else levels


def resize(image: Tensor, size: HasSides | tuple[int, int], wrap: Wrap = "none") -> Tensor:
    """…×H×W to …×height×width by Catmull-Rom bicubic, widened against aliasing when shrinking.

    `size` is an Extent, or (height, width). Along the directions of `wrap` the picture is a torus and stays one: to
    roll by whole pixels before or after is the same to the bit, where the scale makes whole pixels of them. Along the
    others it is mirrored at its border. Overshoots of the kernel are kept: values may leave 0..1 a little.
    """
    height, width = (size.height, size.width) if isinstance(size, HasSides) else size
    image = _resample(image, -2, height, wrap in ("y", "both"))  # first the rows, which lie together in memory
    return _resample(image, -1, width, wrap in ("x", "both"))


def _resample(image: Tensor, dim: int, length: int, wrap: bool) -> Tensor:
    """Resize one dimension: a weighted sum of shifted pictures, tap by tap, so that each pixel sums alike."""
    if length == image.shape[dim]:
        return image
    index, weight = _taps(image.shape[dim], length, wrap)
    index, weight = index.to(image.device), weight.to(image)
    if dim == -2:
        weight = weight[..., None]
    result = image.index_select(dim, index[0]) * weight[0]
    for tap in range(1, len(index)):
        result.addcmul_(image.index_select(dim, index[tap]), weight[tap])
    return result


def _taps(before: int, after: int, wrap: bool) -> tuple[Tensor, Tensor]:
    """For each new pixel, which old ones it sums and with what weights: two tensors of shape taps×after.

    Positions are counted in whole numbers, in units of 1/(2·after) old pixels, so that pixels a whole number of old
    ones apart get the very same weights.
    """
    stretch = max(before / after, 1.0)  # the kernel spans as many old pixels as one new pixel covers
    reach = math.ceil(2 * stretch)
    unit = 2 * after
    centre = (2 * torch.arange(after) + 1) * before - after
    nearest = centre.div(unit, rounding_mode="floor")
    offset = torch.arange(1 - reach, reach + 1)[:, None]
    distance = (offset * unit - (centre - nearest * unit)).double() / unit
    weight = _catmull_rom(distance / stretch)
    index = nearest + offset
    return (index % before if wrap else _mirror(index, before)), weight / weight.sum(0)


def _catmull_rom(distance: Tensor) -> Tensor:
    t = distance.abs()
    near = (1.5 * t - 2.5) * t * t + 1
    far = ((-0.5 * t + 2.5) * t - 4) * t + 2
    return torch.where(t < 1, near, torch.where(t < 2, far, 0.0))


def _mirror(index: Tensor, length: int) -> Tensor:
    """Indices beyond either border come back inwards: …1 0 | 0 1 2 … n-1 | n-1 n-2…"""
    index = index % (2 * length)
    return torch.minimum(index, 2 * length - 1 - index)


def match_histograms(image: Tensor, exemplar: Tensor, bins: int = 100) -> Tensor:
    """Give each channel of `image` (3×H×W) the distribution of values that the exemplar's has (3×h×w).

    Through cumulative histograms of `bins` bins each, linear in between (Gatys et al. 2015 use 100). Order is kept:
    of two pixels the brighter stays the brighter.
    """
    channels = [
        _match(ours, theirs, bins)
        for ours, theirs in zip(image.detach().cpu().numpy(), exemplar.detach().cpu().numpy(), strict=True)
    ]
    return torch.from_numpy(np.stack(channels)).to(image)


def _match(ours: NDArray[np.float32], theirs: NDArray[np.float32], bins: int) -> NDArray[np.float64]:
    edges, share = _cumulative(ours, bins)
    goal_edges, goal_share = _cumulative(theirs, bins)
    matched = np.interp(np.interp(ours, edges, share), goal_share, goal_edges)
    return matched.clip(theirs.min(), theirs.max())  # the one bin of a flat channel is wider than its one value


def _cumulative(values: NDArray[np.float32], bins: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bin edges over the values' own range, and the share of values below each: bins + 1 of both."""
    counts, edges = np.histogram(values, bins=bins, range=(float(values.min()), float(values.max())))
    return edges, np.concatenate([[0.0], np.cumsum(counts) / values.size])
