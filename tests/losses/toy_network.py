"""A network of two layers that shows them in two parts, and has its gradient from autograd."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.features.strips import LayerGradient, Part, Visit

KERNEL = torch.randn(6, 3, 3, 3, generator=torch.Generator().manual_seed(3))


class ToyNetwork:
    """Layers `fine`, of the picture's size, and `coarse`, of half of it."""

    dtype = torch.float32

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        fine = F.conv2d(image, KERNEL, padding=1).relu()
        return {"fine": fine, "coarse": F.avg_pool2d(fine, 2, ceil_mode=True)}

    def evaluate(self, image: Tensor, wrap: str, visit: Visit, *, keep: bool = True) -> Look:
        """As `VGG.evaluate`."""
        self.looks += 1
        return Look(self, image, visit)


class Look:
    """As `texture.features.strips.Evaluation`."""

    def __init__(self, network: ToyNetwork, image: Tensor, visit: Visit) -> None:
        self.image = image.detach().requires_grad_()
        self.features = network(self.image)
        for layer, features in self.features.items():
            for part, rows in parts(layer, features):
                visit(part, rows)

    def gradient(self, layer_gradient: LayerGradient) -> Tensor:
        of_layers = [
            torch.cat([layer_gradient(part, rows) for part, rows in parts(layer, features)], 2)
            for layer, features in self.features.items()
        ]
        return torch.autograd.grad(list(self.features.values()), self.image, of_layers)[0]


def parts(layer: str, features: Tensor) -> list[tuple[Part, Tensor]]:
    """Upper and lower."""
    height = features.shape[2]
    ends = (0, height // 3, height)
    return [(Part(layer, first, height), features[:, :, first:end].detach()) for first, end in itertools.pairwise(ends)]
