"""The image transformation network of Johnson et al. 2016 (arXiv:1603.08155) with instance normalisation.

Halved twice, residual blocks, doubled twice, as Ulyanov et al. use it from arXiv:1607.08022 on. Pixels are repeated and
convolved on the way up, so that there are no checkerboards, and colours go along the axes of the style's own.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from texture.networks.gan import SPAN, Palette
from texture.networks.normalised import Convolution, Normalised
from texture.networks.torus import upsample_conv

FACTOR = 4  # pixels to a cell of the residual blocks, each way: sides are multiples of it
FIRST, LAST = 9, 3  # kernels
LAST_GAIN = 0.1  # of the last layer: initial outputs are close to mid grey


class Doubling(nn.Module):
    """Nearest-neighbour upsampling by 2, a 3×3 convolution, normalisation."""

    def __init__(self, before: int, after: int, *, pooled: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter((2 / (9 * before)) ** 0.5 * torch.randn(before, after, 3, 3))
        self.bias = nn.Parameter(torch.zeros(after))
        self.norm = Normalised(after, pooled=pooled)

    def forward(self, x: Tensor) -> Tensor:
        """N×before×h×w to N×after×2h×2w."""
        y: Tensor = self.norm(upsample_conv(x, self.weight.to(x), self.bias.to(x)))
        return y


class Residual(nn.Module):
    """A residual block: two 3×3 convolutions, each normalised, and the identity."""

    def __init__(self, channels: int, *, pooled: bool) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            Convolution(channels, channels, 3),
            Normalised(channels, pooled=pooled),
            Convolution(channels, channels, 3),
            Normalised(channels, pooled=pooled, active=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×channels×h×w to the same."""
        y: Tensor = x + self.inner(x)
        return y


class StyleNet(nn.Module):
    """channels: at full size; twice as many at half of it, and four times at a quarter, where `blocks` blocks are."""

    def __init__(self, channels: int, blocks: int, *, pooled: bool, dtype: torch.dtype) -> None:
        super().__init__()
        self.palette = Palette()
        self.dtype, self._blocks = dtype, blocks
        widths = [channels, 2 * channels, 4 * channels]
        layers: list[nn.Module] = [Convolution(3, channels, FIRST), Normalised(channels, pooled=pooled)]
        for before, after in ((0, 1), (1, 2)):
            layers += [
                Convolution(widths[before], widths[after], 3, stride=2),
                Normalised(widths[after], pooled=pooled),
            ]
        layers += [Residual(widths[2], pooled=pooled) for _ in range(blocks)]
        layers += [Doubling(widths[2], widths[1], pooled=pooled), Doubling(widths[1], widths[0], pooled=pooled)]
        layers += [
            Convolution(channels, channels, 3),
            Normalised(channels, pooled=pooled),
        ]  # or flat parts show cells
        self.layers = nn.Sequential(*layers, Convolution(channels, 3, LAST, gain=LAST_GAIN))

    @property
    def reach(self) -> int:
        """Radius of the receptive field in pixels, rounded up to a multiple of FACTOR."""
        full = LAST // 2 + 2  # pixels that the last three convolutions look around
        after = math.ceil((math.ceil(full / 2) + 1) / 2)  # cells, once halved, with one more convolution in between
        before = math.ceil((FIRST // 2 + 1 + 2) / FACTOR)
        return FACTOR * (before + 2 * self._blocks + after)

    def forward(self, pictures: Tensor) -> Tensor:
        """N×3×H×W in 0..1, on a torus, to the same or a little beyond, float32; sides are multiples of FACTOR."""
        x = (2 * pictures - 1).to(self.dtype).contiguous(memory_format=torch.channels_last)
        return self.palette.to_rgb(SPAN * torch.tanh(self.layers(x).float()))
