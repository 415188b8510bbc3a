"""VGG-19 and VGG-16 (Simonyan & Zisserman 2014, configurations E and D), on the plane or on a torus.

From a picture to named layers.

Three things are done differently from the usual loop over `nn.Module`s, all for speed and without changing a number
beyond rounding:

- A convolution with its ReLU is one autograd function with frozen weights. It keeps the output only, and computes
  the gradient of the input only.
- Circular padding is not a padding. The convolution is run with zero padding, which the machine's kernels do for
  nothing, and then what the zeros missed at the border is added: two rows and two columns. `F.pad` would copy every
  feature map instead, and lose its memory layout.
- In float32 on the CPU the larger convolutions are Winograd's (see `winograd`), which needs neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.features import winograd
from texture.features.layers import LAYERS, deepest

Pooling = Literal["average", "max"]


class Convolution:
    """The frozen weights of one 3×3 convolution, laid out for the kernels that use them.

    weight: O×I×3×3; bias: O; both in the precision that the network computes in.
    """

    def __init__(self, weight: Tensor, bias: Tensor, device: torch.device, dtype: torch.dtype) -> None:
        weight = weight.to(device, dtype)
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.bias = bias.to(device, dtype)
        # What crosses the border meets one row or one column of the kernel: 2 sides × 3·in × out forward,
        # and transposed, 2 × 3·out × in, backward.
        self.rows = _strips(weight[:, :, 0], weight[:, :, 2])
        self.columns = _strips(weight[:, :, :, 0], weight[:, :, :, 2])

    @cached_property
    def forward(self) -> Tensor:
        """Its kernels as `winograd.convolve` takes them."""
        return winograd.transformed(self.weight)

    @cached_property
    def backward(self) -> Tensor:
        """The same of the convolution that takes a gradient of its result to one of its input."""
        return winograd.transformed(self.weight.flip(2, 3).transpose(0, 1))


def _strips(first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
    """Two one-dimensional kernels O×I×3 as matrices for `_correlate`, forward and transposed."""
    kernels = torch.stack([first, last])
    forward = kernels.permute(0, 3, 2, 1).flatten(1, 2)
    backward = kernels.flip(0, 3).permute(0, 3, 1, 2).flatten(1, 2)
    return forward.contiguous(), backward.contiguous()


def _correlate(lines: Tensor, matrices: Tensor, circular: bool) -> Tensor:
    """Correlate lines N×2×L×C, each with its own kernel of three cells, a matrix of 2×3C×O: N×2×L×O."""
    ends = (lines[:, :, -1:], lines[:, :, :1]) if circular else (torch.zeros_like(lines[:, :, :1]),) * 2
    padded = torch.cat([ends[0], lines, ends[1]], 2)
    n, sides, length, channels = lines.shape
    neighbours = padded.as_strided((n, sides, length, 3 * channels), padded.stride())  # three cells lie in a row
    return neighbours @ matrices


def _add_wrapped(out: Tensor, source: Tensor, kernel: Convolution, wrap_x: bool, wrap_y: bool, way: int) -> None:
    """Add to `out` what reaches it from `source` across the border; `way` 0 is forward, 1 is backward.

    Both are N×C×H×W with sides of at least 2. Rows bring everything that crosses the upper or lower border, corners
    included; columns bring what crosses the left or right border alone.
    """
    out, source = out.permute(0, 2, 3, 1), source.permute(0, 2, 3, 1)  # N×H×W×C, as they lie in memory
    height, width = out.shape[1:3]
    if wrap_y:
        lines = source[:, :: height - 1].flip(1)  # the last row meets the first, and the first the last
        out[:, :: height - 1] += _correlate(lines, kernel.rows[way], wrap_x)
    if wrap_x:
        lines = source[:, :, :: width - 1].permute(0, 2, 1, 3).flip(1)
        out[:, :, :: width - 1] += _correlate(lines, kernel.columns[way], False).permute(0, 2, 1, 3)


class _ConvolutionReLU(torch.autograd.Function):
    """max(0, x ∗ w + b) with zero or circular padding on each axis; x is N×I×H×W, the result N×O×H×W."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Convolution, wrap_x: bool, wrap_y: bool) -> Tensor:
        if winograd.pays(x, kernel.weight):
            y = winograd.convolve(x, kernel.forward, (wrap_y, wrap_x), bias=kernel.bias)
        else:
            y = F.conv2d(x, kernel.weight, kernel.bias, padding=1)
            _add_wrapped(y, x, kernel, wrap_x, wrap_y, way=0)
            y.relu_()
        ctx.save_for_backward(y)
        ctx.rest = kernel, wrap_x, wrap_y, x.shape
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (y,) = ctx.saved_tensors
        kernel, wrap_x, wrap_y, shape = ctx.rest
        if winograd.pays(y, kernel.weight):
            return winograd.convolve(gradients[0], kernel.backward, (wrap_y, wrap_x), gate=y), None, None, None
        g = torch.ops.aten.threshold_backward(gradients[0], y, 0)
        like_x = y.new_empty(1).expand(shape)  # only its shape is read
        x = torch.ops.aten.convolution_backward(
            g, like_x, kernel.weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, False, False]
        )[0]
        _add_wrapped(x, g, kernel, wrap_x, wrap_y, way=1)
        return x, None, None, None


def _convolve(x: Tensor, kernel: Convolution, wrap_x: bool, wrap_y: bool) -> Tensor:
    y: Tensor = _ConvolutionReLU.apply(x, kernel, wrap_x, wrap_y)  # type: ignore[no-untyped-call]
    return y


class VGG:
    """The network up to the deepest of `layers`, frozen.

    weights: as `texture.features.weights.load` gives them: `input.weight` 3×3×1×1 and `input.bias` turn RGB in 0..1
    into what the network was trained on; `conv1_1.weight` … `conv5_4.bias` are its convolutions. Which there are says
        which network it is.
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        layers: Iterable[str],
        *,
        pooling: Pooling = "average",
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.layers = frozenset(layers)
        self.dtype = dtype
        self.pool = partial(F.avg_pool2d if pooling == "average" else F.max_pool2d, kernel_size=2, ceil_mode=True)
        self.colour = weights["input.weight"].to(device), weights["input.bias"].to(device)
        last = LAYERS.index(deepest(self.layers))
        self.sequence = [
            name for name in LAYERS[: last + 1] if name[:4] == "pool" or f"conv{name[4:]}.weight" in weights
        ]
        device = torch.device(device)
        self.convolutions = {
            name: Convolution(weights[f"conv{name[4:]}.weight"], weights[f"conv{name[4:]}.bias"], device, dtype)
            for name in self.sequence
            if name.startswith("relu")
        }

    def __call__(self, image: Tensor, wrap: str = "none") -> dict[str, Tensor]:
        """The feature maps of `image`, N×C×H×W in the network's precision, by the name of the layer.

        image: N×3×H×W, RGB in 0..1, any float precision. wrap: the axes that are periodic: none, x, y or both. Along
        the others a side may be any; where a pooling leaves a rest, the rest makes a cell.
        """
        x = F.conv2d(image, *self.colour).to(self.dtype, memory_format=torch.channels_last)
        wrap_x, wrap_y = wrap in ("x", "both"), wrap in ("y", "both")
        found = {}
        for name in self.sequence:
            kernel = self.convolutions.get(name)
            x = _convolve(x, kernel, wrap_x, wrap_y) if kernel else self.pool(x)
            if name in self.layers:
                found[name] = x
        return found
