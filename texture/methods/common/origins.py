"""Turned and scaled copies of the exemplar, and the way back from a copy to it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.images.tensors import resize
from texture.losses.patches import Position
from texture.methods.common.exemplar_copies import Copy
from texture.methods.common.multiscale import sized
from texture.methods.sizes import Extent


def copied(exemplar: Tensor, copy: Copy) -> Tensor:
    """That copy of the exemplar: 3×h×w in 0..1."""
    if copy.degrees % 360 == 0:
        return sized(exemplar, copy.size)
    whole = Extent(*(max(1, round(side / copy.share)) for side in copy.size))
    scaled = resize(exemplar, whole)
    grid = F.affine_grid(way_back(copy).to(exemplar)[None], [1, 3, *reversed(copy.size)], align_corners=False)
    turned = F.grid_sample(scaled[None], grid, mode="bicubic", padding_mode="reflection", align_corners=False)
    return turned[0].clamp(0, 1)


def way_back(copy: Copy) -> Tensor:
    """From places in a copy to those in the exemplar, 2×3, both running from -1 to 1 across and down (x before y)."""
    angle, aspect = math.radians(copy.degrees), copy.size.width / copy.size.height
    cosine, sine = copy.share * math.cos(angle), copy.share * math.sin(angle)
    return torch.tensor([[cosine, -sine / aspect, 0.0], [sine * aspect, cosine, 0.0]])


def origins(place: Position, patch: int, side: int, size: tuple[int, int], copies: Sequence[Copy]) -> Tensor:
    """Where in the exemplar each pixel's patch comes from, as colours: 3×H×W in 0..1, of that size.

    place: of the patch around each cell; patch: its side in cells; side: of a cell in pixels. Red grows from left to
    right and green from top to bottom; blue is which copy it is, from 0 for the plain one to 1.
    """
    centre = patch / 2
    sizes = torch.tensor([copy.size for copy in copies], device=place.map.device)[place.map]
    x = 2 * side * (place.column + centre) / sizes[..., 0] - 1
    y = 2 * side * (place.row + centre) / sizes[..., 1] - 1
    back = torch.stack([way_back(copy) for copy in copies]).to(x.device)[place.map]
    across, down = (back @ torch.stack([x, y, torch.ones_like(x)], -1)[..., None])[..., 0].unbind(-1)
    blue = place.map / max(1, len(copies) - 1)
    colours = torch.stack([(across + 1) / 2, (down + 1) / 2, blue]).clamp(0, 1)
    height, width = size
    return colours.repeat_interleave(side, 1).repeat_interleave(side, 2)[:, :height, :width]
