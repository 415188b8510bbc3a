"""The guided correspondence distance (Zhou et al., CVPR 2023, section 3), without its guidance terms.

Each patch of the result is to be much closer to one patch of the exemplar than to all others. With d the distance to
each candidate, (1 − cos)/2 of features less the exemplar's mean plus a penalty on what is used often, and d' the least,
a patch costs −log of the largest of the weights exp((1 − d/(d' + ε))/h) / Σ exp((1 − d/(d' + ε))/h). The loss is the
mean over patches, summed over the layers.

The paper compares with all patches in each step. Those far away hardly count: here the nearest few of a matching stay
the candidates until the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.objective import descend, mirrored
from texture.losses.patches import CLOSEST, Grid, Position, nearest
from texture.losses.view import View

BLOCK = 1 << 24  # distances that are held at one time in a matching: 64 MiB


@dataclass(frozen=True)
class Correspondence:
    """The parameters of the distance.

    patch: side of a patch in cells; stride: between patches, in cells. most: rows and columns of patches that are
    sampled at most. candidates: nearest neighbours that each patch is compared with. bandwidth: h; the smaller, the
    more only the nearest counts. uniformity: added to d each time that a patch of the exemplar was the nearest,
    relative to its fair share.
    """

    patch: int
    stride: int
    most: int
    candidates: int
    bandwidth: float
    uniformity: float


class Source:
    """The patches of an exemplar's layer: 1×C×h×w, of which some rows and columns at most are drawn."""

    def __init__(self, features: Tensor, how: Correspondence, random: torch.Generator) -> None:
        height, width = features.shape[2:]
        self.rows, self.columns = sampled(Grid(height, width, how.patch, how.stride), how.most, random)
        self.mean = features.float().mean((0, 2, 3))
        self.patches = F.normalize(cut(self.centred(features), self.rows, self.columns, how.patch))

    def centred(self, features: Tensor) -> Tensor:
        """Feature maps 1×C×H×W less the exemplar's mean, cell by cell: H×W×C, float32."""
        return features[0].permute(1, 2, 0).float() - self.mean

    def nearest(self, patches: Tensor, penalty: Tensor, count: int) -> Tensor:
        """Of each of n×D patches the `count` with the least distance and penalty, nearest first: n×count."""
        found = []
        for block in torch.split(patches, max(1, BLOCK // len(self.patches))):
            distances = penalty - F.normalize(block) @ self.patches.T / 2
            found.append(distances.topk(min(count, len(self.patches)), largest=False).indices)
        return torch.cat(found)


def sampled(grid: Grid, most: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """The upper rows and left columns of a grid's patches, in their order: all, or at most so many of each."""
    rows, columns = (
        starts if len(starts) <= most else starts[torch.randperm(len(starts), generator=random)[:most].sort().values]
        for starts in (grid.rows, grid.columns)
    )
    return rows, columns


def cut(cells: Tensor, rows: Tensor, columns: Tensor, size: int) -> Tensor:
    """Patches of H×W×C from each of these rows and columns on, round the edge where it is beyond: n×(size·size·C)."""
    patches: Tensor = _Cut.apply(cells, rows, columns, size)  # type: ignore[no-untyped-call]
    return patches


class _Cut(torch.autograd.Function):
    """`cut`, with a gradient that is summed in one order, whatever the device."""

    @staticmethod
    def forward(ctx: Any, cells: Tensor, rows: Tensor, columns: Tensor, size: int) -> Tensor:
        ctx.save_for_backward(rows, columns)
        ctx.shape, ctx.size = cells.shape, size
        for axis, starts in enumerate((rows, columns)):
            reached = (starts[:, None] + torch.arange(size)) % cells.shape[axis]
            cells = cells.index_select(axis, reached.flatten().to(cells.device))
        parts = cells.view(len(rows), size, len(columns), size, -1)
        return parts.permute(0, 2, 1, 3, 4).reshape(len(rows) * len(columns), -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (rows, columns), size = ctx.saved_tensors, ctx.size
        height, width, channels = ctx.shape
        parts = gradients[0].view(len(rows), len(columns), size, size * channels)
        strips = _laid(parts.transpose(1, 2), rows, height).view(height, len(columns), size, channels)
        return _laid(strips.permute(1, 2, 0, 3), columns, width).transpose(0, 1), None, None, None


def _laid(parts: Tensor, starts: Tensor, length: int) -> Tensor:
    """Sum of what lies at each cell of a line: n×size×…, in which those of one n lie from a start on, to length×…."""
    total = parts.new_zeros(length, *parts.shape[2:])
    for step in range(parts.shape[1]):
        total.index_add_(0, ((starts + step) % length).to(total.device), parts[:, step])
    return total


class _Products(torch.autograd.Function):
    """Inner products of n×D patches with n×k of m×D others: n×k. No copy of the n·k patches is made."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, others: Tensor, names: Tensor) -> Tensor:
        ctx.save_for_backward(others, names)
        starts = torch.arange(0, names.numel(), names.shape[1], device=names.device)
        bags = torch.arange(len(names), device=names.device).repeat_interleave(names.shape[1])
        products: Tensor = torch.ops.aten._embedding_bag_per_sample_weights_backward(
            patches.contiguous(), others, names.flatten(), starts, bags, 0
        )
        return products.view(names.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        others, names = ctx.saved_tensors
        slope = F.embedding_bag(names, others, per_sample_weights=gradients[0].contiguous(), mode="sum")
        return slope, None, None


def correspondence_loss(
    patches: Tensor, source: Tensor, candidates: Tensor, penalty: Tensor, bandwidth: float
) -> Tensor:
    """The mean of −log of the largest weight of n×D patches: a scalar from 0 to log k.

    source: m×D, each of unit length. candidates: which of them, n×k. penalty: what is added to the distance, m.
    """
    lengths = torch.linalg.vector_norm(patches, dim=1).clamp(min=1e-12)
    products: Tensor = _Products.apply(patches, source, candidates)  # type: ignore[no-untyped-call]
    distances = (1 - products / lengths[:, None]) / 2 + penalty[candidates]
    shares = distances / (distances.amin(1, keepdim=True) + CLOSEST)
    return -F.log_softmax((1 - shares) / bandwidth, dim=1).amax(1).mean()


class CorrespondenceObjective:
    """Σ w·loss over layers, with its gradient, for pictures that are seen through `view`.

    exemplar: 3×H×W. Before a picture can be judged, candidates are to be drawn. shown: the layer in the middle, whose
    matches tell most of where things come from.
    """

    def __init__(self, view: View, weights: Mapping[str, float], exemplar: Tensor, how: Correspondence) -> None:
        self.weights, self.how, self.view = weights, how, view
        random = torch.Generator().manual_seed(0)  # which patches of an exemplar are taken is no matter of the seed
        with torch.no_grad():
            found = mirrored(view.network, exemplar)
            self.sources = {layer: Source(found[layer], how, random) for layer in weights}
        self.grids = {layer: Grid(*view.cells(layer), how.patch, how.stride, view.tile) for layer in weights}
        self.shown = sorted(weights, key=view.sides.__getitem__)[len(weights) // 2]
        self.candidates: dict[str, dict[str, Tensor]] = {}

    def draw(self, picture: Tensor, random: torch.Generator) -> None:
        """Find the candidates of a picture's patches, as far as they count from now on."""
        with torch.no_grad():
            features = self.view(picture)
            self.candidates = {layer: self._matched(layer, features[layer], random) for layer in self.weights}

    def _matched(self, layer: str, features: Tensor, random: torch.Generator) -> dict[str, Tensor]:
        grid, source, before = self.grids[layer], self.sources[layer], self.candidates.get(layer)
        rows, columns = sampled(grid, self.how.most, random)
        patches = cut(source.centred(features), rows, columns, self.how.patch)
        used = patches.new_zeros((0, 1), dtype=torch.int64) if before is None else before["candidates"]
        penalty = self._penalty(used, source)
        candidates = source.nearest(patches, penalty, self.how.candidates)
        return {"rows": rows, "columns": columns, "candidates": candidates, "penalty": penalty}

    def _penalty(self, candidates: Tensor, source: Source) -> Tensor:
        """Of each patch of the exemplar, by how often it was the nearest in the last matching."""
        fair = max(1, len(candidates)) / len(source.patches)
        return torch.bincount(candidates[:, 0], minlength=len(source.patches)).float() * (self.how.uniformity / fair)

    def origins(self) -> Position:
        """Where the patch that is the nearest to that around each cell of the layer `shown` lies: H×W of it."""
        source, found = self.sources[self.shown], self.candidates[self.shown]
        (height, width), tile, half = self.view.cells(self.shown), self.view.tile, self.how.patch // 2
        rows = nearest(found["rows"] + half, height, tile in ("y", "both"))
        columns = nearest(found["columns"] + half, width, tile in ("x", "both"))
        names = found["candidates"][:, 0].cpu().view(len(found["rows"]), -1)[rows][:, columns]
        across = len(source.columns)
        return Position(torch.zeros_like(names), source.rows[names // across], source.columns[names % across])

    def drawn(self) -> dict[str, dict[str, Tensor]]:
        """What `draw` found, for `lay`."""
        return self.candidates

    def lay(self, drawn: dict[str, dict[str, Tensor]]) -> None:
        """Judge pictures by what an earlier one of the kind has drawn."""
        device = next(iter(self.sources.values())).mean.device
        self.candidates = {
            layer: {name: it.to(device) if name in ("candidates", "penalty") else it for name, it in found.items()}
            for layer, found in drawn.items()
        }

    def loss(self, image: Tensor) -> Tensor:
        """A scalar for an image 3×H×W."""
        features = self.view(image)
        losses = [weight * self._layer_loss(layer, features[layer]) for layer, weight in self.weights.items()]
        return torch.stack(losses).sum()

    def _layer_loss(self, layer: str, features: Tensor) -> Tensor:
        source, found = self.sources[layer], self.candidates[layer]
        patches = cut(source.centred(features), found["rows"], found["columns"], self.how.patch)
        return correspondence_loss(patches, source.patches, found["candidates"], found["penalty"], self.how.bandwidth)

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, 3×H×W."""
        return descend(self.loss, image)
