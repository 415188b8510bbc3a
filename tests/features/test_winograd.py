"""Winograd's convolutions against the plain ones, on the plane, on a cylinder and on a torus."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from texture.features import winograd

WRAPS = list(itertools.product((False, True), repeat=2))


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def plain(x: Tensor, weight: Tensor, wraps: tuple[bool, bool]) -> Tensor:
    """In double precision, with the padding written out."""
    down, across = ("circular" if wrapped else "constant" for wrapped in wraps)
    x = F.pad(F.pad(x.double(), (0, 0, 1, 1), mode=down), (1, 1, 0, 0), mode=across)
    return F.conv2d(x, weight.double())


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    assert (ours - theirs).abs().max() < 2e-5 * theirs.abs().max()


@pytest.mark.parametrize("wraps", WRAPS)
@pytest.mark.parametrize("size", [(16, 16), (8, 20), (7, 9), (5, 3), (2, 2)])
def test_it_is_the_plain_convolution(size: tuple[int, int], wraps: tuple[bool, bool]) -> None:
    """Sides that are no multiples of a tile's, too, and batches."""
    x, weight = drawn(2, 3, *size), drawn(5, 3, 3, 3, seed=1)
    assert_close(winograd.convolve(x, winograd.transformed(weight), wraps), plain(x, weight, wraps))


def test_with_a_bias_comes_the_rectifier() -> None:
    x, weight, bias = drawn(1, 4, 12, 12), drawn(6, 4, 3, 3, seed=1), drawn(6, seed=2)
    ours = winograd.convolve(x, winograd.transformed(weight), (True, True), bias=bias)
    assert_close(ours, F.relu(plain(x, weight, (True, True)) + bias[:, None, None]))


def test_what_the_gate_shuts_out_counts_as_zero() -> None:
    x, gate, weight = drawn(1, 4, 12, 12), drawn(1, 4, 12, 12, seed=3), drawn(6, 4, 3, 3, seed=1)
    ours = winograd.convolve(x, winograd.transformed(weight), (False, True), gate=gate)
    assert_close(ours, plain(x * (gate > 0), weight, (False, True)))


def in_blocks(monkeypatch: pytest.MonkeyPatch, x: Tensor, kernels: Tensor) -> Tensor:
    """Of 24 tiles, where all of them would be one."""
    with monkeypatch.context() as patch:
        patch.setattr(winograd, "BLOCK", 1)
        patch.setattr(winograd, "FEWEST", 24)
        return winograd.convolve(x, kernels, (True, False))


def test_blocks_change_nothing_but_the_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrix products of other sizes: the last bit is the machine's."""
    x, kernels = drawn(2, 8, 36, 28), winograd.transformed(drawn(8, 8, 3, 3, seed=1))
    assert_close(in_blocks(monkeypatch, x, kernels), winograd.convolve(x, kernels, (True, False)))


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    x, kernels = drawn(2, 8, 36, 28), winograd.transformed(drawn(8, 8, 3, 3, seed=1))
    threads, results = torch.get_num_threads(), []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            results.append(in_blocks(monkeypatch, x, kernels))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(*results)


def test_the_result_lies_channels_last() -> None:
    result = winograd.convolve(drawn(1, 3, 8, 8), winograd.transformed(drawn(4, 3, 3, 3)), (True, True))
    assert result.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("shape", "channels", "dtype", "used"),
    [
        ((1, 64, 16, 16), (128, 64), torch.float32, True),
        ((1, 64, 16, 16), (128, 64), torch.bfloat16, False),
        ((1, 64, 12, 16), (128, 64), torch.float32, False),
        ((1, 64, 64, 64), (64, 64), torch.float32, False),
    ],
)
def test_it_is_used_where_it_is_faster(
    shape: tuple[int, ...], channels: tuple[int, int], dtype: torch.dtype, used: bool
) -> None:
    x, weight = torch.zeros(shape, dtype=dtype), torch.zeros(*channels, 3, 3, dtype=dtype)
    assert winograd.pays(x, weight) is used
