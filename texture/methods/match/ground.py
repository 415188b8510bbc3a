"""What patches are taken from at one scale: the exemplar, or several, their copies and their guides in one atlas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.patches import Position
from texture.methods.common.exemplar_copies import Copy
from texture.methods.common.origins import copied
from texture.methods.common.origins import origins as origins_of_copies
from texture.methods.common.sources import Sources
from texture.methods.match.loops import BAND

BINS = 16  # of a channel's histogram


@dataclass(frozen=True)
class Ground:
    """Copies of the exemplar below one another.

    atlas: h×w×C float32, RGB first; allowed: h×w, where the upper left pixel of a patch may lie; tops: the first row of
    each copy; sides: height and width of each. spread: what the patches' squared distance from their mean is.
    histogram: 3×BINS shares, of the colours.
    """

    atlas: Tensor
    allowed: Tensor
    patch: int
    copies: Sequence[Copy]
    tops: tuple[int, ...]
    sides: tuple[tuple[int, int], ...]
    spread: float
    histogram: Tensor

    @property
    def places(self) -> Tensor:
        """All patches there are, n×2 (row, column)."""
        return self.allowed.nonzero()

    @cached_property
    def count(self) -> int:
        """How many patches there are."""
        return int(self.allowed.sum())

    @cached_property
    def bins(self) -> Tensor:
        """The bin that each colour of the atlas falls into: h×w×3."""
        return in_bins(self.atlas[..., :3])


@dataclass(frozen=True)
class Planes:
    """An exemplar with its guides, C×h×w in 0..1, at its size in one scale; how much of the result it is wanted in."""

    planes: Tensor
    copies: Sequence[Copy]
    share: float = 1.0


def ground(exemplars: Sequence[Planes], worth: Tensor, patch: int, hole: Tensor | None = None) -> Ground:
    """What they come to.

    worth: C, what each plane counts for. hole: h×w, what no patch is taken from, of one exemplar without copies.
    """
    pictures = [copied(one.planes, copy) * worth[:, None, None] for one in exemplars for copy in one.copies]
    tops, width = [0], max(picture.shape[2] for picture in pictures)
    for picture in pictures:
        tops.append(tops[-1] + picture.shape[1])
    atlas = torch.cat([F.pad(picture, (0, width - picture.shape[2])) for picture in pictures], 1)
    allowed = torch.zeros(atlas.shape[1:], dtype=torch.bool)
    for top, picture in zip(tops, pictures, strict=False):
        allowed[top : top + max(0, picture.shape[1] - patch + 1), : max(0, picture.shape[2] - patch + 1)] = True
    if hole is not None:
        allowed &= free(hole, patch).to(allowed.device)
    firsts, place = [], 0  # of the copies of each
    for one in exemplars:
        shown = pictures[place]
        firsts.append((one.share, shown.flatten(1) if hole is None else shown[:, ~hole]))
        place += len(one.copies)
    return Ground(
        atlas.permute(1, 2, 0).contiguous(),
        allowed.to(atlas.device),
        patch,
        tuple(copy for one in exemplars for copy in one.copies),
        tuple(tops[:-1]),
        tuple((picture.shape[1], picture.shape[2]) for picture in pictures),
        patch**2 * sum(share * _variance(pixels) for share, pixels in firsts),
        torch.stack([share * histogram(pixels[:3].T[None]) for share, pixels in firsts]).sum(0),
    )


def _variance(pixels: Tensor) -> float:
    """Of C×n, all channels together."""
    return float(np.asarray(pixels.cpu(), np.float64).var(1).sum())  # sums in one thread, whatever torch has


def free(hole: Tensor, patch: int) -> Tensor:
    """The upper left pixels of patches that lie inside and touch no hole: h×w, as that."""
    touched = F.max_pool2d(hole.float()[None], patch, 1)[0] > 0
    return F.pad(~touched, (0, patch - 1, 0, patch - 1))


def histogram(image: Tensor) -> Tensor:
    """What share of H×W×3 in 0..1 falls into each bin: 3×BINS."""
    channels = (in_bins(image[..., channel].flatten()) for channel in range(3))  # one after the other: large pictures
    counts = torch.stack([torch.bincount(bins, minlength=BINS) for bins in channels])
    return counts.float() / (image.shape[0] * image.shape[1])


def in_place(like: Tensor) -> Tensor:
    """The colours of `origins` where each pixel comes from its own place: 3×H×W, as `like`."""
    height, width = like.shape[1:]
    down, right = ((torch.arange(side, device=like.device) + 0.5) / side for side in (height, width))
    return torch.stack([right.expand(height, width), down[:, None].expand(height, width), torch.zeros_like(like[0])])


def in_bins(values: Tensor) -> Tensor:
    """The number of the bin that each value, 0..1, falls into."""
    return (values * BINS).long().clamp_(0, BINS - 1)


def sources(source: Tensor, ground: Ground) -> Sources:
    """Where in the exemplar, or in a copy of it, each pixel comes from: the middle of its patch. source: 2×H×W."""
    tops = torch.tensor(ground.tops, device=source.device)
    number = torch.searchsorted(tops, source[0].contiguous().long(), right=True) - 1
    half = ground.patch // 2
    return Sources(number, source[0] - tops[number] + half, source[1] + half, ground.copies)


def origins(source: Tensor, ground: Ground) -> Tensor:
    """Where in the exemplar each pixel comes from, as colours: 3×H×W in 0..1.

    Red grows from left to right and green from top to bottom; blue is which copy it is, from 0 for the exemplar to 1.
    """
    colours = torch.empty(3, *source.shape[1:], device=source.device)
    tops = torch.tensor(ground.tops, device=source.device)
    for rows, shown in zip(torch.split(source, BAND, 1), torch.split(colours, BAND, 1), strict=True):
        number = torch.searchsorted(tops, rows[0].contiguous().long(), right=True) - 1
        place = Position(number, rows[0] - tops[number], rows[1])
        shown.copy_(origins_of_copies(place, ground.patch, 1, (rows.shape[1], rows.shape[2]), ground.copies))
    return colours
