"""The objective of CNNMRF (Li & Wand 2016, equation 1): an exemplar's patches, a content's features, smoothness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.objective import Features, Network, SumOfParts, descend_parts, mirrored
from texture.losses.patches import Grid, Patches, Position
from texture.losses.variation import total_variation
from texture.losses.view import View

SMALLEST = 1e-12  # least normaliser of a term: an exemplar may be flat

Layers = Mapping[str, float]


@dataclass(frozen=True)
class Weights:
    """The weight of each term, and of each layer within it.

    layers: those whose patches are matched. detail: those, no coarser than the finest of `layers`, whose patches come
    from where it found its matches.
    """

    layers: Layers
    detail: Layers = field(default_factory=dict)
    content: float = 0.0
    content_layers: Layers = field(default_factory=dict)
    variation: float = 0.0


@dataclass(frozen=True)
class Sampling:
    """Patch size, stride and the exemplar's stride, all in cells.

    sides: of a cell of each layer, in pixels.
    """

    size: int
    stride: int
    exemplar_stride: int
    sides: Mapping[str, int]


@dataclass(frozen=True)
class Target:
    """What a layer is to become, C×H×W, what its distance from its patches is beyond that, and the unit of both."""

    mean: Tensor
    variance: Tensor
    unit: Tensor

    def distance(self, features: Tensor) -> Tensor:
        """Mean squared distance of a map, C×H×W, from the patches that cover it, in units: a scalar."""
        return ((features.float() - self.mean).square().mean() + self.variance) / self.unit


class MarkovObjective(SumOfParts):
    """Σ w·d / Σ w + content·Σ v·c / Σ v + variation·t, with its gradient.

    d is the mean squared distance of a layer's patches from their matches, c that of its features from the content's,
    t the total variation; each is a share of what the exemplar, or the content, has itself.

    copies: the exemplar, and turned and scaled ones, 3×h×w each. size: height and width of the pictures that are
    judged. tile: the axes along which they wrap. content: of their size. Before a picture can be judged, patches are to
    be matched, or earlier matches laid.
    """

    def __init__(
        self,
        network: Network,
        weights: Weights,
        sampling: Sampling,
        copies: Sequence[Tensor],
        size: tuple[int, int],
        tile: str,
        content: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.network, self.weights, self.tile, self.sides = network, weights, tile, sampling.sides
        self.size, self.view = size, View(network, sampling.sides, size, tile)
        self.finest = min(weights.layers, key=sampling.sides.__getitem__)
        side = sampling.sides[self.finest]
        self.ratios = dict.fromkeys(weights.layers, 1) | {layer: side // self.sides[layer] for layer in weights.detail}
        self.grids = {layer: self._grid(layer, sampling) for layer in weights.layers}
        self.matches: dict[str, Tensor] = {}
        self.targets: dict[str, Target] = {}
        with torch.no_grad():
            maps = [self._inner(copy) for copy in copies]
            self.patches = {
                layer: Patches([found[layer] for found in maps], sampling.size, sampling.exemplar_stride)
                for layer in self.ratios
            }
            self.units = {layer: _power(maps[0][layer]) for layer in self.patches}
            self.roughness = total_variation(copies[0]).clamp(min=SMALLEST)
            self.content = {} if content is None else self._content(content)

    def _grid(self, layer: str, sampling: Sampling) -> Grid:
        return Grid(*self.view.cells(layer), sampling.size, sampling.stride, self.tile)

    def _inner(self, copy: Tensor) -> Features:
        """C×h×w of whole cells alone, by layer; a finer one with the channels of all its cells in one of `finest`."""
        found = mirrored(self.network, copy)
        maps = {}
        for layer, ratio in self.ratios.items():
            height, width = (length // (ratio * self.sides[layer]) * ratio for length in copy.shape[1:])
            maps[layer] = F.pixel_unshuffle(found[layer][:, :, :height, :width], ratio)[0]
        return maps

    def _content(self, content: Tensor) -> dict[str, Target]:
        features = self.view(content)
        zero = content.new_zeros(())
        return {
            layer: Target(features[layer][0].float(), zero, _power(features[layer]))
            for layer in self.weights.content_layers
        }

    def match(self, image: Tensor, variety: float = 0.0) -> None:
        """Find the best match of each patch of a picture, as in `Patches.match`; from now on these are what counts."""
        with torch.no_grad():
            features = self.view(image)
            self.lay(
                {
                    layer: self.patches[layer].match(features[layer][0], grid, variety)
                    for layer, grid in self.grids.items()
                }
            )

    def lay(self, matches: Mapping[str, Tensor]) -> None:
        """Evaluate with these matches, as `matches` gave them."""
        self.matches = dict(matches)
        self._judged.clear()
        self.targets = {layer: self._target(layer) for layer in self.ratios}

    def _target(self, layer: str) -> Target:
        matched = layer if layer in self.matches else self.finest
        height, width = self.view.cells(layer)
        mean, variance = (
            F.pixel_shuffle(part[None], self.ratios[layer])[:, :, :height, :width]
            for part in self.patches[layer].lay(self.matches[matched], self.grids[matched])
        )
        return Target(mean.contiguous(memory_format=torch.channels_last)[0], variance.mean(), self.units[layer])

    def _judge(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        return descend_parts(self._parts, image)

    def _parts(self, image: Tensor) -> dict[str, Tensor]:
        features, weights = self.view(image), self.weights
        parts = {"style": _weighted({**weights.layers, **weights.detail}, self.targets, features)}
        if self.content:
            parts["content"] = weights.content * _weighted(weights.content_layers, self.content, features)
        if weights.variation:
            parts["variation"] = weights.variation * total_variation(image, self.tile) / self.roughness
        return parts

    def origins(self) -> Position:
        """Where the patch around each cell of the finest of `layers` was taken from: H×W of that layer."""
        rows, columns = self.grids[self.finest].centred()
        return self.patches[self.finest].place(self.matches[self.finest][rows][:, columns])


def _weighted(weights: Layers, targets: Mapping[str, Target], features: Features) -> Tensor:
    terms = [weight * targets[layer].distance(features[layer][0]) for layer, weight in weights.items()]
    return torch.stack(terms).sum() / sum(weights.values())


def _power(features: Tensor) -> Tensor:
    return features.float().square().mean().clamp(min=SMALLEST)
