"""The sliced Wasserstein distance between the patches of two pictures (Elnekave & Weiss 2022, sections 3.1 and 3.2).

Along one direction patches are numbers, and the cheapest way to turn one set of numbers into another keeps their order:
the smallest goes to the smallest, and so on. So the distance is the mean difference of two sorted lists, averaged over
random directions. Projecting all patches of a picture onto a direction is a convolution with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

LEAST_SPREAD = 1e-6  # of an exemplar's projections: a flat one has none to be measured by


def directions(count: int, size: int, random: torch.Generator) -> Tensor:
    """Random unit vectors of size×size×3 numbers as kernels, count×3×size×size, on the CPU."""
    vectors = torch.randn(count, 3 * size * size, generator=random)
    return F.normalize(vectors).view(count, 3, size, size)


def project(
    picture: Tensor, kernels: Tensor, wrap: str = "none", stride: int = 1, first: tuple[int, int] = (0, 0)
) -> Tensor:
    """The patches of a picture 3×H×W along each of the directions, P×3×s×s: P×n.

    Patches stand `stride` pixels apart, from row and column `first` on. Along the axes of `wrap` (none, x, y or both)
    they reach across the edge: there are side/stride of them, where stride divides the side. Along the others all lie
    inside.
    """
    height, width = picture.shape[1:]
    rows = _lines(height, kernels.shape[2], first[0], wrap in ("y", "both")).to(picture.device)
    columns = _lines(width, kernels.shape[3], first[1], wrap in ("x", "both")).to(picture.device)
    part = picture.index_select(1, rows).index_select(2, columns)
    return F.conv2d(part[None], kernels, stride=stride)[0].flatten(1)


def _lines(length: int, size: int, first: int, wraps: bool) -> Tensor:
    """The rows, or columns, that patches of that size cover, in their order."""
    if wraps:
        return torch.arange(first, first + length + size - 1) % length
    return torch.arange(first, length)


def quantiles(values: Tensor, count: int) -> Tensor:
    """P×m values in order, P×count: each repeated or left out as evenly as it can be where count is not m."""
    middle = (2 * torch.arange(count) + 1) * values.shape[1] // (2 * count)
    return _sort(values).index_select(1, middle.to(values.device))


def transported(values: Tensor, goals: Tensor) -> Tensor:
    """Where each of P×n values goes when they are turned into P×m goals in the cheapest way: P×n."""
    return torch.empty_like(values).scatter_(1, _argsort(values), quantiles(goals, values.shape[1]))


def _mean(values: Tensor) -> Tensor:
    """The mean of P×n, row by row: of all at once it would depend on how many threads take part."""
    return values.mean(1).mean()


def _sort(values: Tensor) -> Tensor:
    """Each row in order. On a CPU numpy sorts many times as fast as torch."""
    if values.device.type == "cpu":
        return torch.from_numpy(np.sort(values.numpy(), axis=1))
    return values.sort(dim=1).values


def _argsort(values: Tensor) -> Tensor:
    """What would bring each row in order."""
    if values.device.type == "cpu":
        return torch.from_numpy(np.argsort(values.numpy(), axis=1))
    return values.argsort(dim=1)


class PatchDistance:
    """The distance of a picture's patches from an exemplar's, along new random directions each time it is asked for.

    exemplar: 3×H×W, RGB. size: side of a patch, pixels. count: directions at a time. patches: about how many of a
    picture are looked at, on a lattice that moves with each call; more of a picture so large that they would lie apart.
    tile: the axes along which the pictures that are judged wrap; the exemplar does not. to_rgb: what brings those
    pictures to RGB. random: on the CPU, and advanced by each call.
    """

    def __init__(
        self,
        exemplar: Tensor,
        *,
        size: int = 7,
        count: int = 64,
        patches: int = 1 << 14,
        tile: str = "both",
        to_rgb: Callable[[Tensor], Tensor] = lambda picture: picture,
        random: torch.Generator,
    ) -> None:
        self.exemplar, self.size, self.count, self.patches = exemplar, size, count, patches
        self.tile, self.to_rgb, self.random = tile, to_rgb, random

    def __call__(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """The distance, a scalar, as a share of what a flat picture in the exemplar's mean colour has; its gradient."""
        picture = picture.detach().requires_grad_()
        kernels = directions(self.count, self.size, self.random).to(picture)
        with torch.no_grad():
            goals = self._projections(self.exemplar, kernels, "none")
            spread = _mean((goals - goals.mean(1, keepdim=True)).abs()).clamp_min(LEAST_SPREAD)
        with torch.enable_grad():
            values = self._projections(self.to_rgb(picture), kernels, self.tile)
            loss = _mean((values - transported(values.detach(), goals)).abs()) / spread
        return loss.detach(), torch.autograd.grad(loss, picture)[0]

    def _projections(self, picture: Tensor, kernels: Tensor, wrap: str) -> Tensor:
        stride = self.stride(picture)
        down, right = torch.randint(stride, (2,), generator=self.random).tolist()
        return project(picture, kernels, wrap, stride, (down, right))

    def stride(self, picture: Tensor) -> int:
        """How far apart the patches stand that are looked at: a power of 2, and no more than a patch is long."""
        area, stride = picture.shape[1] * picture.shape[2], 1
        while stride**2 * self.patches < area and 2 * stride <= self.size:
            stride *= 2
        return stride
