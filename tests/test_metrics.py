from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from texture.metrics import seam


def waves(side: int = 64, turns: float = 3.0) -> np.ndarray:
    """Smooth waves, as H×W×3 uint8, that close upon themselves when `turns` is whole."""
    phase = 2 * np.pi * turns * np.arange(side) / side
    grey = 127 + 60 * np.sin(phase[:, None]) + 60 * np.sin(phase[None, :])
    return np.repeat(grey[..., None], 3, axis=2).round().astype(np.uint8)


def as_tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.tensor(pixels).permute(2, 0, 1) / 255


def test_the_ratio_is_the_step_across_over_the_median_step_inside():
    rows = np.array([0, 10, 30, 90], np.uint8)  # steps 10 20 60, median 20, and 90 across
    pixels = np.broadcast_to(rows[:, None, None], (4, 7, 3))
    assert seam(pixels, "y").ratio == pytest.approx(4.5)
    assert seam(pixels.transpose(1, 0, 2), "x").ratio == pytest.approx(4.5)
    assert seam(as_tensor(pixels), "y").ratio == pytest.approx(4.5, rel=1e-4)


def test_what_wraps_is_seamless_and_what_does_not_is_not():
    assert seam(waves(turns=3)).seamless
    assert not seam(waves(turns=3.25)).seamless
    assert seam(waves(turns=3.25)).ratio > 2


def test_only_the_directions_that_tile_count():
    pixels = waves()
    pixels[:, -1] = 255 - pixels[:, -1]
    assert seam(pixels, "x").ratio > 2 > seam(pixels, "y").ratio
    assert seam(pixels, "both").ratio == seam(pixels, "x").ratio
    assert seam(pixels, "y").seamless
    assert not seam(pixels, "x").seamless
    assert seam(pixels, "none").ratio == 0
    assert seam(pixels, "none").seamless


def test_a_step_that_occurs_inside_as_well_is_no_seam():
    """Bricks: joints are rare and steep; a wrap that falls on one is not to be seen."""
    pixels = np.full((80, 80, 3), 90, np.uint8)
    pixels[(np.arange(80) % 10) == 0] = 200
    pixels[::2] += 1
    assert seam(pixels, "y").ratio > 1.1
    assert seam(pixels, "y").seamless


def test_a_flat_picture_has_no_seam_and_a_lone_step_a_finite_one():
    flat = np.full((40, 40, 3), 90, np.uint8)
    assert seam(flat).ratio == 0
    assert seam(flat).seamless
    flat[0] = 200
    assert np.isfinite(seam(flat).ratio)
    assert not seam(flat, "y").seamless


def torus_noise(side: int = 128) -> np.ndarray:
    """Soft noise that closes upon itself, alike everywhere."""
    noise = np.random.default_rng(0).uniform(0, 255, (side, side, 3))
    soft = np.mean([np.roll(noise, (i, j), (0, 1)) for i in range(3) for j in range(3)], axis=0)
    return soft.round().astype(np.uint8)


@given(st.integers(0, 127), st.integers(0, 127))
def test_rolling_a_tile_does_not_make_a_seam(down, right):
    rolled = np.roll(torus_noise(), (down, right), (0, 1))
    assert 0.8 < seam(rolled).ratio < 1.25
    assert seam(rolled[:-3, :-3]).ratio > 1.5


def test_the_input_is_left_alone():
    image = as_tensor(waves())
    before = image.clone()
    assert seam(image).seamless
    assert torch.equal(image, before)
