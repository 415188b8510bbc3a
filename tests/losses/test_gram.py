"""Gram matrices and the distance between them against sums written out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texture.features.strips import Part
from texture.losses.gram import gram
from texture.losses.objective import GramDistance


def test_gram_is_the_mean_product_of_each_pair_of_channels() -> None:
    features = torch.randn(2, 3, 4, 5)
    by_hand = torch.zeros(2, 3, 3)
    for n in range(2):
        for i in range(3):
            for j in range(3):
                by_hand[n, i, j] = sum(
                    features[n, i, y, x] * features[n, j, y, x] for y in range(4) for x in range(5)
                ) / (4 * 5)
    torch.testing.assert_close(gram(features), by_hand)


def test_bfloat16_features_are_accumulated_in_float32() -> None:
    features = torch.rand(1, 8, 64, 64).bfloat16().contiguous(memory_format=torch.channels_last)
    assert gram(features).dtype == torch.float32
    torch.testing.assert_close(gram(features), gram(features.double().float()))


def test_more_cells_than_one_block_holds() -> None:
    features = torch.rand(1, 2, 200, 200)
    flat = features.flatten(2)
    torch.testing.assert_close(gram(features), flat @ flat.transpose(1, 2) / 40_000)


def distance(features: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Three times the loss, and its gradient."""
    whole, found = Part("relu1_1", 0, features.shape[2]), GramDistance({"relu1_1": 3.0}, {"relu1_1": target})
    found.visit(whole, features)
    return found.loss(), found.gradient(whole, features)


def test_loss_and_gradient_are_those_of_the_formula() -> None:
    features = torch.randn(1, 6, 8, 8).requires_grad_()
    target = gram(torch.randn(1, 6, 8, 8))
    flat = features.flatten(2)
    by_formula = 3 * (flat @ flat.transpose(1, 2) / 64 - target).square().sum() / (4 * 6**2)
    loss, gradient = distance(features.detach(), target)
    torch.testing.assert_close(loss, by_formula.detach())
    torch.testing.assert_close(gradient, torch.autograd.grad(by_formula, features)[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_loss_is_zero_against_itself(dtype: torch.dtype) -> None:
    features = torch.rand(1, 4, 8, 8).to(dtype)
    assert distance(features, gram(features))[0] == 0
