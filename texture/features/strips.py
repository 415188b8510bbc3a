"""What VGG sees in a picture of any size, exactly, without keeping its feature maps.

The network is taken in stages, each of which ends with a pooling. A stage runs over its input in strips of rows. A
strip has as many rows more, above and below, as the stage's convolutions can see, and what they make of these is cut
off. Kept are the inputs of the stages, and of each value behind a ReLU one bit: whether it is positive. From these
comes the gradient, stage by stage and strip by strip, back to the picture; only where somebody looks at a layer inside
a stage is the strip computed again. A small picture is one strip, of which all is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from texture.features.layers import WHOLE

if TYPE_CHECKING:
    from texture.features.vgg import VGG

STRIP = 2**26  # bytes of a feature map that are worked on at a time


class Part(NamedTuple):
    """Rows of a layer's feature maps: the number of the first, and how many the layer has in all."""

    layer: str
    first: int
    height: int


Visit = Callable[[Part, Tensor], None]  # features N×C×rows×W
LayerGradient = Callable[[Part, Tensor], Tensor]  # the same -> the loss's gradient by the features, shaped like them
Gate = Callable[[], Tensor]  # -> what of a convolution's result is positive, as `Convolution.gradient` takes it


class Stage(NamedTuple):
    """Convolutions with their ReLUs, and the pooling after them, if any."""

    convolutions: tuple[str, ...]
    pool: str | None

    @property
    def last(self) -> str:
        """The layer in which it ends."""
        return self.pool or self.convolutions[-1]


class Strip(NamedTuple):
    """Rows first … end - 1 of a stage's input, and the margins above and below."""

    first: int
    end: int
    above: int = 0
    below: int = 0

    def is_whole(self, x: Tensor) -> bool:
        """Whether it is all of a stage's input."""
        return self == Strip(0, x.shape[2])

    def cut(self, y: Tensor) -> Tensor:
        """Of N×C×rows×W, margins included, the rows that count."""
        return y[:, :, self.above : self.above + self.end - self.first]


class Evaluation:
    """The network's forward pass over a picture, N×3×H×W with RGB in 0..1; `gradient` is its backward pass.

    wrap: the axes that are periodic: none, x, y or both. visit: is given each of the network's layers, part by part.
    keep: whether there will be a backward pass. whole: pixels up to which a picture is not cut; strip: bytes of a
    picture's feature map that are worked on at a time where it is.
    """

    def __init__(
        self,
        network: VGG,
        image: Tensor,
        wrap: str,
        visit: Visit,
        *,
        keep: bool = True,
        whole: int = WHOLE,
        strip: int = STRIP,
    ) -> None:
        self._network, self._wrap_x, self._wrap_y = network, wrap in ("x", "both"), wrap in ("y", "both")
        self._strip = strip if image.shape[2] * image.shape[3] > whole else None
        self._visit, self._keeps = visit, keep
        self._stages = list(_stages(network.sequence))
        self._gates: list[list[list[Gate]]] = []  # of each stage, strip and convolution
        self._maps: list[Tensor] = []  # what the stages take, and what the last one makes
        with torch.no_grad():
            x, before = network.preprocessed(image), None
            for stage in self._stages:
                y = self._forward(stage, x)
                self._keep(x, before, stage)
                x, before = y, stage
            self._keep(x, before, None)

    @torch.no_grad()
    def gradient(self, layer_gradient: LayerGradient) -> Tensor:
        """Of a loss by the picture: N×3×H×W float32. May be called once: it consumes what was kept.

        layer_gradient: the loss's gradient by a part of a layer.
        """
        assert self._maps, "nothing was kept, or it has been consumed"
        g: Tensor | None = None
        for stage in reversed(self._stages):
            g = self._backward(stage, self._maps.pop(), g, layer_gradient)
        assert g is not None, "a network has stages"
        self._maps.clear()
        weight = self._network.colour[0]
        return F.conv_transpose2d(g.to(weight.dtype), weight).contiguous()

    def _keep(self, x: Tensor, before: Stage | None, after: Stage | None) -> None:
        """Keep a map between two stages, or only its shape where the gradient of neither needs its values."""
        needed = (before is not None and not self._again(before)) or (after is not None and self._again(after))
        if self._keeps:
            self._maps.append(x if needed else x.new_empty(1).expand(x.shape))

    def _forward(self, stage: Stage, x: Tensor) -> Tensor:
        """The stage's result, N×C×h×w; its layers are shown on the way."""
        results: list[Tensor] = []
        gates: list[list[Gate]] = []
        for strip in self._strips(stage, x):
            gates.append([])
            for name, y in self._convolved(stage, x, strip):
                self._show(Part(name, strip.first, x.shape[2]), strip.cut(y))
                gates[-1] += self._gate(stage, y)
            y = strip.cut(y)
            if stage.pool:
                y = self._network.pool(y)
                self._show(Part(stage.pool, strip.first // 2, -(-x.shape[2] // 2)), y)
            results.append(y)
        if self._keeps:
            self._gates.append(gates)
        return results[0] if len(results) == 1 else torch.cat(results, 2)

    def _convolved(self, stage: Stage, x: Tensor, strip: Strip) -> Iterator[tuple[str, Tensor]]:
        """The results of the stage's convolutions, margins included."""
        y = _rows(x, strip)
        for name in stage.convolutions:
            y = self._network.convolutions[name](y, self._wrap_x, self._wraps(strip, x))
            yield name, y

    def _show(self, part: Part, features: Tensor) -> None:
        if part.layer in self._network.layers:
            self._visit(part, features)

    def _gate(self, stage: Stage, y: Tensor) -> list[Gate]:
        """What is kept of a convolution's result: nothing where it will be computed again."""
        if not self._keeps or self._again(stage):
            return []
        return [partial(_itself, y) if self._strip is None else _packed(y)]

    def _again(self, stage: Stage) -> bool:
        """Whether the stage's strips are computed again for the gradient."""
        inside = self._network.layers & {*stage.convolutions} - {stage.last}
        return self._strip is not None and bool(inside or (stage.pool and self._network.pooling == "max"))

    def _backward(self, stage: Stage, result: Tensor, upstream: Tensor | None, layer_gradient: LayerGradient) -> Tensor:
        """The gradient by the stage's input. upstream: that by its result, without the part of its own last layer."""
        x = self._maps[-1]
        total = None
        for strip, gates in zip(self._strips(stage, x), self._gates.pop(), strict=True):
            rows = slice(strip.first // 2, -(-strip.end // 2)) if stage.pool else slice(strip.first, strip.end)
            y = result[:, :, rows]
            if self._again(stage):
                gates = [partial(_itself, y) for _, y in self._convolved(stage, x, strip)]
                y = strip.cut(gates[-1]())
                y = self._network.pool(y) if stage.pool else y
            g = torch.zeros_like(y) if upstream is None else upstream[:, :, rows]
            if stage.last in self._network.layers:
                g = g + layer_gradient(Part(stage.last, rows.start, result.shape[2]), y)
            if stage.pool:
                g = self._unpooled(g, strip, x.shape[3], gates[-1])
            g = self._through(stage, x, strip, gates, _framed(g, strip), layer_gradient)
            if strip.is_whole(x):
                return g
            total = torch.zeros_like(x, memory_format=torch.channels_last) if total is None else total
            _add_rows(total, strip, g)
        assert total is not None
        return total

    def _unpooled(self, g: Tensor, strip: Strip, width: int, gate: Gate) -> Tensor:
        """The gradient by the pooling's input, `width` columns wide. gate: of that input, for max pooling."""
        if self._network.pooling == "max":
            with torch.enable_grad():
                y = strip.cut(gate()).detach().requires_grad_()
                return torch.autograd.grad(self._network.pool(y), y, g)[0]
        shape = (*g.shape[:2], strip.end - strip.first, width)
        like = torch.empty(shape, dtype=g.dtype, device=g.device, memory_format=torch.channels_last)  # not read
        of_input: Tensor = torch.ops.aten.avg_pool2d_backward(g, like, [2, 2], [2, 2], [0, 0], True, True, None)
        return of_input

    def _through(
        self, stage: Stage, x: Tensor, strip: Strip, gates: list[Gate], g: Tensor, layer_gradient: LayerGradient
    ) -> Tensor:
        """The gradient by a strip of the stage's input, from that by the result of its last convolution."""
        for name, gate in zip(reversed(stage.convolutions), reversed(gates), strict=True):
            y = gate()
            if name in self._network.layers and name != stage.last:
                g = g + _framed(layer_gradient(Part(name, strip.first, x.shape[2]), strip.cut(y)), strip)
            g = self._network.convolutions[name].gradient(g, y, self._wrap_x, self._wraps(strip, x))
        return g

    def _strips(self, stage: Stage, x: Tensor) -> Iterator[Strip]:
        """What a stage's input is cut into: an even number of rows each, but for the last."""
        height, reach = x.shape[2], len(stage.convolutions)
        channels = max(len(self._network.convolutions[name].bias) for name in stage.convolutions)
        rows = (
            height
            if self._strip is None
            else max(2, self._strip // (channels * x.shape[3] * x.element_size()) // 2 * 2)
        )
        if rows + 2 * reach >= height:
            yield Strip(0, height)
            return
        for first in range(0, height, rows):
            end = min(first + rows, height)
            above, below = (reach, reach) if self._wrap_y else (min(reach, first), min(reach, height - end))
            yield Strip(first, end, above, below)

    def _wraps(self, strip: Strip, x: Tensor) -> bool:
        """Whether the strip is the whole of a picture whose rows are periodic."""
        return self._wrap_y and strip.is_whole(x)


def _stages(sequence: list[str]) -> Iterator[Stage]:
    convolutions: list[str] = []
    for name in sequence:
        if name.startswith("pool"):
            yield Stage(tuple(convolutions), name)
            convolutions = []
        else:
            convolutions.append(name)
    if convolutions:
        yield Stage(tuple(convolutions), None)


def _rows(x: Tensor, strip: Strip) -> Tensor:
    """The strip's rows of N×C×H×W with its margins; rows beyond the border wrap around."""
    first, end, height = strip.first - strip.above, strip.end + strip.below, x.shape[2]
    if first >= 0 and end <= height:
        return x[:, :, first:end]
    return torch.cat((x[:, :, first:], x[:, :, : end % height]), 2)


def _add_rows(total: Tensor, strip: Strip, g: Tensor) -> None:
    """Add to N×C×H×W what a strip has of it; the converse of `_rows`."""
    first, height = strip.first - strip.above, total.shape[2]
    before, inside = max(0, -first), min(height, first + g.shape[2])
    total[:, :, max(0, first) : inside] += g[:, :, before : before + inside - max(0, first)]
    if before:
        total[:, :, -before:] += g[:, :, :before]
    if after := first + g.shape[2] - inside:
        total[:, :, :after] += g[:, :, -after:]


def _framed(g: Tensor, strip: Strip) -> Tensor:
    """Zeros for the rows that do not count: the converse of `Strip.cut`."""
    return F.pad(g, (0, 0, strip.above, strip.below)) if strip.above or strip.below else g


def _itself(y: Tensor) -> Tensor:
    return y


def _packed(y: Tensor) -> Gate:
    """Whether each value of N×C×H×W is positive, in a bit each; on a GPU in a byte."""
    positive = (y > 0).contiguous(memory_format=torch.channels_last)
    if y.device.type != "cpu":
        return partial(_itself, positive)
    nhwc = positive.permute(0, 2, 3, 1)
    return partial(_unpacked, np.packbits(nhwc.numpy()), nhwc.shape)


def _unpacked(bits: NDArray[np.uint8], shape: torch.Size) -> Tensor:
    """N×C×H×W, boolean and channels last, from the shape N×H×W×C in which the bits lie."""
    values = np.unpackbits(bits, count=shape.numel()).view(np.bool_)
    return torch.from_numpy(values).view(shape).permute(0, 3, 1, 2)
