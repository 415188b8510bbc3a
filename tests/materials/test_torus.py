"""Filters on a torus, and beside a mirror where a picture does not wrap."""

from __future__ import annotations

import math

import pytest
import torch

from tests.materials.surfaces import correlation, noise
from texture.images.tensors import Wrap
from texture.materials.torus import blurred, gradient, integrated, unfolded


def wave(height: int, width: int, down: int, across: int) -> torch.Tensor:
    y, x = torch.arange(height)[:, None] / height, torch.arange(width) / width
    return torch.sin(2 * math.pi * (down * y + across * x))[None]


def test_the_gradient_of_a_wave_is_known() -> None:
    across, down = gradient(wave(48, 64, 2, 3), "both")
    y, x = torch.arange(48)[:, None] / 48, torch.arange(64) / 64
    slope = torch.cos(2 * math.pi * (2 * y + 3 * x))
    assert torch.allclose(across[0], 2 * math.pi * 3 / 64 * slope, atol=1e-5)
    assert torch.allclose(down[0], 2 * math.pi * 2 / 48 * slope, atol=1e-5)


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
def test_slopes_are_integrated_to_the_heights_they_are_of(tile: Wrap) -> None:
    heights = noise(40, 56, sigma=2.0)
    found = integrated(*gradient(heights, tile), tile)
    assert torch.allclose(found, heights - heights.mean(), atol=2e-4)


def test_slopes_of_no_heights_give_the_nearest_ones() -> None:
    """Those that turn around are left out, and the rest is found all the same."""
    heights, swirl = noise(48, 48, sigma=2.0), noise(48, 48, sigma=2.0, seed=1)
    (across, down), (there, back) = gradient(heights, "both"), gradient(swirl, "both")
    found = integrated(across - back, down + there, "both")
    assert torch.allclose(found, heights - heights.mean(), atol=2e-4)


@pytest.mark.parametrize(("tile", "shape"), [("both", (6, 8)), ("x", (12, 8)), ("y", (6, 16)), ("none", (12, 16))])
def test_what_does_not_wrap_is_mirrored(tile: Wrap, shape: tuple[int, int]) -> None:
    field = noise(6, 8)
    whole = unfolded(field, tile)
    assert whole.shape == (1, *shape)
    assert torch.equal(whole[:, :6, :8], field)
    if tile in ("none", "y"):
        assert torch.equal(whole[:, :6, 8:], field.flip(-1))


def test_a_blur_does_not_reach_across_an_edge_that_does_not_wrap() -> None:
    step = torch.zeros(1, 32, 64)
    step[..., 32:] = 1
    assert blurred(step, "y", 4)[0, 16, 0] < 1e-4 < 0.4 < blurred(step, "both", 4)[0, 16, 0]
    assert correlation(blurred(step, "none", 4), step) > 0.9
