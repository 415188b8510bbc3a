"""A trained generator as a sampler: from a field of standard normal noise to pixels."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from texture.methods.common.model_file import Model
from texture.methods.common.trained import load, params_of
from texture.methods.sgan.params import SGANParams
from texture.networks.gan import Generator


def generator(p: SGANParams, dtype: torch.dtype) -> Generator:
    """The generator that the parameters ask for, with fresh weights from torch's own random numbers."""
    layers = p.depth if p.upsampling == "nearest" else p.depth - 1  # the paper's last layer has the three colours
    widths = [min(p.max_channels, p.base_channels * 2 ** (layers - 1 - layer)) for layer in range(layers)]
    return Generator([p.noise_channels, *widths], p.upsampling, dtype)


class Painter:
    """A `Sampler`."""

    def __init__(self, network: Generator, channels: int, device: torch.device) -> None:
        self._network, self._device = network, device
        self.channels, self.factor, self.reach = channels, network.factor, network.reach

    @classmethod
    def of_model(cls, model: Model, device: torch.device) -> Painter:
        """The averaged generator of a model, in float32.

        Raises:
            InvalidInput: its weights do not match its header.
        """
        p = params_of(model, "sgan", SGANParams)
        network = generator(p, torch.float32)
        load(network, model, "average")
        return cls(network.to(device).eval(), p.noise_channels, device)

    @torch.no_grad()
    def __call__(self, field: Tensor) -> Tensor:
        """channels×h×w, standard normal, to 3×(h·factor)×(w·factor) in 0..1, or a little beyond."""
        uniform = torch.erf(field / math.sqrt(2))  # each value to its place in its own distribution, in -1..1
        image: Tensor = self._network(uniform[None].to(self._device))[0]
        return self._network.palette.to_rgb(image)
