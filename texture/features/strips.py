"""What VGG sees in a picture of any size, exactly, without keeping its feature maps.

The network is taken in stages, each of which ends with a pooling. A stage runs over its input in strips of rows. A
strip has as many rows more, above and below, as the stage's convolutions can see, and what they make of these is cut
off. Kept are of each value behind a ReLU one bit, whether it is positive, and of each that max pooling chose two, which
of four it was. From these comes the gradient, stage by stage and strip by strip, back to the picture. Only where
somebody looks at a layer inside a stage is the stage's input kept, and the strip computed again up to that layer. The
gradient by a map is written over the map, so that the way back takes no more memory than the way there. A small picture
is one strip, of which all is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.device import return_freed_memory, returned_once_freed
from texture.features.layers import WHOLE
from texture.features.pooling import POOLINGS, Unpool, itself, packed

if TYPE_CHECKING:
    from texture.features.vgg import VGG

STRIP = 2**25  # bytes of a feature map that are worked on at a time, where that is enough rows
ROWS = 16  # of a strip at least, for each row of its margin


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


class Kept(NamedTuple):
    """Of a strip: the gates of the convolutions that are not computed again, and the way back through the pooling."""

    gates: list[Gate]
    unpool: Unpool | None


class Written:
    """The gradient by a map, N×C×H×W, written over it: each row once nothing will be added to it, and its own value is
    no longer needed.

    map: what is overwritten. reach: rows that a strip's margin has. complete: what is written to some rows, given
    the number of the first and the sum of what was added. Strips come from the first to the last.
    """

    def __init__(self, map: Tensor, reach: int, complete: Callable[[int, Tensor], Tensor]) -> None:
        self.map, self._reach, self._complete = map, reach, complete
        self._open: Tensor | None = None  # rows that the next strip adds to
        self._edge: Tensor | None = None  # on a torus: of the first strip, `reach` rows on either side of the edge

    def add(self, strip: Strip, g: Tensor) -> None:
        """What a strip comes to, margins included. Takes g for itself."""
        height, reach, first = self.map.shape[2], self._reach, strip.first - strip.above
        if self._open is not None:
            g[:, :, : self._open.shape[2]] += self._open
        done = strip.end + strip.below if strip.end == height else strip.end - reach
        final, self._open = g[:, :, : done - first], g[:, :, done - first :].clone()
        if first < 0:
            self._edge, final, first = final[:, :, : 2 * reach].clone(), final[:, :, 2 * reach :], reach
        if done > height and self._edge is not None:
            final[:, :, -2 * reach :] += self._edge
            self._write(0, final[:, :, -reach:])
            final = final[:, :, :-reach]
        self._write(first, final)

    def _write(self, first: int, g: Tensor) -> None:
        self.map[:, :, first : first + g.shape[2]] = self._complete(first, g)


class Evaluation:
    """The network's forward pass over a picture, N×3×H×W with RGB in 0..1; `gradient` is its backward pass.

    wrap: the axes that are periodic: none, x, y or both. visit: is given each of the network's layers, part by part.
    keep: whether there will be a backward pass. whole: pixels up to which a picture is not cut, WHOLE where it is None;
    strip: bytes of a picture's feature map that are worked on at a time where it is; rows: as `ROWS` has it.
    """

    def __init__(
        self,
        network: VGG,
        image: Tensor,
        wrap: str,
        visit: Visit,
        *,
        keep: bool = True,
        whole: int | None = None,
        strip: int = STRIP,
        rows: int = ROWS,
    ) -> None:
        self._network, self._wrap_x, self._wrap_y = network, wrap in ("x", "both"), wrap in ("y", "both")
        whole = 2 * WHOLE // network.dtype.itemsize if whole is None else whole
        self._strip = strip if image.shape[2] * image.shape[3] > whole else None
        self._rows = rows
        self._visit, self._keeps = visit, keep
        self._stages = list(_stages(network.sequence))
        self._kept: list[list[Kept]] = []  # of each stage and strip
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
        g = self._of_last_map(layer_gradient)
        for before, stage in reversed(list(zip([None, *self._stages], self._stages, strict=False))):
            g = self._backward(stage, before, self._maps.pop(), g, layer_gradient)
        return self._network.preprocessed_gradient(g)

    def _keep(self, x: Tensor, before: Stage | None, after: Stage | None) -> None:
        """Keep a map between two stages, or only its shape where the gradient needs no values of it."""
        seen = before is not None and before.last in self._network.layers
        needed = seen or (after is not None and self._again(after))
        if self._keeps:
            self._maps.append(x if needed else x.new_empty(x.shape, device="meta"))

    def _forward(self, stage: Stage, x: Tensor) -> Tensor:
        """The stage's result, N×C×h×w; its layers are shown on the way."""
        result = torch.empty(0)
        kept: list[Kept] = []
        for strip in self._strips(stage, x):
            gates: list[Gate] = []
            for number, (name, y) in enumerate(self._convolved(stage, x, strip)):
                self._show(Part(name, strip.first, x.shape[2]), strip.cut(y))
                if self._keeps and number >= self._again(stage):
                    gates.append(self._gate(y))
            y, unpool = strip.cut(y), None
            if stage.pool:
                y, unpool = self._pooled(y)
                self._show(Part(stage.pool, strip.first // 2, -(-x.shape[2] // 2)), y)
            kept.append(Kept(gates, unpool))
            if strip.is_whole(x):
                result = y
                break
            if strip.first == 0:
                height = -(-x.shape[2] // 2) if stage.pool else x.shape[2]
                result = _map(torch.Size((*y.shape[:2], height, y.shape[3])), y)
            first = strip.first // 2 if stage.pool else strip.first
            result[:, :, first : first + y.shape[2]] = y
        self._after_stage()
        if self._keeps:
            self._kept.append(kept)
        return result

    def _convolved(self, stage: Stage, x: Tensor, strip: Strip) -> Iterator[tuple[str, Tensor]]:
        """The results of the stage's convolutions, margins included."""
        y = _rows(x, strip)
        for name in stage.convolutions:
            y = self._network.convolutions[name](y, self._wrap_x, self._wraps(strip, x))
            yield name, y

    def _show(self, part: Part, features: Tensor) -> None:
        if part.layer in self._network.layers:
            self._visit(part, features)

    def _pooled(self, y: Tensor) -> tuple[Tensor, Unpool | None]:
        if not self._keeps:
            return self._network.pool(y), None
        return POOLINGS[self._network.pooling](y, self._strip is not None)

    def _gate(self, y: Tensor) -> Gate:
        """What is kept of a convolution's result."""
        return partial(itself, y) if self._strip is None else packed(y > 0)

    def _again(self, stage: Stage) -> int:
        """How many of the stage's convolutions are computed again for the gradient."""
        if self._strip is None:
            return 0
        inside = self._network.layers - {stage.last}
        return max((number for number, name in enumerate(stage.convolutions, 1) if name in inside), default=0)

    def _of_last_map(self, layer_gradient: LayerGradient) -> Tensor:
        """The gradient by what the last stage makes, in whose place it is unless the picture is not cut."""
        y, layer = self._maps.pop(), self._stages[-1].last
        if self._strip is None:
            return layer_gradient(Part(layer, 0, y.shape[2]), y)
        rows = max(1, self._strip // (y.shape[1] * y.shape[3] * y.element_size()))
        for first in range(0, y.shape[2], rows):
            part = y[:, :, first : first + rows]
            part.copy_(layer_gradient(Part(layer, first, y.shape[2]), part))
        return y

    def _backward(
        self, stage: Stage, before: Stage | None, x: Tensor, upstream: Tensor, layer_gradient: LayerGradient
    ) -> Tensor:
        """The gradient by the stage's input, x, from that by its result. before: the stage that made x."""
        seen = before is not None and before.last in self._network.layers

        def with_own(first: int, g: Tensor) -> Tensor:
            """The gradient by some rows of x, from what goes on through the stage, and from being looked at itself."""
            if before is not None and seen:
                g += layer_gradient(Part(before.last, first, x.shape[2]), x[:, :, first : first + g.shape[2]])
            return g

        written = Written(_map(x.shape, upstream) if x.is_meta else x, len(stage.convolutions), with_own)
        for strip, kept in zip(self._strips(stage, x), self._kept.pop(), strict=True):
            rows = slice(strip.first // 2, -(-strip.end // 2)) if stage.pool else slice(strip.first, strip.end)
            g = self._through(stage, x, strip, kept, upstream[:, :, rows], layer_gradient)
            if strip.is_whole(x):
                return with_own(0, g)
            written.add(strip, g)
        self._after_stage()
        return written.map

    def _through(
        self, stage: Stage, x: Tensor, strip: Strip, kept: Kept, g: Tensor, layer_gradient: LayerGradient
    ) -> Tensor:
        """The gradient by a strip of the stage's input, margins included, from that by its result."""
        if kept.unpool:
            g = kept.unpool(g)
        g = _framed(g, strip)
        again = islice(self._convolved(stage, x, strip), self._again(stage))
        gates: list[Gate] = [*(partial(itself, y) for _, y in again), *kept.gates]
        for name in reversed(stage.convolutions):
            y = gates.pop()()
            if name in self._network.layers and name != stage.last:
                strip.cut(g).add_(layer_gradient(Part(name, strip.first, x.shape[2]), strip.cut(y)))
            g = self._network.convolutions[name].gradient(g, y, self._wrap_x, self._wraps(strip, x))
        return g

    def _after_stage(self) -> None:
        """Give back the holes that strips of one size leave, into which those of the next stage do not fit."""
        if self._strip is not None and self._network.colour[0].device.type == "cpu":
            return_freed_memory()

    def _strips(self, stage: Stage, x: Tensor) -> Iterator[Strip]:
        """What a stage's input is cut into: an even number of rows each, but for the last."""
        height, reach = x.shape[2], len(stage.convolutions)
        channels = max(len(self._network.convolutions[name].bias) for name in stage.convolutions)
        rows = (
            height
            if self._strip is None
            else max(self._rows * reach, self._strip // (channels * x.shape[3] * x.element_size()) // 2 * 2)
        )
        if rows + 2 * reach >= height:
            yield Strip(0, height)
            return
        starts = [first for first in range(0, height, rows) if not first or height - first >= reach]
        for first, end in pairwise([*starts, height]):
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


def _map(shape: torch.Size, like: Tensor) -> Tensor:
    """Room for N×C×H×W, channels last.

    On the processor it is given back to the system as soon as it is let go of: beside strips and pictures, in the heap,
    a large map would leave holes that none of them fills.
    """
    with returned_once_freed():
        return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def _framed(g: Tensor, strip: Strip) -> Tensor:
    """Zeros for the rows that do not count: the converse of `Strip.cut`."""
    return F.pad(g, (0, 0, strip.above, strip.below)) if strip.above or strip.below else g
