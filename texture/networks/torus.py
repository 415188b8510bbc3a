"""Convolutions on a torus without the cost of padding.

PyTorch's circular padding and its gradient go over the whole feature map several times. Here only the border moves:
`extend` lays the other side's rows and columns around a map, `fold` adds what hangs over each side to the other one.
Each is the transpose of the other, so each is the other's gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d, pad


class _Extend(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor, before: int, after: int) -> Tensor:
        context.margins = before, after
        return _extended(x, before, after)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return _folded(gradients[0].clone(memory_format=torch.preserve_format), *context.margins), None, None


class _Fold(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor, before: int, after: int) -> Tensor:
        context.margins = before, after
        return _folded(x.clone(memory_format=torch.preserve_format), before, after)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return _extended(gradients[0], *context.margins), None, None


def extend(x: Tensor, before: int, after: int) -> Tensor:
    """N×C×H×W with `before` rows and columns of the other side in front, and `after` behind."""
    extended: Tensor = _Extend.apply(x, before, after)  # type: ignore[no-untyped-call]
    return extended


def fold(x: Tensor, before: int, after: int) -> Tensor:
    """The transpose: what lies in the margins is added where it belongs, and they are cut off."""
    folded: Tensor = _Fold.apply(x, before, after)  # type: ignore[no-untyped-call]
    return folded


def conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A convolution with an odd kernel on the torus; same size."""
    margin = weight.shape[2] // 2
    return conv2d(extend(x, margin, margin), weight, bias)


def upsample_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Each pixel repeated twice both ways, then a convolution with `weight`, in_channels×out_channels×3×3 (transposed).

    Both in one: the kernel is spread by the 2×2 square, and a transposed convolution with it needs 16 products for each
    input pixel instead of 36. Nearest-neighbour upsampling gives no checkerboards (Odena et al. 2016).
    """
    corners = ((0, 1, 0, 1), (1, 0, 0, 1), (0, 1, 1, 0), (1, 0, 1, 0))
    return transposed_conv(x, sum((pad(weight, corner) for corner in corners[1:]), pad(weight, corners[0])), bias)


def transposed_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A transposed convolution of stride 2 on the torus, `weight` in_channels×out_channels×k×k; twice the size."""
    overhang = weight.shape[2] - 2
    before = overhang // 2
    return fold(conv_transpose2d(x, weight, stride=2), before, overhang - before) + bias[:, None, None]


def _extended(x: Tensor, before: int, after: int) -> Tensor:
    x = torch.cat([x[:, :, x.shape[2] - before :], x, x[:, :, :after]], 2)
    return torch.cat([x[..., x.shape[3] - before :], x, x[..., :after]], 3)


def _folded(x: Tensor, before: int, after: int) -> Tensor:
    """In place but for the cutting."""
    for dim in (2, 3):
        length = x.shape[dim] - before - after
        x.narrow(dim, length, before).add_(x.narrow(dim, 0, before))
        x.narrow(dim, before, after).add_(x.narrow(dim, length + before, after))
        x = x.narrow(dim, before, length)
    return x.contiguous(memory_format=torch.channels_last)
