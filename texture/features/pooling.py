"""Poolings over 2×2 values with the way back through them, which needs none of the values.

Where a side leaves a rest, the rest makes a value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Unpool = Callable[[Tensor], Tensor]  # a gradient by the result -> that by what was pooled
WINDOW = [2, 2]  # and stride
NONE, ONE = [0, 0], [1, 1]  # padding, dilation


def average(y: Tensor, small: bool) -> tuple[Tensor, Unpool]:
    """Of N×C×H×W the means. small: as in `maximum`; there is nothing to keep."""
    return F.avg_pool2d(y, 2, ceil_mode=True), partial(_from_average, y.shape)


def maximum(y: Tensor, small: bool) -> tuple[Tensor, Unpool]:
    """Of N×C×H×W the largest values. small: whether which these are is to be kept in two bits each, instead of 64."""
    pooled, places = F.max_pool2d(y, 2, ceil_mode=True, return_indices=True)
    return pooled, partial(_from_maximum, y.shape, _chosen(places, y.shape[3]) if small else partial(itself, places))


POOLINGS = {"average": average, "max": maximum}


def _from_average(shape: torch.Size, g: Tensor) -> Tensor:
    of_input: Tensor = torch.ops.aten.avg_pool2d_backward(g, _like(g, shape), WINDOW, WINDOW, NONE, True, True, None)
    return of_input


def _from_maximum(shape: torch.Size, places: Callable[[], Tensor], g: Tensor) -> Tensor:
    like, found = _like(g, shape), places()
    of_input: Tensor = torch.ops.aten.max_pool2d_with_indices_backward(g, like, WINDOW, WINDOW, NONE, ONE, True, found)
    return of_input


def _like(g: Tensor, shape: torch.Size) -> Tensor:
    """Something of that shape, channels last, whose values are not read."""
    return torch.empty(shape, dtype=g.dtype, device=g.device, memory_format=torch.channels_last)


def _chosen(places: Tensor, width: int) -> Callable[[], Tensor]:
    """Places N×C×h×w in planes `width` wide, each within its own 2×2: in two bits each."""
    lower = places >= _first(places, width)[:, :1] + width
    odd = (places + lower if width % 2 else places) & 1
    return partial(_places, packed(lower), packed(odd > 0), width)


def _places(lower: Callable[[], Tensor], right: Callable[[], Tensor], width: int) -> Tensor:
    below = lower()
    first = _first(below, width)
    return torch.where(below, first + width, first).add_(right())


def _first(pooled: Tensor, width: int) -> Tensor:
    """The place of the first of each four, h×w."""
    rows, columns = (torch.arange(0, 2 * side, 2, device=pooled.device) for side in pooled.shape[2:])
    return rows[:, None] * width + columns


def itself(y: Tensor) -> Tensor:
    """For what is kept as it is."""
    return y


def packed(true: Tensor) -> Callable[[], Tensor]:
    """Booleans N×C×H×W, which come back channels last, kept in a bit each; on a GPU in a byte."""
    true = true.contiguous(memory_format=torch.channels_last)
    if true.device.type != "cpu":
        return partial(itself, true)
    nhwc = true.permute(0, 2, 3, 1)
    return partial(_unpacked, np.packbits(nhwc.numpy()), nhwc.shape)


def _unpacked(bits: NDArray[np.uint8], shape: torch.Size) -> Tensor:
    """N×C×H×W, boolean and channels last, from the shape N×H×W×C in which the bits lie."""
    values = np.unpackbits(bits, count=shape.numel()).view(np.bool_)
    return torch.from_numpy(values).view(shape).permute(0, 3, 1, 2)
