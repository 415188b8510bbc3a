"""Feature maps that are kept whole, of those that come part by part."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from texture.features.strips import Part


class Maps:
    """Feature maps N×C×H×W of some layers, put together from their parts; and of all that come the height and width."""

    def __init__(self, layers: Collection[str]) -> None:
        self._layers = layers
        self.found: dict[str, Tensor] = {}
        self.sizes: dict[str, torch.Size] = {}

    def visit(self, part: Part, features: Tensor) -> None:
        """A `Visit`."""
        n, c, rows, width = features.shape
        self.sizes[part.layer] = torch.Size((part.height, width))
        if part.layer not in self._layers:
            return
        if part.layer not in self.found:
            self.found[part.layer] = features.new_empty((n, part.height, width, c)).permute(0, 3, 1, 2)
        self.found[part.layer][:, :, part.first : part.first + rows] = features
