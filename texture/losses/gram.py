"""Gram matrices of feature maps (Gatys et al. 2015, section 2.2) and the loss between them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

BLOCK = 1 << 15  # cells that are turned to float32 at one time: they stay in the processor's cache


def gram(features: Tensor) -> Tensor:
    """G = F·Fᵀ/M of feature maps N×C×H×W, M = H·W: N×C×C, float32 whatever the precision of the features."""
    n, c, h, w = features.shape
    cells = features.permute(0, 2, 3, 1).reshape(n, h * w, c)  # no copy when channels-last
    total = torch.zeros(n, c, c, device=features.device)
    for block in torch.split(cells, BLOCK, dim=1):
        block = block.float()
        total.baddbmm_(block.transpose(1, 2), block)
    return total / (h * w)


def gram_gradient(features: Tensor, factor: Tensor) -> Tensor:
    """The gradient, N×C×H×W, of a function of the Gram matrix: factor·F, in the precision of the features.

    factor: N×C×C, twice the function's gradient by the Gram matrix, which is symmetric, over the number of cells.
    """
    n, c, h, w = features.shape
    cells = features.permute(0, 2, 3, 1).reshape(n, h * w, c)
    return (cells @ factor.to(features.dtype)).view(n, h, w, c).permute(0, 3, 1, 2)


class _GramLoss(torch.autograd.Function):
    """Σ (G−Ĝ)²/(4C²), summed over the batch, with the gradient (G−Ĝ)·F/(C²·M) in the precision of the features."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Tensor) -> Tensor:
        difference = gram(features) - target
        ctx.save_for_backward(features, difference)
        return difference.square().sum() / (4 * features.shape[1] ** 2)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        features, difference = ctx.saved_tensors
        _, c, h, w = features.shape
        return gram_gradient(features, difference * (gradients[0] / (c * c * h * w))), None


def gram_loss(features: Tensor, target: Tensor) -> Tensor:
    """Squared distance of the features' Gram matrix from `target`, over 4C² (equation 4 of the paper): a scalar.

    features: N×C×H×W; target: N×C×C or 1×C×C, float32, as `gram` gives it.
    """
    loss: Tensor = _GramLoss.apply(features, target)  # type: ignore[no-untyped-call]
    return loss
