"""Layers against their definitions: instance normalisation by hand, strided convolutions by padding."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, leaky_relu, pad

from texture.networks.normalised import SLOPE, Convolution, Normalised, measure


def tensor(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))) * 3 + 1


def normalised(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    deviation = (x.var(dims, keepdim=True, correction=0) + 1e-5).sqrt()
    return (x - x.mean(dims, keepdim=True)) / deviation


def layer(*, pooled: bool) -> Normalised:
    made = Normalised(4, pooled=pooled)
    with torch.no_grad():
        made.scale.copy_(torch.tensor([1.0, 2, 3, 4]))
        made.shift.copy_(torch.tensor([0.0, 1, -1, 2]))
    return made


@pytest.mark.parametrize(("pooled", "dims"), [(False, (2, 3)), (True, (0, 2, 3))])
def test_each_picture_by_its_own_statistics_or_the_batch_by_its_common_ones(pooled, dims):
    x, made = tensor(3, 4, 5, 6), layer(pooled=pooled)
    expected = normalised(x, dims) * made.scale[:, None, None] + made.shift[:, None, None]
    assert torch.allclose(made(x), leaky_relu(expected, SLOPE), atol=1e-5)


def test_its_gradient_is_that_of_the_definition():
    x, made = tensor(2, 4, 3, 3).requires_grad_(), layer(pooled=False)
    weights = torch.randn(2, 4, 3, 3)
    expected = leaky_relu(normalised(x, (2, 3)) * made.scale[:, None, None] + made.shift[:, None, None], SLOPE)
    (ours,), (theirs,) = (torch.autograd.grad((y * weights).sum(), x) for y in (made(x), expected))
    assert torch.allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("pooled", [False, True])
def test_what_is_kept_are_running_averages_of_what_was_seen(pooled):
    x, made = tensor(3, 4, 8, 8), layer(pooled=pooled)
    for _ in range(200):
        made(x)
    assert torch.allclose(made.mean, x.mean((0, 2, 3)), atol=1e-4)
    assert torch.allclose(made.square - made.mean.square(), x.var((0, 2, 3)), rtol=0.05)
    made.eval()
    alone, whole = made(x[:1]), made(x)
    assert torch.equal(alone, whole[:1])


def test_measuring_keeps_the_statistics_of_all_parts_and_leaves_the_rest_as_it_was():
    x, made = tensor(3, 4, 8, 8), layer(pooled=False).eval()
    measure(made, x)
    assert torch.allclose(made.mean, x.mean((0, 2, 3)), atol=1e-5)
    assert not made.training
    assert (made.pooled, made.momentum) == (False, Normalised(4, pooled=False).momentum)


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (9, 1), (3, 2)])
def test_a_convolution_wraps_whatever_its_stride(kernel, stride):
    x, made = tensor(2, 3, 12, 16), Convolution(3, 5, kernel, stride, gain=0.5)
    padded = pad(x, (kernel // 2,) * 4, mode="circular")
    expected = conv2d(padded, 0.5 * made.weight, made.bias, stride=stride)
    assert torch.allclose(made(x), expected, atol=1e-4)
    assert made(x).shape == (2, 5, 12 // stride, 16 // stride)
