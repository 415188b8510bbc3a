"""The task of repainting pictures in a style, and what does it once it is learnt."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from texture.images.tensors import to_pixels_tensor
from texture.losses.objective import Features
from texture.losses.variation import total_variation
from texture.methods.common.model_file import Model
from texture.methods.common.network import network_of
from texture.methods.roles import Inputs
from texture.methods.texnet.contents import Contents, fitted, scenes
from texture.methods.texnet.exemplar_statistics import exemplar_of, objective_of
from texture.methods.texnet.params import TexNetParams
from texture.methods.texnet.texnet_painter import trained
from texture.networks.normalised import measure
from texture.networks.style_net import FACTOR, StyleNet

BLOCK = 512  # pixels a side of what is repainted at once
LOOKED_AT, LOOKS = 256, 4  # side of the parts by which a picture is normalised, and how many there are each way at most
SMALLEST_CONTENT = 1e-6  # mean square of features that a flat content may have


class StyleTask:
    """Crops of pictures are to keep what they show, and to have the exemplar's statistics."""

    def __init__(
        self, p: TexNetParams, images: Inputs, network: nn.Module, random: torch.Generator, device: torch.device
    ) -> None:
        assert isinstance(network, StyleNet)
        self._p, self._network, self._device = p, network, device
        self.exemplar = exemplar_of(p, images.source)
        network.palette.fit(self.exemplar)
        self._contents = Contents(images.content, p.side, random)
        self._vgg = network_of(p, {**p.layers, **p.content_layers}, device)
        self._objective = objective_of(p, self._vgg, self.exemplar.to(device))
        self._shown = fitted(scenes()[0] if images.content is None else images.content, p.size)
        usual = self._vgg(self._shown[None].to(device))
        self._units = {layer: _variance(usual[layer]) for layer in p.content_layers}

    def losses(self) -> dict[str, Tensor]:
        """Of a batch of crops, each taken as a torus: its border is an edge as good as any."""
        crops = self._contents.crops(self._p.batch).to(self._device)
        with torch.no_grad():
            wanted = self._vgg(crops, "both")
        pictures = self._network(crops)
        features = self._vgg(pictures, "both")
        return {
            "style": self._objective(features, pictures),
            "content": self._p.content_weight * self._content_loss(features, wanted),
            "variation": self._p.total_variation * total_variation(pictures.flatten(0, 1), "both"),
        }

    def picture(self) -> Tensor:
        """Of the content that is given, or of a scene: 3×H×W uint8."""
        stylist = Stylist(copy.deepcopy(self._network).eval(), self._device)  # it takes the picture's statistics
        stylist.look_at(self._shown)
        canvas = torch.zeros(*self._shown.shape[1:], 3, dtype=torch.uint8)
        for window in windows(self._shown):
            stylist.repaint(self._shown, window, canvas)
        return canvas.permute(2, 0, 1)

    def faded(self) -> bool:
        """Never: the picture that is shown may itself be of one colour."""
        return False

    def _content_loss(self, features: Features, wanted: Features) -> Tensor:
        """Mean squared difference, in units of the variance that the features of a picture have."""
        losses = [
            weight * (features[layer] - wanted[layer]).float().square().mean() / self._units[layer]
            for layer, weight in self._p.content_layers.items()
        ]
        return torch.stack(losses).sum()


def _variance(features: Tensor) -> Tensor:
    """Mean variance of the channels of N×C×H×W: a scalar."""
    values = features.float()
    return (values - values.mean((0, 2, 3), keepdim=True)).square().mean().clamp(min=SMALLEST_CONTENT)


Window = tuple[slice, slice]  # rows and columns


class Stylist:
    """A trained network, ready to repaint one picture block by block, with the statistics of the whole."""

    def __init__(self, network: StyleNet, device: torch.device) -> None:
        self._network, self._device = network, device

    @classmethod
    def of_model(cls, model: Model, device: torch.device) -> Stylist:
        """The network of a model, in float32.

        Raises:
            InvalidInput: the model makes textures, or its weights do not match its header.
        """
        network = trained(model, "stylise")
        assert isinstance(network, StyleNet)
        return cls(network.to(device), device)

    def look_at(self, content: Tensor) -> None:
        """Take the statistics by which the picture, 3×H×W in 0..1, is normalised: of all of it, or of parts."""
        measure(self._network, _parts(content).to(self._device))

    @torch.no_grad()
    def repaint(self, content: Tensor, window: Window, canvas: Tensor) -> None:
        """One block of the picture that was looked at onto the canvas, H×W×3 uint8."""
        margin = self._network.reach
        rows, columns = window
        part = _surrounded(content, window, margin)
        image = self._network(part[None].to(self._device))[0]
        height, width = rows.stop - rows.start, columns.stop - columns.start
        inner = image[:, margin : margin + height, margin : margin + width]
        canvas[rows, columns] = to_pixels_tensor(inner).cpu()


def windows(content: Tensor) -> Iterator[Window]:
    """Blocks that cover the picture."""
    height, width = content.shape[1:]
    for top in range(0, height, BLOCK):
        for left in range(0, width, BLOCK):
            yield slice(top, min(top + BLOCK, height)), slice(left, min(left + BLOCK, width))


def _surrounded(content: Tensor, window: Window, margin: int) -> Tensor:
    """The window and `margin` pixels around it, 3×h×w with whole cells each way; mirrored beyond the border."""
    spans = [_span(side, length, margin) for side, length in zip(window, content.shape[1:], strict=True)]
    return content[:, spans[0]][:, :, spans[1]]


def _span(side: slice, length: int, margin: int) -> Tensor:
    """Which rows, or columns: those of the window, `margin` on each side, and what fills the last cell."""
    wanted = side.stop - side.start + 2 * margin
    index = side.start - margin + torch.arange(wanted + -wanted % FACTOR)
    index = index % (2 * length)  # mirrored: 0 1 … n-1 n-1 … 1 0, and again
    return torch.minimum(index, 2 * length - 1 - index)


def _parts(content: Tensor) -> Tensor:
    """N×3×h×w of whole cells that cover the picture, or where it is large are spread over it evenly."""
    rows, columns = (_looks(length) for length in content.shape[1:])
    return torch.stack([_surrounded(content, (top, left), 0) for top in rows for left in columns])


def _looks(length: int) -> list[slice]:
    """Where along one side the parts lie."""
    side = min(length, LOOKED_AT)
    starts = torch.linspace(0, length - side, min(LOOKS, math.ceil(length / side))).round().int().tolist()
    return [slice(start, start + side) for start in starts]
