"""A normal map from heights."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.images.tensors import Wrap
from texture.materials.maps import Direction


def normals(height: Tensor, tile: Wrap, depth: float, direction: Direction = "opengl") -> Tensor:
    """The directions in which heights 1×H×W in 0..1 face: 3×H×W in 0..1, 0.5 being zero.

    depth: from height 0 to height 1, as a share of the shorter side. direction: of green; opengl means up, directx
    down. The slopes are central differences.
    """
    rise = height * (depth * min(height.shape[-2:]))
    across, down = _difference(rise, -1, tile in ("x", "both")), _difference(rise, -2, tile in ("y", "both"))
    facing = torch.cat([-across, down if direction == "opengl" else -down, torch.ones_like(rise)])
    return F.normalize(facing, dim=0) * 0.5 + 0.5


def _difference(field: Tensor, dim: int, wraps: bool) -> Tensor:
    """Per pixel, between the next one and the one before; at a border that does not wrap the picture is mirrored."""
    side = field.shape[dim]
    if wraps:
        return (field.roll(-1, dim) - field.roll(1, dim)) / 2
    here = torch.arange(side, device=field.device)
    after, before = (here + 1).clamp_max(side - 1), (here - 1).clamp_min(0)
    return (field.index_select(dim, after) - field.index_select(dim, before)) / 2
