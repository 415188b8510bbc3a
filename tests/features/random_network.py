"""VGG with random filters: every layer and size is there, and no download."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from texture.features.layers import CONVOLUTIONS

CHANNELS = (64, 128, 256, 512, 512)


@functools.cache
def random_weights(seed: int = 0, network: str = "vgg19") -> dict[str, Tensor]:
    """As `texture.features.weights.load` gives them; scaled so that activations keep their size (He et al. 2015)."""
    random = torch.Generator().manual_seed(seed)
    weights = {
        "input.weight": 255 * torch.eye(3).flip(0)[:, :, None, None],
        "input.bias": torch.tensor([-104.0, -117.0, -124.0]),
    }
    before = 3
    for (block, count), channels in zip(CONVOLUTIONS[network].items(), CHANNELS, strict=True):
        for i in range(1, count + 1):
            kernel = torch.randn(channels, before, 3, 3, generator=random)
            weights[f"conv{block}_{i}.weight"] = kernel * (2 / (9 * before)) ** 0.5 * (1 / 100 if before == 3 else 1)
            weights[f"conv{block}_{i}.bias"] = 0.1 * torch.randn(channels, generator=random)
            before = channels
    return weights
