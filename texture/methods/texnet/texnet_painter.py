"""What a trained network is for: a sampler that makes textures from noise, or a stylist that repaints pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from texture.errors import InvalidInput
from texture.methods.common.model_file import Model
from texture.methods.common.trained import load, params_of
from texture.methods.texnet.params import TexNetParams
from texture.networks.style_net import StyleNet
from texture.networks.texture_net import TextureNet

PART = "network"  # under which the weights lie in a model
MADE_FOR = {
    "texture": "makes textures from noise: `sample` is for it",
    "stylise": "repaints pictures: `stylise` is for it",
}


def network_for(p: TexNetParams, dtype: torch.dtype) -> TextureNet | StyleNet:
    """The network that the parameters ask for, with fresh weights from torch's own random numbers."""
    if p.task == "stylise":
        return StyleNet(p.channels, p.blocks, pooled=p.pooled_statistics, dtype=dtype)
    noise = [max(1, p.noise_channels >> scale) for scale in range(p.scales)]
    return TextureNet(noise, p.branch, _widths(p), pooled=p.pooled_statistics, dtype=dtype)


def _widths(p: TexNetParams) -> list[int]:
    """Channels of each scale, from the coarsest to the finest."""
    if p.architecture == "pyramid":
        return [p.channels * (scale + 1) for scale in range(p.scales)]
    return [min(p.max_channels, p.channels * 2**halvings) for halvings in reversed(range(p.scales))]


class Painter:
    """A `Sampler`."""

    def __init__(self, network: TextureNet, device: torch.device) -> None:
        self._network, self._device = network, device
        self.channels, self.factor, self.reach = network.channels, network.factor, network.reach

    @classmethod
    def of_model(cls, model: Model, device: torch.device) -> Painter:
        """The generator of a model, in float32.

        Raises:
            InvalidInput: the model repaints pictures, or its weights do not match its header.
        """
        network = trained(model, "texture")
        assert isinstance(network, TextureNet)
        return cls(network.to(device), device)

    @torch.no_grad()
    def __call__(self, field: Tensor) -> Tensor:
        """channels×h×w, standard normal, to 3×(h·factor)×(w·factor) in 0..1, or a little beyond."""
        image: Tensor = self._network(field[None].to(self._device))[0]
        return image


def trained(model: Model, task: str) -> nn.Module:
    """The network of a model, in float32, for evaluation.

    Raises:
        InvalidInput: it was trained for something else, or its weights do not match its header.
    """
    p = params_of(model, "texnet", TexNetParams)
    if p.task != task:
        raise InvalidInput(f"model: one that {MADE_FOR[p.task]}", field="model")
    network = network_for(p, torch.float32)
    load(network, model, PART)
    return network.eval().requires_grad_(False)
