"""The quick convolutions against the plain definition: circular padding, then PyTorch's own convolution, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d, pad

from texture.networks.torus import conv, extend, fold, transposed_conv, upsample_conv


def tensor(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.double, generator=torch.Generator().manual_seed(sum(shape)))


def plain_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    margin = weight.shape[2] // 2
    return conv2d(pad(x, (margin,) * 4, mode="circular"), weight, bias)


def plain_upsample_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    larger = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    return plain_conv(larger, weight.flip(2, 3).transpose(0, 1), bias)


def plain_transposed_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """On a picture repeated 3×3, of which the middle knows no border."""
    height, width = x.shape[2:]
    repeated = conv_transpose2d(x.repeat(1, 1, 3, 3), weight, bias, stride=2)
    before = (weight.shape[2] - 2) // 2
    rows, columns = slice(2 * height + before, 4 * height + before), slice(2 * width + before, 4 * width + before)
    return repeated[:, :, rows, columns]


CASES = {
    "conv": (conv, plain_conv, (5, 3, 3, 3)),
    "upsampling": (upsample_conv, plain_upsample_conv, (3, 5, 3, 3)),
    "transposed": (transposed_conv, plain_transposed_conv, (3, 5, 5, 5)),
}


@pytest.mark.parametrize("height", [2, 5])
@pytest.mark.parametrize(("quick", "plain", "shape"), CASES.values(), ids=CASES)
def test_the_same_as_with_circular_padding_values_and_gradients(quick, plain, shape, height):
    x, weight, bias = tensor(2, 3, height, 4), tensor(*shape), tensor(5)
    for given in (x, weight, bias):
        given.requires_grad_()
    ours, theirs = quick(x, weight, bias), plain(x, weight, bias)
    assert torch.allclose(ours, theirs, atol=1e-12)
    weights = torch.randn_like(ours)
    for mine, right in zip(
        torch.autograd.grad(ours, (x, weight, bias), weights),
        torch.autograd.grad(theirs, (x, weight, bias), weights),
        strict=True,
    ):
        assert torch.allclose(mine, right, atol=1e-11)


@pytest.mark.parametrize("margins", [(1, 1), (1, 2), (0, 3)])
def test_extending_and_folding_are_each_the_transpose_of_the_other(margins):
    before, after = margins
    x, y = tensor(1, 2, 4, 6), tensor(1, 2, 4 + before + after, 6 + before + after)
    assert torch.allclose((extend(x, *margins) * y).sum(), (x * fold(y, *margins)).sum())


def test_extending_lays_the_other_side_around():
    x = torch.arange(4.0).view(1, 1, 1, 4)
    assert extend(x, 1, 2)[0, 0, 0].tolist() == [3, 0, 1, 2, 3, 0, 1]


def test_what_is_folded_or_extended_is_itself_not_changed():
    x = tensor(1, 2, 4, 4)
    before = x.clone()
    fold(x, 1, 1)
    extend(x, 1, 1)
    assert torch.equal(x, before)
