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

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.device import returned_once_freed
from texture.features import winograd
from texture.features.layers import LAYERS, deepest
from texture.features.strips import Evaluation, Visit

BAND = 2**21  # pixels whose colours are turned to the network's at a time

Pooling = Literal["average", "max"]


class Convolution:
    """The frozen weights of one 3×3 convolution, laid out for the kernels that use them.

    weight: O×I×3×3; bias: O; both in the precision that the network computes in.
    """

    def __init__(self, weight: Tensor, bias: Tensor, device: torch.device, dtype: torch.dtype) -> None:
        weight = weight.to(device, dtype)
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.bias = bias.to(device, dtype)

    def __call__(self, x: Tensor, wrap_x: bool, wrap_y: bool) -> Tensor:
        """max(0, x ∗ w + b), N×O×H×W, for x, N×I×H×W, with zero or circular padding on each axis. Has no gradient."""
        if winograd.pays(x, self.weight):
            return winograd.convolve(x, self.forward, (wrap_y, wrap_x), bias=self.bias)
        y = F.conv2d(x, self.weight, self.bias, padding=1)
        _add_wrapped(y, x, self, wrap_x, wrap_y, way=0)
        return y.relu_()

    def gradient(self, of_result: Tensor, gate: Tensor, wrap_x: bool, wrap_y: bool) -> Tensor:
        """The gradient of x, N×I×H×W, from that of the result, N×O×H×W.

        gate: shaped like the result; the result itself, or whether it is positive.
        """
        if winograd.pays(of_result, self.weight):
            return winograd.convolve(of_result, self.backward, (wrap_y, wrap_x), gate=gate)
        masked = gate.dtype == torch.bool
        g = of_result * gate if masked else torch.ops.aten.threshold_backward(of_result, gate, 0)
        like_x = g.new_empty(1).expand(g.shape[0], self.weight.shape[1], *g.shape[2:])  # only its shape is read
        x: Tensor = torch.ops.aten.convolution_backward(
            g, like_x, self.weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, False, False]
        )[0]
        _add_wrapped(x, g, self, wrap_x, wrap_y, way=1)
        return x

    @cached_property
    def rows(self) -> tuple[Tensor, Tensor]:
        """What crosses the upper or lower border meets: 2 sides × 3·in × out forward, 2 × 3·out × in backward."""
        return _border_kernels(self.weight[:, :, 0], self.weight[:, :, 2])

    @cached_property
    def columns(self) -> tuple[Tensor, Tensor]:
        """The same of the left and right border."""
        return _border_kernels(self.weight[:, :, :, 0], self.weight[:, :, :, 2])

    @cached_property
    def forward(self) -> Tensor:
        """Its kernels as `winograd.convolve` takes them."""
        return winograd.transformed(self.weight)

    @cached_property
    def backward(self) -> Tensor:
        """The same of the convolution that takes a gradient of its result to one of its input."""
        return winograd.transformed(self.weight.flip(2, 3).transpose(0, 1))


def _border_kernels(first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
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
    """`Convolution.__call__` with its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Convolution, wrap_x: bool, wrap_y: bool) -> Tensor:
        y = kernel(x, wrap_x, wrap_y)
        ctx.save_for_backward(y)
        ctx.rest = kernel, wrap_x, wrap_y
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        kernel, wrap_x, wrap_y = ctx.rest
        return kernel.gradient(gradients[0], ctx.saved_tensors[0], wrap_x, wrap_y), None, None, None


def _convolve(x: Tensor, kernel: Convolution, wrap_x: bool, wrap_y: bool) -> Tensor:
    y: Tensor = _ConvolutionReLU.apply(x, kernel, wrap_x, wrap_y)  # type: ignore[no-untyped-call]
    return y


def _in_bands(colours: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What acts on each pixel of N×3×H×W by itself, some rows at a time: oneDNN lays three channels out as sixteen."""
    bands = torch.split(x, max(1, BAND // x.shape[3]), 2)
    if len(bands) == 1:
        return colours(x)
    with returned_once_freed():
        return torch.cat([colours(band) for band in bands], 2)


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
        self.dtype, self.pooling = dtype, pooling
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
        x = self.preprocessed(image)
        wrap_x, wrap_y = wrap in ("x", "both"), wrap in ("y", "both")
        found = {}
        for name in self.sequence:
            kernel = self.convolutions.get(name)
            x = _convolve(x, kernel, wrap_x, wrap_y) if kernel else self.pool(x)
            if name in self.layers:
                found[name] = x
        return found

    def preprocessed(self, image: Tensor) -> Tensor:
        """N×3×H×W in the colours and the precision of the network, channels last, from RGB in 0..1."""
        return _in_bands(lambda x: F.conv2d(x, *self.colour).to(self.dtype, memory_format=torch.channels_last), image)

    def preprocessed_gradient(self, g: Tensor) -> Tensor:
        """The gradient by RGB, N×3×H×W float32, from that by what `preprocessed` gives."""
        weight = self.colour[0]
        return _in_bands(lambda x: F.conv_transpose2d(x.to(weight.dtype), weight).contiguous(), g)

    def evaluate(self, image: Tensor, wrap: str, visit: Visit, *, keep: bool = True) -> Evaluation:
        """Show each of its layers to `visit`, part by part: of a picture of any size, in bounded memory.

        image, wrap: as above. keep: whether a gradient will be asked for.
        """
        return Evaluation(self, image, wrap, visit, keep=keep)
