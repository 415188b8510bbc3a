"""The sliced Wasserstein distance between the features of two pictures (Heitz et al. 2021, arXiv:2006.07229).

A Gram matrix tells which features occur together; this tells their whole distribution. Along one direction of a layer's
channels each cell is a number, and the least squared distance between two sets of numbers is that between both in order
(sections 3.2 and 3.3). The loss is the mean of that over random directions, summed over the layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.gram import BLOCK
from texture.losses.objective import Network, descend, seen
from texture.losses.wasserstein import transported

SMALLEST_UNIT = 1e-12  # an exemplar may be flat


class SlicedObjective:
    """The distance of a picture's features from an exemplar's, with its gradient, as a share of what flat grey has.

    network: from a picture to the feature maps of at least the layers in `weights`. exemplar: 3×H×W, of any size.
    tile: the axes along which the pictures that are judged wrap. count: directions at a time. Before a picture can be
    judged, directions are to be drawn.
    """

    def __init__(
        self, network: Network, weights: Mapping[str, float], exemplar: Tensor, tile: str, count: int = 32
    ) -> None:
        self.network, self.weights, self.tile, self.count = network, weights, tile, count
        found = seen(network, exemplar, tile)
        self.exemplar = {layer: found[layer] for layer in weights}
        flat = network(exemplar.mean((1, 2), keepdim=True).expand_as(exemplar).contiguous()[None], tile)
        units = [weight * _from_flat(found[layer], flat[layer]) for layer, weight in weights.items()]
        self.unit = max(float(torch.stack(units).sum()), SMALLEST_UNIT)
        self.directions: dict[str, Tensor] = {}
        self.goals: dict[str, Tensor] = {}

    def draw(self, picture: Tensor, random: torch.Generator) -> None:
        """Draw new directions, whatever the picture; on the CPU, so that a seed means the same on every device."""
        channels = {layer: features.shape[1] for layer, features in self.exemplar.items()}
        self.lay({layer: F.normalize(torch.randn(self.count, c, generator=random)) for layer, c in channels.items()})

    def drawn(self) -> dict[str, Tensor]:
        """The directions, by layer: K×C."""
        return self.directions

    def lay(self, drawn: Mapping[str, Tensor]) -> None:
        """Evaluate along these directions."""
        self.directions = {layer: drawn[layer].to(features.device) for layer, features in self.exemplar.items()}
        self.goals = {layer: projected(self.exemplar[layer], along) for layer, along in self.directions.items()}

    def loss(self, image: Tensor) -> Tensor:
        """A scalar for an image 3×H×W: 0 where all distributions agree; flat grey has 1, but for chance."""
        features = self.network(image[None], self.tile)
        losses = [
            weight * sliced_loss(features[layer], self.directions[layer], self.goals[layer])
            for layer, weight in self.weights.items()
        ]
        return torch.stack(losses).sum() / self.unit

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, 3×H×W."""
        return descend(self.loss, image)


def projected(features: Tensor, directions: Tensor) -> Tensor:
    """The cells of feature maps 1×C×H×W along each of K×C directions: K×HW, float32 whatever their precision."""
    cells = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])  # no copy when channels-last
    return torch.cat([directions @ block.float().T for block in torch.split(cells, BLOCK)], dim=1)


class _SlicedLoss(torch.autograd.Function):
    """The mean squared transport distance of the projections; its gradient in the precision of the features."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, directions: Tensor, goals: Tensor) -> Tensor:
        values = projected(features, directions)
        way = values - transported(values, goals)
        ctx.save_for_backward(way, directions)
        ctx.shape, ctx.precision = features.shape, features.dtype
        return way.square().mean()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        way, directions = ctx.saved_tensors
        _, c, h, w = ctx.shape
        factor = (directions * (2 * gradients[0] / way.numel())).to(ctx.precision)
        return (way.T.to(ctx.precision) @ factor).view(1, h, w, c).permute(0, 3, 1, 2), None, None


def sliced_loss(features: Tensor, directions: Tensor, goals: Tensor) -> Tensor:
    """Mean squared distance of feature maps 1×C×H×W from an exemplar's along K×C directions: a scalar.

    goals: K×m, the exemplar's cells along the same directions, in any order and as many as they may be.
    """
    loss: Tensor = _SlicedLoss.apply(features, directions, goals)  # type: ignore[no-untyped-call]
    return loss


def _from_flat(features: Tensor, flat: Tensor) -> Tensor:
    """How far a map that has the mean of `flat` everywhere is from `features`, in the mean over all directions."""
    return (features.float() - flat.float().mean((2, 3), keepdim=True)).square().mean()
