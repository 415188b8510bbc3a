"""The objective of style transfer (Gatys, Ecker & Bethge 2016, section 2): content, style and smoothness of a picture.

Styles may each have their region of the picture: guided Gram matrices (Gatys et al. 2017, arXiv:1611.07865,
section 4). Each part is normalised by channels and places, so that a weight means the same at every size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.maps import Maps
from texture.losses.objective import (
    Distance,
    Features,
    GramDistance,
    GramSums,
    SquaredDistance,
    SumOfParts,
    judged,
)
from texture.losses.variation import variation_gradient

if TYPE_CHECKING:
    from texture.features.strips import Part
    from texture.features.vgg import VGG

Grams = Mapping[str, Tensor]
Layers = Mapping[str, float]
FAINTEST = 1e-12  # mean squared weight of a region: one that a coarse layer no longer sees is no division by zero


@dataclass(frozen=True)
class Weights:
    """What each part counts for, and each layer within it."""

    content: float
    style: float
    variation: float
    content_layers: Layers
    style_layers: Layers


@dataclass(frozen=True)
class Region:
    """Where a style is wanted.

    targets: its Gram matrices by layer, 1×C×C. strength: what it counts for. mask: H×W, 0 outside it and 1 inside;
    None for the whole picture.
    """

    targets: Grams
    strength: float = 1.0
    mask: Tensor | None = None


class StyleObjective(SumOfParts):
    """content·Σ v·mean (F−P)² + style·Σ w/C⁴·Σ (G−Ĝ)² + variation·TV, with its gradient.

    network: its layers are those in `weights`. content: of the same size as the pictures that are judged. All are
    3×H×W, or 1×H×W where brightness alone is sought, which the network sees as grey. Pictures may be of any size: a
    large one is looked at in strips.
    """

    def __init__(self, network: VGG, weights: Weights, content: Tensor, regions: Sequence[Region]) -> None:
        super().__init__()
        self.network, self.weights, self.regions = network, weights, regions
        maps = Maps(weights.content_layers)
        network.evaluate(seen(content), "none", maps.visit, keep=False)
        self.content = maps.found
        sizes = {layer: maps.sizes[layer] for layer in weights.style_layers}
        self.guides = [_guides(region.mask, sizes, network.dtype) for region in regions]

    def parts(self, image: Tensor) -> dict[str, Tensor]:
        """The same, and their total."""
        parts = super().parts(image)
        return parts | {"total": torch.stack(list(parts.values())).sum()}

    def _judge(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        distances: list[Distance] = [self._of_content(), *self._of_styles()]
        (content, *styles), gradient = judged(self.network, seen(image), "none", distances)
        of_image = gradient[0].sum_to_size(image.shape)
        weight = self.weights.variation
        variation, of_variation = variation_gradient(image)
        parts = {"content": content, "style": torch.stack(styles).sum(), "variation": weight * variation}
        return parts, of_variation.mul_(weight).add_(of_image)

    def _of_content(self) -> FeatureDistance:
        layers = self.weights.content_layers
        return FeatureDistance({k: self.weights.content * weight for k, weight in layers.items()}, self.content)

    def _of_styles(self) -> Iterator[GramDistance]:
        """In units of C⁴: the loss of Gatys' own code."""
        for region, guides in zip(self.regions, self.guides, strict=True):
            factor = self.weights.style * region.strength * 4
            layers = {
                layer: factor * weight / region.targets[layer].shape[-1] ** 2
                for layer, weight in self.weights.style_layers.items()
            }
            yield GramDistance(layers, region.targets, guides)


class FeatureDistance(SquaredDistance):
    """Σ v·mean (F−P)² over layers, in float32 at least; a `Distance`.

    weights: v by layer. targets: P, N×C×H×W.
    """

    def __init__(self, weights: Layers, targets: Features) -> None:
        super().__init__(weights)
        self._targets = targets

    def loss(self) -> Tensor:
        """A scalar."""
        losses = [
            weight / self._targets[layer].numel() * self._squares[layer] for layer, weight in self._weights.items()
        ]
        return torch.stack(losses).sum()

    def gradient(self, part: Part, features: Tensor) -> Tensor | None:
        """Of a part, N×C×rows×W; None of a layer without a weight."""
        if part.layer not in self._weights:
            return None
        factor = 2 * self._weights[part.layer] / self._targets[part.layer].numel()
        return (self._difference(part, features) * factor).to(features.dtype)

    def _difference(self, part: Part, features: Tensor) -> Tensor:
        target = self._targets[part.layer][:, :, part.first : part.first + features.shape[2]]
        difference = features - target
        return difference.to(torch.promote_types(difference.dtype, torch.float32))


def seen(image: Tensor) -> Tensor:
    """A picture 3×H×W, or 1×H×W as a grey one, as the network takes it: 1×3×H×W."""
    return image.expand(3, -1, -1)[None]


def style_grams(network: VGG, layers: Layers, style: Tensor) -> Grams:
    """The Gram matrices of a style, 3×H×W or 1×H×W of any size, at each of `layers`."""
    grams = GramSums()

    def visit(part: Part, features: Tensor) -> None:
        if part.layer in layers:
            grams.visit(part, features)

    network.evaluate(seen(style), "none", visit, keep=False)
    return {layer: grams[layer] for layer in layers}


def blended(styles: Sequence[Grams], shares: Sequence[float]) -> Grams:
    """One target for several styles: the weighted mean of their Gram matrices.

    The distance from the mean differs by a constant from the mean of the distances: the picture comes out the same,
    for the cost of one style.
    """
    whole = sum(shares)
    return {
        layer: torch.stack([share / whole * grams[layer] for share, grams in zip(shares, styles, strict=True)]).sum(0)
        for layer in styles[0]
    }


def _guides(mask: Tensor | None, sizes: Mapping[str, torch.Size], dtype: torch.dtype) -> Features:
    """A mask, H×W, as the guide of each layer, of those sizes."""
    if mask is None:
        return {}
    return {layer: _guide(reduced(mask, size)).to(dtype) for layer, size in sizes.items()}


def reduced(mask: Tensor, size: torch.Size) -> Tensor:
    """A mask, H×W, as the network's own poolings reduce a picture to a layer of that size: 1×1×h×w."""
    mask = mask[None, None]
    while mask.shape[-2:] != size:
        mask = F.avg_pool2d(mask, 2, ceil_mode=True)
    return mask


def _guide(mask: Tensor) -> Tensor:
    return mask / mask.square().mean().clamp_min(FAINTEST).sqrt()
