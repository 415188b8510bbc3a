"""The objective of texture synthesis by statistics: how far a picture's Gram matrices are from an exemplar's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from texture.losses.gram import gram, gram_gradient

if TYPE_CHECKING:
    from texture.features.strips import Part
    from texture.features.vgg import VGG

MIRROR = 64  # pixels that a mirrored exemplar goes on beyond each border: more than pool4 can see
Features = dict[str, Tensor]
Network = Callable[[Tensor, str], Features]  # N×3×H×W and the axes that wrap -> feature maps by layer


class GramObjective:
    """Equation 4 of Gatys et al. 2015 with its gradient, as a share of what flat grey would give.

    network: its layers are those in `weights`. exemplar: 3×H×W. tile: the axes along which the pictures that are
    judged wrap. Pictures may be of any size: a large one is looked at in strips.
    """

    def __init__(self, network: VGG, weights: Mapping[str, float], exemplar: Tensor, tile: str) -> None:
        self.network, self.weights, self.tile = network, weights, tile
        self.targets = exemplar_grams(network, exemplar, tile)
        self.unit = 1.0
        grey = exemplar.mean((1, 2), keepdim=True).expand_as(exemplar).contiguous()
        self.unit = max(float(self.loss(grey)), 1e-12)  # an exemplar may itself be flat

    def loss(self, image: Tensor) -> Tensor:
        """A scalar for an image 3×H×W: 0 where all Gram matrices agree, 1 where they differ as flat grey's do."""
        grams = GramSums()
        self.network.evaluate(image[None], self.tile, grams.visit, keep=False)
        return self._loss(self._differences(grams))

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, 3×H×W."""
        grams = GramSums()
        evaluation = self.network.evaluate(image[None], self.tile, grams.visit)
        differences = self._differences(grams)
        factors = {
            layer: difference * (self.weights[layer] / (self.unit * len(difference[0]) ** 2 * grams.cells[layer]))
            for layer, difference in differences.items()
        }
        gradient = evaluation.gradient(lambda part, features: gram_gradient(features, factors[part.layer]))
        return self._loss(differences), gradient[0]

    def _differences(self, grams: GramSums) -> dict[str, Tensor]:
        return {layer: grams[layer] - self.targets[layer] for layer in self.weights}

    def _loss(self, differences: Mapping[str, Tensor]) -> Tensor:
        losses = [
            self.weights[layer] * (difference.square().sum() / (4 * len(difference[0]) ** 2))
            for layer, difference in differences.items()
        ]
        return torch.stack(losses).sum() / self.unit


class GramSums:
    """Gram matrices of layers that come part by part.

    margin: border that is left out on each side, in pixels of a picture `width` wide; a multiple of each layer's cell.
    """

    def __init__(self, margin: int = 0, width: int = 1) -> None:
        self._margin, self._width = margin, width
        self._sums: dict[str, Tensor] = {}
        self.cells: dict[str, int] = {}

    def visit(self, part: Part, features: Tensor) -> None:
        """A `Visit`."""
        margin = self._margin * features.shape[3] // self._width
        top, end = max(margin - part.first, 0), min(part.height - margin - part.first, features.shape[2])
        if top < end:
            inside = features[:, :, top:end, margin : features.shape[3] - margin]
            count = inside.shape[2] * inside.shape[3]
            self._sums[part.layer] = self._sums.get(part.layer, 0) + gram(inside) * count
            self.cells[part.layer] = self.cells.get(part.layer, 0) + count

    def __getitem__(self, layer: str) -> Tensor:
        """1×C×C float32."""
        return self._sums[layer] / self.cells[layer]


def exemplar_grams(network: VGG, exemplar: Tensor, tile: str) -> dict[str, Tensor]:
    """The Gram matrices of an exemplar 3×H×W, as `seen` sees it, of all the network's layers: 1×C×C each."""
    margin = 0 if tile == "none" else _margin(exemplar)
    padded = _mirrored(exemplar, margin)
    grams = GramSums(margin, padded.shape[3])
    network.evaluate(padded, "none", grams.visit, keep=False)
    return {layer: grams[layer] for layer in network.layers}


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
    margin = _margin(exemplar)
    padded = _mirrored(exemplar, margin)
    features = network(padded, "none")
    return {layer: _inside(f, margin * f.shape[3] // padded.shape[3]) for layer, f in features.items()}


def _margin(exemplar: Tensor) -> int:
    """How far 3×H×W can go on, mirrored: whole cells of pool4."""
    return min(MIRROR, (min(exemplar.shape[1:]) - 1) // 16 * 16)


def _mirrored(exemplar: Tensor, margin: int) -> Tensor:
    """1×3×H×W with that margin."""
    return F.pad(exemplar[None], (margin,) * 4, mode="reflect") if margin else exemplar[None]


def _inside(features: Tensor, margin: int) -> Tensor:
    height, width = features.shape[2:]
    return features[:, :, margin : height - margin, margin : width - margin]
