from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from texture.metrics import is_seamless, seam_ratio


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
    assert seam_ratio(pixels, "y") == pytest.approx(4.5)
    assert seam_ratio(pixels.transpose(1, 0, 2), "x") == pytest.approx(4.5)
    assert seam_ratio(as_tensor(pixels), "y") == pytest.approx(4.5, rel=1e-4)


def test_what_wraps_is_seamless_and_what_does_not_is_not():
    assert is_seamless(waves(turns=3))
    assert not is_seamless(waves(turns=3.25))
    assert seam_ratio(waves(turns=3.25)) > 2


def test_only_the_directions_that_tile_count():
    pixels = waves()
    pixels[:, -1] = 255 - pixels[:, -1]
    assert seam_ratio(pixels, "x") > 2 > seam_ratio(pixels, "y")
    assert seam_ratio(pixels, "both") == seam_ratio(pixels, "x")
    assert is_seamless(pixels, "y")
    assert not is_seamless(pixels, "x")
    assert seam_ratio(pixels, "none") == 0
    assert is_seamless(pixels, "none")


def test_a_step_that_occurs_inside_as_well_is_no_seam():
    """Bricks: joints are rare and steep; a wrap that falls on one is not to be seen."""
    pixels = np.full((80, 80, 3), 90, np.uint8)
    pixels[(np.arange(80) % 10) == 0] = 200
    pixels[::2] += 1
    assert seam_ratio(pixels, "y") > 1.1
    assert is_seamless(pixels, "y")


def test_a_flat_picture_has_no_seam_and_a_lone_step_a_finite_one():
    flat = np.full((40, 40, 3), 90, np.uint8)
    assert seam_ratio(flat) == 0
    assert is_seamless(flat)
    flat[0] = 200
    assert np.isfinite(seam_ratio(flat))
    assert not is_seamless(flat, "y")


def torus_noise(side: int = 128) -> np.ndarray:
    """Soft noise that closes upon itself, alike everywhere."""
    noise = np.random.default_rng(0).uniform(0, 255, (side, side, 3))
    soft = np.mean([np.roll(noise, (i, j), (0, 1)) for i in range(3) for j in range(3)], axis=0)
    return soft.round().astype(np.uint8)


@given(st.integers(0, 127), st.integers(0, 127))
def test_rolling_a_tile_does_not_make_a_seam(down, right):
    rolled = np.roll(torus_noise(), (down, right), (0, 1))
    assert 0.8 < seam_ratio(rolled) < 1.25
    assert seam_ratio(rolled[:-3, :-3]) > 1.5


def test_the_input_is_left_alone():
    image = as_tensor(waves())
    before = image.clone()
    seam_ratio(image)
    assert torch.equal(image, before)
