"""Made-up networks in the forms that others publish, and settings with a cache of their own."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from texture.features.weights.formats import channels
from texture.settings import Settings

VGG19N_PLACES = (2, 5, 9, 12, 16, 19, 22, 25, 29, 32, 35, 38, 42, 45, 48, 51)  # of the convolutions in nn.Sequential
TORCHVISION_PLACES = {
    "vgg19": (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34),
    "vgg16": (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
}


def convolutions(prefix: str, places: tuple[int, ...], network: str = "vgg19") -> dict[str, Tensor]:
    """A network's 3×3 convolutions, whose activations neither die nor explode (He et al. 2015)."""
    random = torch.Generator().manual_seed(1)
    tensors: dict[str, Tensor] = {}
    incoming = 3
    for place, outgoing in zip(places, channels(network).values(), strict=True):
        spread = (2 / (9 * incoming)) ** 0.5
        tensors[f"{prefix}{place}.weight"] = torch.randn(outgoing, incoming, 3, 3, generator=random) * spread
        tensors[f"{prefix}{place}.bias"] = torch.rand(outgoing, generator=random) * 0.1
        incoming = outgoing
    return tensors


def vgg19n() -> dict[str, Tensor]:
    entry = {"0.weight": torch.eye(3)[:, :, None, None] * 255, "0.bias": torch.full((3,), -100.0)}
    return entry | convolutions("", VGG19N_PLACES)


def torchvision(network: str = "vgg19") -> dict[str, Tensor]:
    classifier = {"classifier.0.weight": torch.zeros(8, 8), "classifier.0.bias": torch.zeros(8)}
    return convolutions("features.", TORCHVISION_PLACES[network], network) | classifier


def settings_for(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"cache": folder / "cache", "data": folder / "data", **given})
