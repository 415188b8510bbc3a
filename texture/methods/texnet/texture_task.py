"""The task of making a texture from noise."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from texture.methods.common.network import network_of
from texture.methods.common.sampling import noise_field, paint
from texture.methods.roles import Inputs
from texture.methods.texnet.exemplar_statistics import exemplar_of, objective_of
from texture.methods.texnet.params import TexNetParams
from texture.methods.texnet.texnet_painter import Painter
from texture.networks.texture_net import TextureNet

FADED = 0.02  # of the exemplar's spread: a picture with less is of one colour


class TextureTask:
    """Pictures of noise, on tori, are to have the exemplar's statistics. A content picture is not looked at.

    Raises:
        InvalidInput: the exemplar is too small.
    """

    def __init__(
        self, p: TexNetParams, images: Inputs, network: nn.Module, random: torch.Generator, device: torch.device
    ) -> None:
        assert isinstance(network, TextureNet)
        self._p, self._network, self._random, self._device = p, network, random, device
        self.exemplar = exemplar_of(p, images.source)
        network.palette.fit(self.exemplar)
        self._vgg = network_of(p, p.layers, device)
        self._objective = objective_of(p, self._vgg, self.exemplar.to(device))

    def losses(self) -> dict[str, Tensor]:
        """Of a batch of new pictures."""
        pictures = self._network(self._noise(self._p.batch, self._random))
        return {"style": self._objective(self._vgg(pictures, "both"), pictures)}

    def _noise(self, pictures: int, random: torch.Generator) -> Tensor:
        cells = self._p.side // self._network.factor
        return torch.randn(pictures, self._network.channels, cells, cells, generator=random).to(self._device)

    def faded(self) -> bool:
        """Whether what it paints has next to nothing of the exemplar's spread."""
        field = self._noise(1, torch.Generator().manual_seed(0))
        with torch.no_grad():
            picture = self._network.eval()(field)[0]
        return _spread(picture) < FADED * _spread(self.exemplar)

    def picture(self) -> Tensor:
        """Of the noise field that is always the same: 3×H×W uint8."""
        p, painter = self._p, Painter(self._network.eval(), self._device)
        return paint(painter, noise_field(painter, p.size, p.tile, p.seed), p)


def _spread(image: Tensor) -> float:
    """Of 3×H×W: the mean deviation of its channels."""
    return float(image.flatten(1).std(1).mean())
