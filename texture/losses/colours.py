"""Colours in units of an exemplar's own: what is as likely to change in it is as easily changed."""

from __future__ import annotations

import torch
from torch import Tensor

FAINTEST = 0.05  # least deviation along an axis, of the largest: a grey exemplar has none along two of them
FLAT = 1e-3  # least deviation along the largest


class Colours:
    """Three numbers for a colour instead of red, green and blue: mean 0 and deviation 1 over the exemplar's pixels.

    exemplar: 3×H×W. principal: along the principal axes of its colours; otherwise red, green and blue each in units of
    their mean deviation.
    """

    def __init__(self, exemplar: Tensor, *, principal: bool = True) -> None:
        pixels = exemplar.detach().cpu().double().flatten(1)
        axes = _principal(pixels) if principal else max(float(pixels.std(1).mean()), FLAT) * torch.eye(3).double()
        self.centre = pixels.mean(1, keepdim=True).to(exemplar)
        self.axes, self.inverse = axes.to(exemplar), torch.linalg.inv(axes).to(exemplar)
        if (exemplar == exemplar[:1]).all():
            self.axes = self.axes.mean(0, keepdim=True).expand(3, -1)  # whatever the numbers, they are a grey

    def to_rgb(self, image: Tensor) -> Tensor:
        """3×H×W of such numbers to RGB; a colour a little beyond 0..1 may come out."""
        return (self.axes @ image.flatten(1) + self.centre).view_as(image)

    def shown(self, image: Tensor) -> Tensor:
        """3×H×W of such numbers, moved as far as it takes for each of them to be a colour."""
        return self.of(self.to_rgb(image).clamp(0, 1))

    def of(self, image: Tensor) -> Tensor:
        """3×H×W in RGB to such numbers."""
        numbers: Tensor = self.inverse @ (image.flatten(1) - self.centre)
        return numbers.view_as(image)


def _principal(pixels: Tensor) -> Tensor:
    """The axes of the colours 3×n, one to a column, each as long as their deviation along it."""
    variances, axes = torch.linalg.eigh(torch.cov(pixels))
    deviations = variances.clamp_min(0).sqrt()
    principal: Tensor = axes * deviations.clamp_min(max(FAINTEST * float(deviations.max()), FLAT))
    return principal
