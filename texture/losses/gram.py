"""Gram matrices of feature maps (Gatys et al. 2015, section 2.2)."""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 1 << 15  # cells that are turned to float32 at one time: they stay in the processor's cache


def gram(features: Tensor) -> Tensor:
    """G = F·Fᵀ/M of feature maps N×C×H×W, M = H·W: N×C×C, in the features' precision, but float32 at least."""
    n, c, h, w = features.shape
    cells = features.permute(0, 2, 3, 1).reshape(n, h * w, c)  # no copy when channels-last
    total = torch.zeros(n, c, c, dtype=torch.promote_types(features.dtype, torch.float32), device=features.device)
    for block in torch.split(cells, BLOCK, dim=1):
        block = block.to(total.dtype)
        total.baddbmm_(block.transpose(1, 2), block)
    return total / (h * w)


def gram_gradient(features: Tensor, factor: Tensor) -> Tensor:
    """The gradient, N×C×H×W, of a function of the Gram matrix: factor·F, in the precision of the features.

    factor: N×C×C, twice the function's gradient by the Gram matrix, which is symmetric, over the number of cells.
    """
    n, c, h, w = features.shape
    cells = features.permute(0, 2, 3, 1).reshape(n, h * w, c)
    return (cells @ factor.to(features.dtype)).view(n, h, w, c).permute(0, 3, 1, 2)
