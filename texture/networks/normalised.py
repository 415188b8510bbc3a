"""Layers of the networks that are trained here on VGG's statistics: convolutions on a torus, instance normalisation.

Instance normalisation (Ulyanov et al. 2016, arXiv:1607.08022) makes each pixel depend on the whole picture: blocks of a
large picture would not fit each other. So its statistics can be kept, and the network is local again.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm, conv2d, leaky_relu

from texture.networks.torus import conv, extend

MOMENTUM = 0.1  # of the running statistics
SLOPE = 0.2  # negative slope of the leaky ReLU
EPSILON = 1e-5


class Convolution(nn.Module):
    """A convolution on the torus, with odd `kernel` and a stride of 1 or 2, in whatever precision the features have.

    Initialised as in He et al. 2015. gain: factor on the weights, which scales the effect of a step of Adam as well
    (an equalised learning rate).
    """

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1, gain: float = 1.0) -> None:
        super().__init__()
        deviation = (2 / (before * kernel**2)) ** 0.5
        self.weight = nn.Parameter(deviation * torch.randn(after, before, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(after))
        self._stride, self._gain = stride, gain

    def forward(self, x: Tensor) -> Tensor:
        """N×before×H×W to N×after×(H/stride)×(W/stride)."""
        weight, bias = (self._gain * self.weight).to(x), self.bias.to(x)
        margin = weight.shape[2] // 2
        if not margin:
            return conv2d(x, weight, bias, stride=self._stride)
        if self._stride == 1:
            return conv(x, weight, bias)
        return conv2d(extend(x, margin, margin), weight, bias, stride=self._stride)


class Normalised(nn.Module):
    """Instance normalisation, then a leaky ReLU where `active`.

    In training each picture is normalised by its own mean and variance, or, where statistics are `pooled`, the whole
    batch by its common ones, as parts of one picture. In evaluation by the running averages, or by what `measure` took.
    """

    def __init__(self, channels: int, *, pooled: bool, active: bool = True) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("square", torch.ones(channels))  # the mean square: means of it are as good for a batch
        self.pooled, self._active = pooled, active
        self.momentum = MOMENTUM

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        y = self._own(x) if self.training else self._kept(x)
        return leaky_relu(y, SLOPE) if self._active else y

    def _kept(self, x: Tensor) -> Tensor:
        mean, square = self.get_buffer("mean"), self.get_buffer("square")
        variance = (square - mean.square()).clamp(min=0)
        return batch_norm(x, mean, variance, self.scale, self.shift, False, 0.0, EPSILON)

    def _own(self, x: Tensor) -> Tensor:
        parts = [x] if self.pooled else torch.split(x, 1)
        normalised, means, variances = zip(*map(self._one, parts), strict=True)
        mean, variance = torch.stack(means), torch.stack(variances)
        self.get_buffer("mean").lerp_(mean.mean(0), self.momentum)
        self.get_buffer("square").lerp_((variance + mean.square()).mean(0), self.momentum)
        return normalised[0] if self.pooled else torch.cat(normalised)

    def _one(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised by its own statistics, with these, at no extra cost."""
        mean, variance = (torch.zeros_like(self.get_buffer("mean")) for _ in range(2))
        return batch_norm(x, mean, variance, self.scale, self.shift, True, 1.0, EPSILON), mean, variance


@torch.no_grad()
def measure(network: nn.Module, x: Tensor) -> None:
    """Set every layer's statistics for evaluation to those of `x`, N×C×H×W, taken as parts of one picture."""
    layers = [layer for layer in network.modules() if isinstance(layer, Normalised)]
    before = network.training, [(layer.pooled, layer.momentum) for layer in layers]
    for layer in layers:
        layer.pooled, layer.momentum = True, 1.0
    network.train()(x)
    network.train(before[0])
    for layer, (pooled, momentum) in zip(layers, before[1], strict=True):
        layer.pooled, layer.momentum = pooled, momentum
