"""The objective of texture synthesis by statistics: how far a picture's Gram matrices are from an exemplar's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from texture.losses.gram import gram, gram_loss

MIRROR = 64  # pixels that a mirrored exemplar goes on beyond each border: more than pool4 can see
Features = dict[str, Tensor]
Network = Callable[[Tensor, str], Features]  # N×3×H×W and the axes that wrap -> feature maps by layer


class GramObjective:
    """Equation 4 of Gatys et al. 2015 with its gradient, as a share of what flat grey would give.

    network: from a picture to the feature maps of at least the layers in `weights`. exemplar: 3×H×W.
    tile: the axes along which the pictures that are judged wrap.
    """

    def __init__(self, network: Network, weights: Mapping[str, float], exemplar: Tensor, tile: str) -> None:
        self.network, self.weights, self.tile = network, weights, tile
        features = seen(network, exemplar, tile)
        self.targets = {layer: gram(features[layer]) for layer in weights}
        self.unit = 1.0
        grey = exemplar.mean((1, 2), keepdim=True).expand_as(exemplar).contiguous()
        self.unit = max(float(self.loss(grey)), 1e-12)  # an exemplar may itself be flat

    def loss(self, image: Tensor) -> Tensor:
        """A scalar for an image 3×H×W: 0 where all Gram matrices agree, 1 where they differ as flat grey's do."""
        features = self.network(image[None], self.tile)
        losses = [weight * gram_loss(features[layer], self.targets[layer]) for layer, weight in self.weights.items()]
        return torch.stack(losses).sum() / self.unit

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, 3×H×W."""
        return descend(self.loss, image)


def descend(loss: Callable[[Tensor], Tensor], image: Tensor) -> tuple[Tensor, Tensor]:
    """A scalar function of a picture there, and its gradient, of the picture's shape."""
    image = image.detach().requires_grad_()
    with torch.enable_grad():
        value = loss(image)
    return value.detach(), torch.autograd.grad(value, image)[0]


class SumOfParts(ABC):
    """An objective made of parts, which it remembers of each picture that it has judged and that is still in use."""

    def __init__(self) -> None:
        self._judged: WeakIdKeyDictionary = WeakIdKeyDictionary()

    @abstractmethod
    def _parts(self, image: Tensor) -> dict[str, Tensor]:
        """Scalars by name, as they count; the loss is their sum."""

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, of the picture's shape."""
        parts: dict[str, Tensor] = {}

        def total(picture: Tensor) -> Tensor:
            parts.update(self._parts(picture))
            return torch.stack(list(parts.values())).sum()

        loss, gradient = descend(total, image)
        self._judged[image] = {name: part.detach() for name, part in parts.items()}
        return loss, gradient

    def parts(self, image: Tensor) -> dict[str, Tensor]:
        """What the loss of a picture is made of.

        At no cost for one that has been judged before and is still in use, as an optimiser's newest always is.
        """
        if image not in self._judged:
            self(image)
        found: dict[str, Tensor] = self._judged[image]
        return found


def seen(network: Network, exemplar: Tensor, tile: str) -> Features:
    """Feature maps of an exemplar 3×H×W, for pictures to be judged by that wrap along those axes."""
    return plain(network, exemplar) if tile == "none" else mirrored(network, exemplar)


def plain(network: Network, exemplar: Tensor) -> Features:
    """Feature maps of 3×H×W with the network's own zero padding, which a picture that does not tile is given too."""
    return network(exemplar[None], "none")


def mirrored(network: Network, exemplar: Tensor) -> Features:
    """Feature maps of 3×H×W as if it went on beyond its borders: those of a mirrored copy, cut to its inside.

    A picture on a torus has no border. Were the exemplar given one, its frame would enter the statistics and come out
    as a seam.
    """
    height, width = exemplar.shape[1:]
    margin = min(MIRROR, (min(height, width) - 1) // 16 * 16)  # whole cells of pool4
    features = network(F.pad(exemplar[None], (margin,) * 4, mode="reflect"), "none")
    return {layer: _inside(f, margin * f.shape[3] // (width + 2 * margin)) for layer, f in features.items()}


def _inside(features: Tensor, margin: int) -> Tensor:
    height, width = features.shape[2:]
    return features[:, :, margin : height - margin, margin : width - margin]
