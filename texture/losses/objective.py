"""The objective of texture synthesis by statistics: how far a picture's Gram matrices are from an exemplar's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from texture.losses.gram import gram, gram_gradient
from texture.losses.maps import Maps

if TYPE_CHECKING:
    from texture.features.strips import Part
    from texture.features.vgg import VGG

ENDLESS = 32, 32  # pixels: on a torus flat grey of this size is the same as of any other
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
        grey = exemplar.mean((1, 2), keepdim=True).expand(3, *(ENDLESS if tile == "both" else exemplar.shape[1:]))
        self.unit = max(float(self.loss(grey.contiguous())), 1e-12)  # an exemplar may itself be flat

    def loss(self, image: Tensor) -> Tensor:
        """A scalar for an image 3×H×W: 0 where all Gram matrices agree, 1 where they differ as flat grey's do."""
        distance = self._distance()
        self.network.evaluate(image[None], self.tile, distance.visit, keep=False)
        return distance.loss()

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, 3×H×W."""
        (loss,), gradient = judged(self.network, image[None], self.tile, [self._distance()])
        return loss, gradient[0]

    def _distance(self) -> GramDistance:
        return GramDistance({layer: weight / self.unit for layer, weight in self.weights.items()}, self.targets)


class Distance(Protocol):
    """A loss of layers that come part by part, and its gradient by each part once all of them have been seen."""

    def visit(self, part: Part, features: Tensor) -> None:
        """A `Visit`."""

    def loss(self) -> Tensor:
        """A scalar."""

    def gradient(self, part: Part, features: Tensor) -> Tensor | None:
        """Shaped like the features, and in their precision; None of a layer that does not count."""


class SquaredDistance:
    """What distances have in common that add up squared differences over the parts of layers that have a weight."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self._squares: dict[str, Tensor] = {}

    def visit(self, part: Part, features: Tensor) -> None:
        """A `Visit`."""
        if part.layer in self._weights:
            squares = self._difference(part, features).square().sum()
            self._squares[part.layer] = self._squares.get(part.layer, 0) + squares

    def _difference(self, part: Part, features: Tensor) -> Tensor:
        """Of a part from what it is to become, in float32 at least."""
        raise NotImplementedError


def judged(network: VGG, images: Tensor, wrap: str, distances: Sequence[Distance]) -> tuple[list[Tensor], Tensor]:
    """The distances of pictures, N×3×H×W of any size, and the gradient of their sum, N×3×H×W."""

    def visit(part: Part, features: Tensor) -> None:
        for distance in distances:
            distance.visit(part, features)

    def gradient(part: Part, features: Tensor) -> Tensor:
        found = [distance.gradient(part, features) for distance in distances]
        given = [one for one in found if one is not None]
        return sum(given[1:], given[0]) if given else torch.zeros_like(features)

    evaluation = network.evaluate(images, wrap, visit)
    return [distance.loss() for distance in distances], evaluation.gradient(gradient)


class GramDistance:
    """Σ w·Σ (G−Ĝ)²/4C² over layers, C their channels; a `Distance`.

    weights: w by layer. targets: Ĝ, 1×C×C. guides: of some of the layers 1×1×H×W of mean square 1, which the features
    are multiplied by first; the Gram matrix is then that of the guided features, normalised by the guide's weight.
    """

    def __init__(
        self, weights: Mapping[str, float], targets: Mapping[str, Tensor], guides: Mapping[str, Tensor] | None = None
    ) -> None:
        self._weights, self._targets, self._guides = weights, targets, guides or {}
        self._sums = GramSums()

    def visit(self, part: Part, features: Tensor) -> None:
        """A `Visit`."""
        if part.layer in self._weights:
            guide = self._guide(part, features)
            self._sums.visit(part, features if guide is None else features * guide)

    def loss(self) -> Tensor:
        """A scalar."""
        losses = [
            weight * (self._differences[layer].square().sum() / (4 * self._channels(layer) ** 2))
            for layer, weight in self._weights.items()
        ]
        return torch.stack(losses).sum()

    def gradient(self, part: Part, features: Tensor) -> Tensor | None:
        """Of a part, N×C×rows×W; None of a layer without a weight."""
        if part.layer not in self._weights:
            return None
        guide = self._guide(part, features)
        if guide is None:
            return gram_gradient(features, self._factors[part.layer])
        return gram_gradient(features * guide, self._factors[part.layer]) * guide

    def _guide(self, part: Part, features: Tensor) -> Tensor | None:
        whole = self._guides.get(part.layer)
        return None if whole is None else whole[:, :, part.first : part.first + features.shape[2]]

    def _channels(self, layer: str) -> int:
        return self._targets[layer].shape[-1]

    @cached_property
    def _differences(self) -> dict[str, Tensor]:
        return {layer: self._sums[layer] - self._targets[layer] for layer in self._weights}

    @cached_property
    def _factors(self) -> dict[str, Tensor]:
        return {
            layer: difference * (self._weights[layer] / (self._channels(layer) ** 2 * self._sums.cells[layer]))
            for layer, difference in self._differences.items()
        }


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
        """N×C×C, as `gram` gives it."""
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
    def _judge(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Scalars by name, as they count, and the gradient of their sum, which is the loss."""

    def __call__(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, of the picture's shape."""
        parts, gradient = self._judge(image)
        self._judged[image] = parts
        return torch.stack(list(parts.values())).sum(), gradient

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


def mirrored_maps(network: VGG, exemplar: Tensor, layers: Collection[str]) -> Features:
    """The same of some layers, of an exemplar of any size, in bounded memory. Have no gradient."""
    margin = _margin(exemplar)
    padded, maps = _mirrored(exemplar, margin), Maps(layers)
    network.evaluate(padded, "none", maps.visit, keep=False)
    return {layer: _inside(f, margin * f.shape[3] // padded.shape[3]) for layer, f in maps.found.items()}


def _margin(exemplar: Tensor) -> int:
    """How far 3×H×W can go on, mirrored: whole cells of pool4."""
    return min(MIRROR, (min(exemplar.shape[1:]) - 1) // 16 * 16)


def _mirrored(exemplar: Tensor, margin: int) -> Tensor:
    """1×3×H×W with that margin."""
    return F.pad(exemplar[None], (margin,) * 4, mode="reflect") if margin else exemplar[None]


def _inside(features: Tensor, margin: int) -> Tensor:
    height, width = features.shape[2:]
    return features[:, :, margin : height - margin, margin : width - margin]
