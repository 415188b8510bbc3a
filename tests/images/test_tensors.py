from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from texture.images.tensors import match_histograms, resize, to_pixels, to_tensor
from texture.methods.sizes import Extent

WRAPS = st.sampled_from(["x", "y", "both"])
SIDES = st.integers(2, 12)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@given(arrays.arrays(np.uint8, st.tuples(SIDES, SIDES, st.just(3))))
def test_pixels_go_to_tensors_and_back_unchanged(pixels):
    image = to_tensor(pixels)
    assert image.shape == (3, *pixels.shape[:2])
    assert image.dtype == torch.float32
    assert 0 <= image.min() <= image.max() <= 1
    assert np.array_equal(to_pixels(image), pixels)


def test_values_outside_the_range_are_clamped_and_others_rounded():
    values = torch.tensor([-0.5, 0.0, 0.5 / 255 - 1e-4, 0.5 / 255 + 1e-4, 1.0, 7.0, torch.inf, torch.nan])
    pixels = to_pixels(values.expand(3, 1, 8).clone().requires_grad_())
    assert pixels[0, :, 1].tolist() == [0, 0, 0, 1, 255, 255, 255, 0]


def test_to_pixels_takes_bfloat16_and_channels_last():
    image = noise(1, 3, 8, 8).contiguous(memory_format=torch.channels_last)[0].bfloat16()
    assert to_pixels(image).shape == (8, 8, 3)


@pytest.mark.parametrize("size", [(128, 192), (32, 48), (100, 150), (21, 32), (640, 48)])
def test_resizing_agrees_with_torch_away_from_the_border(size):
    image = noise(3, 64, 96)
    trusted = F.interpolate(image[None], size=size, mode="bicubic", antialias=True)[0]
    rows, columns = (slice(side // 8, -(side // 8)) for side in size)
    assert (resize(image, size) - trusted)[:, rows, columns].abs().max() < 1e-4


@pytest.mark.parametrize("size", [(96, 64), (40, 24), (33, 77)])
def test_resizing_on_the_torus_agrees_with_torch_on_a_picture_repeated(size):
    image = noise(3, 48, 32)
    trusted = F.interpolate(
        image.repeat(1, 3, 3)[None], size=(3 * size[0], 3 * size[1]), mode="bicubic", antialias=True
    )
    middle = trusted[0, :, size[0] : 2 * size[0], size[1] : 2 * size[1]]
    assert (resize(image, size, "both") - middle).abs().max() < 1e-4


@settings(deadline=None)
@given(SIDES, SIDES, st.integers(1, 5), st.integers(-20, 20), st.integers(-20, 20), WRAPS)
def test_enlarging_commutes_with_a_roll_to_the_bit(height, width, factor, down, right, wrap):
    image = noise(3, height, width)
    down, right = down * (wrap != "x"), right * (wrap != "y")
    size = Extent(width * factor, height * factor)
    before = resize(image.roll((down, right), (1, 2)), size, wrap)
    after = resize(image, size, wrap).roll((down * factor, right * factor), (1, 2))
    assert torch.equal(before, after)


@settings(deadline=None)
@given(SIDES, SIDES, st.integers(1, 5), st.integers(-20, 20), st.integers(-20, 20), WRAPS)
def test_shrinking_commutes_with_a_roll_to_the_bit(height, width, factor, down, right, wrap):
    image = noise(3, height * factor, width * factor)
    down, right = down * (wrap != "x"), right * (wrap != "y")
    before = resize(image.roll((down * factor, right * factor), (1, 2)), (height, width), wrap)
    assert torch.equal(before, resize(image, (height, width), wrap).roll((down, right), (1, 2)))


def test_two_thirds_commute_as_well():
    image = noise(3, 48, 48)
    assert torch.equal(resize(image.roll(3, 1), (32, 48), "y"), resize(image, (32, 48), "y").roll(2, 1))


def test_without_wrap_the_far_side_has_no_say():
    image = noise(3, 16, 16)
    other = image.clone()
    other[..., -4:] = 0
    assert torch.equal(resize(image, (32, 32), "y")[..., :16], resize(other, (32, 32), "y")[..., :16])
    assert not torch.equal(resize(image, (32, 32), "x")[..., :16], resize(other, (32, 32), "x")[..., :16])


@given(st.floats(0, 1, width=32), SIDES, SIDES, SIDES, SIDES)
def test_a_flat_picture_stays_flat(value, height, width, new_height, new_width):
    flat = torch.full((3, height, width), value)
    assert torch.allclose(resize(flat, (new_height, new_width)), torch.tensor(value), atol=1e-5)


def test_an_extent_is_width_by_height_and_a_pair_is_height_by_width():
    assert resize(noise(2, 3, 8, 8), Extent(24, 16)).shape == (2, 3, 16, 24)
    assert resize(noise(3, 8, 8), (16, 24)).shape == (3, 16, 24)


def test_shrinking_does_not_alias():
    """One-pixel stripes become even grey, where plain picking would keep them or beat."""
    stripes = (torch.arange(200) % 2).float().expand(3, 200, 200)
    assert (resize(stripes, (200, 70), "x") - 0.5).abs().max() < 0.02


def test_matching_gives_the_exemplars_distribution():
    image, exemplar = noise(3, 40, 50), 0.2 + 0.5 * noise(3, 64, 64, seed=1) ** 3
    matched = match_histograms(image, exemplar)
    assert matched.shape == image.shape
    assert matched.dtype == image.dtype
    shares = torch.linspace(0, 1, 21)
    for ours, theirs in zip(matched, exemplar, strict=True):
        assert (ours.quantile(shares) - theirs.quantile(shares)).abs().max() < 0.02


def test_matching_keeps_the_order_and_leaves_a_match_nearly_alone():
    image, exemplar = noise(3, 40, 50), noise(3, 64, 64, seed=1) ** 2
    matched = match_histograms(image, exemplar)
    ranks = image[0].flatten().argsort()
    assert (matched[0].flatten()[ranks].diff() >= 0).all()
    assert (match_histograms(image, image) - image).abs().max() < 0.011


def test_matching_takes_flat_channels():
    flat = torch.full((3, 8, 8), 0.25)
    assert match_histograms(flat, noise(3, 8, 8)).isfinite().all()
    assert torch.allclose(match_histograms(noise(3, 8, 8), flat), flat)
