"""The objective of CNNMRF (Li & Wand 2016, equation 1): an exemplar's patches, a content's features, smoothness."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.device import returned_once_freed
from texture.losses.objective import Features, SquaredDistance, SumOfParts, judged, mirrored_maps
from texture.losses.patches import Grid, Patches, Position
from texture.losses.variation import total_variation, variation_gradient
from texture.losses.view import View

if TYPE_CHECKING:
    from texture.features.strips import Part
    from texture.features.vgg import VGG

SMALLEST = 1e-12  # least normaliser of a term: an exemplar may be flat
WHOLE = 3 * 2**19  # pixels of a picture of which what its patches come to is kept
BAND = 2**25  # bytes, in float32, of what they come to that are worked on at a time in a larger one

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
    """What a layer is to become, what its distance from its patches is beyond that, and the unit of both.

    shape: C, H and W. rows: makes rows first … end - 1 of it, C×rows×W, in float32 at least.
    """

    shape: tuple[int, int, int]
    rows: Callable[[int, int], Tensor]
    variance: Tensor
    unit: Tensor

    @property
    def mean(self) -> Tensor:
        """All of it, C×H×W."""
        return self.rows(0, self.shape[1])


class TargetDistance(SquaredDistance):
    """Σ w·d / Σ w over layers, d the mean squared distance from what covers a cell, in units; a `Distance`.

    weights: w by layer. targets: by layer, of pictures as `view` sees them. factor: what all of it counts for.
    """

    def __init__(self, view: View, weights: Layers, targets: Mapping[str, Target], factor: float = 1.0) -> None:
        super().__init__(weights)
        self._view, self._targets = view, targets
        self._factor = factor / sum(weights.values())

    def loss(self) -> Tensor:
        """A scalar."""
        terms = []
        for layer, weight in self._weights.items():
            target = self._targets[layer]
            distance = self._squares[layer] / math.prod(target.shape) + target.variance
            terms.append(weight * self._factor * distance / target.unit)
        return torch.stack(terms).sum()

    def gradient(self, part: Part, features: Tensor) -> Tensor | None:
        """Of a part, N×C×rows×W; None of a layer without a weight."""
        if part.layer not in self._weights:
            return None
        target = self._targets[part.layer]
        factor = 2 * self._weights[part.layer] * self._factor / math.prod(target.shape) / target.unit
        g = torch.zeros_like(features)
        self._view.part_inside(part, g)[1].copy_(self._difference(part, features).mul_(factor))
        return g

    def _difference(self, part: Part, features: Tensor) -> Tensor:
        """Of the cells that are the picture's own, 1×C×rows×W."""
        first, inside = self._view.part_inside(part, features)
        if inside.shape[2] == 0:  # a strip of the margin alone: there are no such rows in the target
            return inside.float()
        target = self._targets[part.layer].rows(first, first + inside.shape[2])
        return inside.to(torch.promote_types(inside.dtype, target.dtype)) - target


class MarkovObjective(SumOfParts):
    """Σ w·d / Σ w + content·Σ v·c / Σ v + variation·t, with its gradient.

    d is the mean squared distance of a layer's patches from their matches, c that of its features from the content's,
    t the total variation; each is a share of what the exemplar, or the content, has itself.

    copies: the exemplar, and turned and scaled ones, 3×h×w each. size: height and width of the pictures that are
    judged. tile: the axes along which they wrap. content: of their size. whole: pixels up to which what the patches
    come to is kept; of a larger one it is laid again, some rows at a time. Before a picture can be judged, patches are
    to be matched, or earlier matches laid.
    """

    def __init__(
        self,
        network: VGG,
        weights: Weights,
        sampling: Sampling,
        copies: Sequence[Tensor],
        size: tuple[int, int],
        tile: str,
        content: Tensor | None = None,
        *,
        whole: int = WHOLE,
    ) -> None:
        super().__init__()
        self._whole = whole
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
            self.units = {layer: _mean_square(maps[0][layer]).clamp(min=SMALLEST) for layer in self.patches}
            self.roughness = total_variation(copies[0]).clamp(min=SMALLEST)
            self.content = {} if content is None else self._content(content)

    def _grid(self, layer: str, sampling: Sampling) -> Grid:
        return Grid(*self.view.cells(layer), sampling.size, sampling.stride, self.tile)

    def _inner(self, copy: Tensor) -> Features:
        """C×h×w of whole cells alone, by layer; a finer one with the channels of all its cells in one of `finest`."""
        found = mirrored_maps(self.network, copy, self.ratios)
        maps = {}
        for layer, ratio in self.ratios.items():
            height, width = (length // (ratio * self.sides[layer]) * ratio for length in copy.shape[1:])
            maps[layer] = F.pixel_unshuffle(found[layer][:, :, :height, :width], ratio)[0]
        return maps

    def _content(self, content: Tensor) -> dict[str, Target]:
        zero, targets = content.new_zeros(()), {}
        for layer, features in self.view.maps(content, self.weights.content_layers).items():
            channels, height, width = features.shape[1:]
            power = _mean_square(features).clamp(min=SMALLEST)
            targets[layer] = Target((channels, height, width), partial(_rows_of, features[0]), zero, power)
        return targets

    def match(self, image: Tensor, variety: float = 0.0) -> None:
        """Find the best match of each patch of a picture, as in `Patches.match`; from now on these are what counts."""
        features = self.view.maps(image, self.grids)
        self.lay(
            {
                layer: self.patches[layer].match(features.pop(layer)[0], grid, variety)
                for layer, grid in self.grids.items()
            }
        )

    def lay(self, matches: Mapping[str, Tensor]) -> None:
        """Evaluate with these matches, as `matches` gave them."""
        self.matches = dict(matches)
        self._judged.clear()
        self.targets = {layer: self._target(layer) for layer in self.ratios}

    def _target(self, layer: str) -> Target:
        height, width = self.view.cells(layer)
        shape = (self.patches[layer].cells.shape[1] // self.ratios[layer] ** 2, height, width)
        if self.size[0] * self.size[1] <= self._whole:
            mean, variance = self._laid(layer, 0, height)
            mean = mean[None].contiguous(memory_format=torch.channels_last)[0]
            return Target(shape, partial(_rows_of, mean), variance.mean(), self.units[layer])
        ratio = self.ratios[layer]
        band = max(1, BAND // (4 * shape[0] * width * ratio)) * ratio
        with returned_once_freed():
            spread = [self._laid(layer, top, min(top + band, height))[1].sum() for top in range(0, height, band)]
        variance = torch.stack(spread).sum() / math.prod(shape)
        matched = self._matched(layer)
        means = self.patches[layer].means(self.matches[matched], self.grids[matched])
        return Target(shape, lambda first, end: self._finer(layer, means, first, end), variance, self.units[layer])

    def _matched(self, layer: str) -> str:
        """The layer whose matches hold for it."""
        return layer if layer in self.matches else self.finest

    def _laid(self, layer: str, first: int, end: int) -> tuple[Tensor, Tensor]:
        """What the matches come to at a layer: mean and variance of what covers each cell of these rows, C×rows×W."""
        matched = self._matched(layer)
        lay = partial(self.patches[layer].lay, self.matches[matched], self.grids[matched])
        mean, variance = self._finer(layer, lambda first, end: torch.stack(lay(first, end)), first, end)
        return mean, variance

    def _finer(self, layer: str, coarse: Callable[[int, int], Tensor], first: int, end: int) -> Tensor:
        """Some rows of a layer, …×C×rows×W, from what gives rows in which one cell has the channels of `ratio`²."""
        ratio = self.ratios[layer]
        top, width = first // ratio, self.view.cells(layer)[1]
        found = F.pixel_shuffle(coarse(top, -(-end // ratio)), ratio)
        return found[..., first - top * ratio : end - top * ratio, :width]

    def _judge(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        weights = self.weights
        distances = {"style": TargetDistance(self.view, {**weights.layers, **weights.detail}, self.targets)}
        if self.content:
            layers = weights.content_layers
            distances["content"] = TargetDistance(self.view, layers, self.content, weights.content)
        losses, gradient = judged(self.network, self.view.framed(image), self.tile, list(distances.values()))
        parts, total = dict(zip(distances, losses, strict=True)), self.view.unframed(gradient, image)
        if weights.variation:
            factor = weights.variation / self.roughness
            variation, further = variation_gradient(image, self.tile)
            parts["variation"] = factor * variation
            total += further.mul_(factor)
        return parts, total

    def origins(self) -> Position:
        """Where the patch around each cell of the finest of `layers` was taken from: H×W of that layer."""
        rows, columns = self.grids[self.finest].centred()
        return self.patches[self.finest].place(self.matches[self.finest][rows][:, columns])


def _rows_of(features: Tensor, first: int, end: int) -> Tensor:
    return features[:, first:end].float()


def _mean_square(features: Tensor) -> Tensor:
    return features.float().square().mean()
