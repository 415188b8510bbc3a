"""The objective of style transfer (Gatys, Ecker & Bethge 2016, section 2): content, style and smoothness of a picture.

Styles may each have their region of the picture: guided Gram matrices (Gatys et al. 2017, arXiv:1611.07865,
section 4). Each part is normalised by channels and places, so that a weight means the same at every size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.gram import gram, gram_loss
from texture.losses.objective import Features, Network, SumOfParts
from texture.losses.variation import total_variation

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

    network: from a picture to the feature maps of at least the layers in `weights`. content: of the same size as the
    pictures that are judged. All are 3×H×W, or 1×H×W where brightness alone is sought, which the network sees as grey.
    """

    def __init__(self, network: Network, weights: Weights, content: Tensor, regions: Sequence[Region]) -> None:
        super().__init__()
        self.network, self.weights, self.regions = network, weights, regions
        with torch.no_grad():
            features = seen(network, content)
        self.content = {layer: features[layer] for layer in weights.content_layers}
        self.guides = [_guides(region.mask, {k: features[k] for k in weights.style_layers}) for region in regions]

    def parts(self, image: Tensor) -> dict[str, Tensor]:
        """The same, and their total."""
        parts = super().parts(image)
        return parts | {"total": torch.stack(list(parts.values())).sum()}

    def _parts(self, image: Tensor) -> dict[str, Tensor]:
        features, weights = seen(self.network, image), self.weights
        content = [
            weight * content_loss(features[layer], self.content[layer])
            for layer, weight in weights.content_layers.items()
        ]
        style = [
            region.strength * weight * style_loss(features[layer], region.targets[layer], guides.get(layer))
            for region, guides in zip(self.regions, self.guides, strict=True)
            for layer, weight in weights.style_layers.items()
        ]
        return {
            "content": weights.content * torch.stack(content).sum(),
            "style": weights.style * torch.stack(style).sum(),
            "variation": weights.variation * total_variation(image),
        }


def seen(network: Network, image: Tensor) -> Features:
    """Feature maps of 3×H×W, or of 1×H×W as a grey picture."""
    return network(image.expand(3, -1, -1)[None], "none")


def style_grams(network: Network, layers: Layers, style: Tensor) -> Grams:
    """The Gram matrices of a style, 3×H×W or 1×H×W, at each of `layers`."""
    with torch.no_grad():
        features = seen(network, style)
        return {layer: gram(features[layer]) for layer in layers}


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


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """The mean squared difference of feature maps, in float32 whatever their precision: a scalar."""
    return (features - target).float().square().mean()


def style_loss(features: Tensor, target: Tensor, guide: Tensor | None = None) -> Tensor:
    """Squared distance of the Gram matrix from `target`, over C⁴: the loss of Gatys' own code.

    guide: 1×1×H×W of mean square 1, which the features are multiplied by first; the Gram matrix is then that of the
    guided features, normalised by the guide's weight.
    """
    guided = features if guide is None else features * guide
    return gram_loss(guided, target) * (4 / features.shape[1] ** 2)


def _guides(mask: Tensor | None, features: Features) -> Features:
    """A mask, H×W, as the guide of each layer."""
    if mask is None:
        return {}
    return {layer: _guide(reduced(mask, f.shape[-2:])).to(f.dtype) for layer, f in features.items()}


def reduced(mask: Tensor, size: torch.Size) -> Tensor:
    """A mask, H×W, as the network's own poolings reduce a picture to a layer of that size: 1×1×h×w."""
    mask = mask[None, None]
    while mask.shape[-2:] != size:
        mask = F.avg_pool2d(mask, 2, ceil_mode=True)
    return mask


def _guide(mask: Tensor) -> Tensor:
    return mask / mask.square().mean().clamp_min(FAINTEST).sqrt()
