"""The networks of a spatial GAN (Jetchev et al. 2016, section 3): both are convolutions only, so any size will do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, batch_norm, conv2d, leaky_relu, relu
from torch.nn.utils.parametrizations import spectral_norm

from texture.networks.torus import conv, transposed_conv, upsample_conv

Upsampling = Literal["nearest", "transposed"]

SLOPE = 0.2  # negative slope of the leaky ReLU
DEVIATION = 0.02  # standard deviation of the initial weights, as in DCGAN
TRANSPOSED_KERNEL = 5
SPAN = 3**0.5  # colours go from -SPAN to SPAN: as far as brightness does that is told by three channels
LEAST_COLOUR = 0.02  # half the range that an axis has at least: a grey exemplar has none along two of them
MOMENTUM = 0.1  # of the running statistics of batch normalisation


class Normalised(nn.Module):
    """Batch normalisation and ReLU, in whatever precision the features have."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(1 + DEVIATION * torch.randn(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        mean, variance = self.get_buffer("mean"), self.get_buffer("variance")
        return relu(batch_norm(x, mean, variance, self.scale, self.shift, self.training, MOMENTUM))


class Palette(nn.Module):
    """Colours along the principal axes of an exemplar's own, each axis scaled to -1..1.

    In RGB nearly all that differs is brightness, and a rare colour is a small difference that a discriminator learns
    last. Here it is as large as any.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("axes", torch.eye(3) / 2)  # one to a column, its length the RGB from 0 to 1
        self.register_buffer("centre", torch.full((3,), 0.5))

    def fit(self, exemplar: Tensor) -> None:
        """Take the axes of an exemplar, 3×H×W in 0..1."""
        pixels = exemplar.detach().double().cpu().flatten(1)
        _, axes = torch.linalg.eigh(torch.cov(pixels))
        along = axes.T @ pixels
        low, high = along.amin(1), along.amax(1)
        self.get_buffer("axes").copy_(axes * ((high - low) / 2).clamp(min=LEAST_COLOUR) / SPAN)
        self.get_buffer("centre").copy_(axes @ ((low + high) / 2))

    def from_rgb(self, images: Tensor) -> Tensor:
        """…×3×H×W in 0..1 to the same along the axes, -1..1."""
        away = images - self.get_buffer("centre")[:, None, None]
        return torch.einsum("ij,...jhw->...ihw", torch.linalg.inv(self.get_buffer("axes")), away)

    def to_rgb(self, images: Tensor) -> Tensor:
        """And back; a colour that is none may come out, a little beyond 0..1."""
        turned = torch.einsum("ij,...jhw->...ihw", self.get_buffer("axes"), images)
        return turned + self.get_buffer("centre")[:, None, None]


class Generator(nn.Module):
    """Noise field to picture: each layer doubles the resolution, with circular padding, for a field of any size.

    "nearest" repeats pixels and convolves with 3×3, with one more convolution at full size at the end: no
    checkerboards. "transposed" is the paper's: transposed convolutions of 5×5 and stride 2, the last one to RGB.

    channels: of the noise field, then of each layer; each layer's output has twice the size of its input.
    Its pictures have the colours that `palette` tells of.
    """

    def __init__(self, channels: Sequence[int], upsampling: Upsampling, dtype: torch.dtype) -> None:
        super().__init__()
        self.palette = Palette()
        self.dtype, self._nearest = dtype, upsampling == "nearest"
        widths = [*channels] if self._nearest else [*channels, 3]
        kernel = 3 if self._nearest else TRANSPOSED_KERNEL
        pairs = list(pairwise(widths))
        self.weights = nn.ParameterList([DEVIATION * torch.randn(i, o, kernel, kernel) for i, o in pairs])
        self.biases = nn.ParameterList([torch.zeros(o) for _, o in pairs])
        self.norms = nn.ModuleList([Normalised(width) for width in channels[1:]])
        if self._nearest:
            self.last_weight = nn.Parameter(DEVIATION * torch.randn(3, channels[-1], 3, 3))
            self.last_bias = nn.Parameter(torch.zeros(3))

    @property
    def factor(self) -> int:
        """Pixels to a cell of the noise field, each way."""
        return int(2 ** len(self.weights))

    @property
    def reach(self) -> int:
        """Radius of the receptive field, in cells of the noise field."""
        margin = 1 if self._nearest else 0
        for _ in self.weights:
            margin = (margin + 2) // 2 if self._nearest else (margin + TRANSPOSED_KERNEL - 2) // 2
        return margin

    def forward(self, noise: Tensor) -> Tensor:
        """N×channels×h×w in -1..1 to N×3×(h·factor)×(w·factor) in -1..1 along the palette's axes, float32."""
        x = noise.to(self.dtype).contiguous(memory_format=torch.channels_last)
        upsample = upsample_conv if self._nearest else transposed_conv
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = upsample(x, weight.to(self.dtype), bias.to(self.dtype))
            if layer < len(self.norms):
                x = self.norms[layer](x)
        if self._nearest:
            x = conv(x, self.last_weight.to(self.dtype), self.last_bias.to(self.dtype))
        return SPAN * torch.tanh(x.float())


class Discriminator(nn.Module):
    """A fully convolutional (patch) discriminator: one logit for each receptive field of the last layer.

    channels: of each layer, each of which halves the size; a last convolution makes one channel.
    """

    def __init__(
        self, channels: Sequence[int], kernel: int, *, spectral: bool, norms: bool, dtype: torch.dtype
    ) -> None:
        super().__init__()
        self._dtype, self._padding = dtype, (kernel - 1) // 2
        keep = spectral_norm if spectral else _as_it_is
        pairs = list(zip((3, *channels), channels, strict=False))
        self.layers = nn.ModuleList([keep(nn.Conv2d(i, o, kernel)) for i, o in pairs])
        self.norms = nn.ModuleList([nn.BatchNorm2d(width) for width in channels[1:]] if norms else [])
        self.last = keep(nn.Conv2d(channels[-1], 1, 3))

    def forward(self, images: Tensor) -> Tensor:
        """N×3×H×W in -1..1 to logits N×1×h×w, float32: the larger, the more real."""
        x = images.to(self._dtype).contiguous(memory_format=torch.channels_last)
        for number, layer in enumerate(self.layers):
            x = _convolved(x, layer, 2, self._padding)
            if self.norms and number > 0:
                x = self.norms[number - 1](x)
            x = leaky_relu(x, SLOPE)
        return _convolved(x, self.last, 1, 1).float()


def _convolved(x: Tensor, layer: nn.Module, stride: int, padding: int) -> Tensor:
    """A layer's weights on `x`, in the precision that `x` has."""
    assert isinstance(layer.weight, Tensor)  # spectral normalisation computes it when it is asked for
    return conv2d(x, layer.weight.to(x), layer.get_parameter("bias").to(x), stride=stride, padding=padding)


def _as_it_is(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.normal_(layer.weight, 0, DEVIATION)
    return layer


class Discriminators(nn.Module):
    """Multi-scale discriminators: each sees the picture at half the resolution of the one before."""

    def __init__(self, discriminators: Sequence[Discriminator]) -> None:
        super().__init__()
        self.scales = nn.ModuleList(discriminators)

    def forward(self, images: Tensor) -> list[Tensor]:
        """N×3×H×W in -1..1 to each one's logits, N×n."""
        answers = []
        for scale in self.scales:
            answers.append(scale(images).flatten(1))
            images = avg_pool2d(images, 2)
        return answers
