"""Gram matrices as a network can be trained on: seen along the exemplar's own axes, each layer with the same say.

All of VGG's features are positive and move together, so that a Gram matrix is mostly one direction, brightness, and a
rare colour is a small difference that is learnt last. Here features are taken from the exemplar's mean, and each of its
principal axes counts the more the less it varies. With S the exemplar's covariance and D the difference of the
pictures' from it,

    loss = tr(M·D·M·D) / 4C²,   M = (S/s + ε)^(−whitening),   s the mean eigenvalue of S,

which for `whitening` 0 is the usual squared distance. The pictures' covariance is about the exemplar's mean, so that
the loss tells means apart as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from texture.losses.gram import gram
from texture.losses.objective import Features, Network, mirrored

FLOOR = 0.01  # of the mean eigenvalue, below which an axis counts no more
SMALLEST_SPREAD = 1e-12
SMALLEST_LOSS = 1e-6  # under the root, whose slope at 0 has no end


class Statistics:
    """Mean and covariance of one layer of an exemplar, and the loss of other feature maps.

    features: 1×C×H×W; whitening: 0 is Gatys' loss but for the mean, 1 sees all axes alike.
    """

    def __init__(self, features: Tensor, whitening: float) -> None:
        channels = features.shape[1]
        self.mean = features.float().mean((0, 2, 3)) if whitening else features.new_zeros(channels, dtype=torch.float32)
        self.covariance = self.about_mean(features)[0]
        values, axes = torch.linalg.eigh(self.covariance.double())
        spread = max(float(values.mean()), SMALLEST_SPREAD)  # an exemplar may be flat
        metric = (values.clamp(min=0) / spread + FLOOR) ** -whitening
        self.metric = (axes * metric @ axes.T).float()

    def about_mean(self, features: Tensor) -> Tensor:
        """E[(f−m)(f−m)ᵀ] of feature maps N×C×H×W about the exemplar's mean m: N×C×C, float32."""
        products, mean = gram(features), _means(features)
        crossed = mean[:, :, None] * self.mean
        about: Tensor = products - crossed - crossed.transpose(1, 2) + self.mean[:, None] * self.mean
        return about

    def loss(self, features: Tensor) -> Tensor:
        """Of feature maps N×C×H×W: a scalar, the mean of the N."""
        loss: Tensor = _Loss.apply(features, self)  # type: ignore[no-untyped-call]
        return loss


class _Loss(torch.autograd.Function):
    """tr(MDMD)/4C², its mean over the batch, with the gradient MDM·(F−m)/(C²·cells) in the features' precision."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, goal: Statistics) -> Tensor:
        difference = goal.about_mean(features) - goal.covariance
        turned = goal.metric @ difference @ goal.metric
        ctx.save_for_backward(features, turned, goal.mean)
        distance: Tensor = (turned * difference).sum()
        return distance / (4 * features.shape[1] ** 2 * len(features))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        features, turned, mean = ctx.saved_tensors
        n, c, h, w = features.shape
        factor = turned * (gradients[0] / (c * c * h * w * n))
        cells = features.permute(0, 2, 3, 1).reshape(n, h * w, c)
        slope = torch.baddbmm(-(mean @ factor).to(features.dtype)[:, None], cells, factor.to(features.dtype))
        return slope.view(n, h, w, c).permute(0, 3, 1, 2), None


def _means(features: Tensor) -> Tensor:
    """N×C, float32."""
    n, c = features.shape[:2]
    cells = features.permute(0, 2, 3, 1).reshape(n, -1, c)
    return cells.mean(1, dtype=torch.float32)


class StatisticsObjective:
    """Multi-resolution distance of the feature statistics of pictures from an exemplar's, over all layers.

    views: number of resolutions, each half of the previous one; large structures fit into a receptive field at a
    coarser one.
    rooted: use the square root of each layer's loss, whose gradient does not vanish as the loss does.
    pooled: the statistics are those of the whole batch, as parts of one picture.
    """

    def __init__(
        self,
        network: Network,
        weights: Mapping[str, float],
        exemplar: Tensor,
        *,
        views: int,
        whitening: float,
        rooted: bool,
        pooled: bool,
    ) -> None:
        self._network, self._weights, self._pooled, self._rooted = network, weights, pooled, rooted
        self._goals: list[dict[str, Statistics]] = []
        self._units: list[dict[str, float]] = []
        grey = exemplar.mean((1, 2), keepdim=True).expand_as(exemplar).contiguous()
        for view in range(views):
            features = mirrored(network, _reduced(exemplar, view))
            self._goals.append({layer: Statistics(features[layer], whitening) for layer in weights})
            flat = network(_reduced(grey, view)[None], "both")
            losses = {layer: float(goal.loss(flat[layer])) for layer, goal in self._goals[-1].items()}
            self._units.append({layer: max(loss, 1e-12) for layer, loss in losses.items()})

    def __call__(self, features: Features, pictures: Tensor) -> Tensor:
        """A scalar for pictures N×3×H×W on tori: 0 where all statistics agree, 1 where they are flat grey's.

        features: of the pictures themselves, which the caller may have a use for too.
        """
        losses = [self._view_loss(0, features)]
        for view in range(1, len(self._goals)):
            losses.append(self._view_loss(view, self._network(_reduced(pictures, view), "both")))
        return torch.stack(losses).mean()

    def _view_loss(self, view: int, features: Features) -> Tensor:
        units, goals = self._units[view], self._goals[view]
        losses = [
            weight * self._loss(goals[layer], features[layer], units[layer]) for layer, weight in self._weights.items()
        ]
        return torch.stack(losses).sum() / sum(self._weights.values())

    def _loss(self, goal: Statistics, features: Tensor, unit: float) -> Tensor:
        parts = [_as_one(features)] if self._pooled else torch.split(features, 1)
        losses = torch.stack([goal.loss(part) for part in parts]) / unit
        return (losses + SMALLEST_LOSS).sqrt().mean() if self._rooted else losses.mean()


def _as_one(features: Tensor) -> Tensor:
    """N×C×H×W as if the cells of all were those of one map: 1×C×NH×W."""
    n, c, h, w = features.shape
    return features.permute(0, 2, 3, 1).reshape(1, n * h, w, c).permute(0, 3, 1, 2)


def _reduced(pictures: Tensor, times: int) -> Tensor:
    """Halved so many times, ...×H×W; where a side is odd, its last pixel is left out."""
    return avg_pool2d(pictures, 2**times) if times else pictures
