"""How a picture is seen where patches of its feature maps are compared: no frame of zeros, whole and cut cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.maps import Maps
from texture.losses.objective import Features

if TYPE_CHECKING:
    from texture.features.strips import Part
    from texture.features.vgg import VGG

# Pixels that a picture goes on, mirrored, where it does not wrap: they keep the network's zeros out of its patches.
MARGIN = 16


@dataclass(frozen=True)
class View:
    """Of pictures of one size, height and width, that wrap along the axes of `tile`.

    sides: of a cell of each layer, in pixels.
    """

    network: VGG
    sides: Mapping[str, int]
    size: tuple[int, int]
    tile: str

    def cells(self, layer: str) -> tuple[int, int]:
        """How many cells a picture has down and across; where a side leaves a rest, that makes one."""
        height, width = (-(-side // self.sides[layer]) for side in self.size)
        return height, width

    def __call__(self, image: Tensor) -> Features:
        """Feature maps of 3×H×W."""
        found = self.network(self.framed(image), self.tile)
        return {layer: features[self.inside(layer)] for layer, features in found.items()}

    def maps(self, image: Tensor, layers: Collection[str]) -> Features:
        """The same of some layers, of a picture of any size, in bounded memory. Has no gradient."""
        maps = Maps(layers)
        self.network.evaluate(self.framed(image), self.tile, maps.visit, keep=False)
        return {layer: maps.found[layer][self.inside(layer)] for layer in layers}

    def framed(self, image: Tensor) -> Tensor:
        """3×H×W as the network is given it: mirrored beyond a border where it does not wrap, as the exemplar is."""
        return F.pad(image[None], self._sides(), mode="reflect")

    def unframed(self, gradient: Tensor, image: Tensor) -> Tensor:
        """The gradient by 3×H×W from that by what `framed` makes of it."""
        found: Tensor = torch.ops.aten.reflection_pad2d_backward(gradient, image[None], self._sides())
        return found[0]

    def inside(self, layer: str) -> tuple[slice, slice, slice, slice]:
        """Which cells of that layer, N×C×H×W, are the picture's own."""
        height, width = self.cells(layer)
        across, _, down, _ = self._sides()
        top, left = down // self.sides[layer], across // self.sides[layer]
        return slice(None), slice(None), slice(top, top + height), slice(left, left + width)

    def part_inside(self, part: Part, features: Tensor) -> tuple[int, Tensor]:
        """Of some rows of a layer, N×C×rows×W, those that are the picture's own, and the number of the first."""
        _, _, rows, columns = self.inside(part.layer)
        first, end = max(rows.start, part.first), min(rows.stop, part.first + features.shape[2])
        here = slice(first - part.first, max(first, end) - part.first)
        return first - rows.start, features[:, :, here, columns]

    def _sides(self) -> list[int]:
        """Pixels that are added left, right, above and below."""
        step = max(self.sides.values())
        down, across = (
            0 if wraps else min(MARGIN, side - 1) // step * step
            for side, wraps in zip(self.size, (self.tile in ("y", "both"), self.tile in ("x", "both")), strict=True)
        )
        return [across, across, down, down]
