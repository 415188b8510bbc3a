"""How a picture is seen where patches of its feature maps are compared: no frame of zeros, whole and cut cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from texture.losses.objective import Features, Network

# Pixels that a picture goes on, mirrored, where it does not wrap: they keep the network's zeros out of its patches.
MARGIN = 16


@dataclass(frozen=True)
class View:
    """Of pictures of one size, height and width, that wrap along the axes of `tile`.

    sides: of a cell of each layer, in pixels.
    """

    network: Network
    sides: Mapping[str, int]
    size: tuple[int, int]
    tile: str

    def cells(self, layer: str) -> tuple[int, int]:
        """How many cells a picture has down and across; where a side leaves a rest, that makes one."""
        height, width = (-(-side // self.sides[layer]) for side in self.size)
        return height, width

    def __call__(self, image: Tensor) -> Features:
        """Feature maps of 3×H×W; where it does not wrap it is mirrored beyond its border, as the exemplar is."""
        step = max(self.sides.values())
        down, across = (
            0 if wraps else min(MARGIN, side - 1) // step * step
            for side, wraps in zip(self.size, (self.tile in ("y", "both"), self.tile in ("x", "both")), strict=True)
        )
        found = self.network(F.pad(image[None], (across, across, down, down), mode="reflect"), self.tile)
        return {layer: self._cut(features, layer, down, across) for layer, features in found.items()}

    def _cut(self, features: Tensor, layer: str, down: int, across: int) -> Tensor:
        height, width = self.cells(layer)
        top, left = down // self.sides[layer], across // self.sides[layer]
        return features[:, :, top : top + height, left : left + width]
