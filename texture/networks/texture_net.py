"""Generators of texture networks: noise of several scales to a picture, on a torus, whatever the size.

All noise comes as one field: what belongs to a finer scale lies in further channels of the coarsest one's cells, so
that a field of any size, wrapped or not, is one tensor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle

from texture.networks.gan import SPAN, Palette
from texture.networks.normalised import Convolution, Normalised
from texture.networks.torus import upsample_conv

LAST_GAIN = 0.3  # of the last layer: initial outputs are close to mid grey
BLOCK_REACH = 2  # radius of a block's receptive field, in pixels


class Block(nn.Sequential):
    """3×3, 3×3 and 1×1 convolutions, each normalised (Ulyanov et al. 2016, section 4.1)."""

    def __init__(self, before: int, after: int, *, pooled: bool) -> None:
        pairs = (before, 3), (after, 3), (after, 1)
        layers = [(Convolution(width, after, kernel), Normalised(after, pooled=pooled)) for width, kernel in pairs]
        super().__init__(*(module for layer in layers for module in layer))


class Joining(nn.Module):
    """What came from the coarser scale, at twice its size, beside what a block makes of noise; and a block of both.

    The first convolution of that block is two, the sum of which is one of the two things laid beside each other: pixels
    are repeated and convolved in one (`upsample_conv`).
    """

    def __init__(self, before: int, noise: int, branch: int, after: int, *, pooled: bool) -> None:
        super().__init__()
        deviation = (2 / (9 * (before + branch))) ** 0.5
        self.weight = nn.Parameter(deviation * torch.randn(before, after, 3, 3))
        self.bias = nn.Parameter(torch.zeros(after))
        self.branch = nn.Sequential(
            Block(noise, branch, pooled=pooled),
            Convolution(branch, after, 3, gain=(branch / (before + branch)) ** 0.5),
        )
        self.rest = nn.Sequential(
            Normalised(after, pooled=pooled),
            Convolution(after, after, 3),
            Normalised(after, pooled=pooled),
            Convolution(after, after, 1),
            Normalised(after, pooled=pooled),
        )

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """N×before×h×w and N×noise×2h×2w to N×after×2h×2w."""
        enlarged = upsample_conv(x, self.weight.to(x), self.bias.to(x))
        joined: Tensor = self.rest(enlarged + self.branch(noise))
        return joined


class TextureNet(nn.Module):
    """The generator of Ulyanov et al. 2016, section 4.1, with any widths.

    noise: channels of noise of each scale, from the coarsest to the finest; branch: of the blocks that look at those;
    widths: channels of each scale once they are joined. Its pictures have the colours that `palette` tells of.
    """

    def __init__(
        self, noise: Sequence[int], branch: int, widths: Sequence[int], *, pooled: bool, dtype: torch.dtype
    ) -> None:
        super().__init__()
        self.palette = Palette()
        self.dtype, self._noise = dtype, tuple(noise)
        self.first = Block(noise[0], widths[0], pooled=pooled)
        self.scales = nn.ModuleList(
            Joining(before, channels, branch, after, pooled=pooled)
            for channels, (before, after) in zip(noise[1:], pairwise(widths), strict=True)
        )
        self.last = Convolution(widths[-1], 3, 1, gain=LAST_GAIN)

    @property
    def channels(self) -> int:
        """Of the noise field."""
        return sum(self._split)

    @property
    def factor(self) -> int:
        """Pixels to a cell of the noise field, each way."""
        return int(2 ** len(self.scales))

    @property
    def reach(self) -> int:
        """Radius of the receptive field, in cells of the noise field."""
        margin, cells = 0, 0
        for scale in range(len(self.scales), -1, -1):  # from the finest; the margin in pixels of that scale
            margin = math.ceil(margin / 2) + BLOCK_REACH if scale < len(self.scales) else BLOCK_REACH
            looked_at = margin + (BLOCK_REACH if scale else 0)  # by the block that looks at noise
            cells = max(cells, math.ceil(looked_at / 2**scale))
        return cells

    def forward(self, field: Tensor) -> Tensor:
        """N×channels×h×w, standard normal, to N×3×(h·factor)×(w·factor) in 0..1 or a little beyond, float32."""
        uniform = torch.erf(field / math.sqrt(2)).to(self.dtype)  # each value to its place among all, in -1..1
        noise = [
            pixel_shuffle(part, 2**scale).contiguous(memory_format=torch.channels_last)
            for scale, part in enumerate(torch.split(uniform, self._split, dim=1))
        ]
        x: Tensor = self.first(noise[0])
        for joining, fresh in zip(self.scales, noise[1:], strict=True):
            x = joining(x, fresh)
        return self.palette.to_rgb(SPAN * torch.tanh(self.last(x).float()))

    @property
    def _split(self) -> list[int]:
        """Channels of the field for the noise of each scale."""
        return [channels * 4**scale for scale, channels in enumerate(self._noise)]
