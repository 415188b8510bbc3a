"""The pictures on which a stylisation network learns what to keep."""

from __future__ import annotations

import torch
from torch import Tensor

from texture.images.samples import samples
from texture.images.tensors import resize, to_tensor
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.sizes import Extent, times

SIZES = (2, 4)  # shorter sides of the pictures, in sides of a crop: little and much of a scene in one crop


def scenes() -> list[Tensor]:
    """The built-in ones, 3×H×W in 0..1; where scikit-image is not there, the drawings."""
    known = list(samples().values())
    chosen = [sample for sample in known if sample.kind == "scene"] or known
    return [to_tensor(sample.pixels()) for sample in chosen]


def fitted(content: Tensor, size: Extent) -> Tensor:
    """3×H×W reduced to fit into that size, where it is larger."""
    own = extent_of(content)
    return sized(content, times(own, min(1.0, size.width / own.width, size.height / own.height)))


class Contents:
    """Crops of scenes, and of the content picture that is given as often as of all of these together.

    side: of a crop, pixels.
    """

    def __init__(self, given: Tensor | None, side: int, random: torch.Generator) -> None:
        self._scenes = [_sizes(scene, side) for scene in scenes()]
        self._given = None if given is None else _sizes(given, side)
        self._side, self._random = side, random

    def crops(self, count: int) -> Tensor:
        """count×3×side×side of one picture at one size, half of the times mirrored."""
        sizes = self._scenes[self._draw(len(self._scenes))]
        if self._given is not None and self._draw(2):
            sizes = self._given
        picture = sizes[self._draw(len(sizes))]
        crops = torch.stack([self._crop(picture) for _ in range(count)])
        return crops.flip(3) if self._draw(2) else crops

    def _crop(self, picture: Tensor) -> Tensor:
        top, left = (self._draw(length - self._side + 1) for length in picture.shape[1:])
        return picture[:, top : top + self._side, left : left + self._side]

    def _draw(self, below: int) -> int:
        return int(torch.randint(below, (), generator=self._random))


def _sizes(picture: Tensor, side: int) -> list[Tensor]:
    """The picture with the shorter sides of SIZES, none of them enlarged more than a crop asks for."""
    height, width = picture.shape[1:]
    shorter = min(height, width)
    wanted = sorted({max(side, min(shorter, times * side)) for times in SIZES})
    return [resize(picture, (round(height * s / shorter), round(width * s / shorter))).clamp(0, 1) for s in wanted]
