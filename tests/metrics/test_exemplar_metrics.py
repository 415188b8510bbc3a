from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from texture.images.samples import find_sample
from texture.images.tensors import resize, to_tensor
from texture.methods.common.multiscale import extent_of
from texture.methods.registry import find_method
from texture.metrics import METRICS, ExemplarMetrics, scaled_exemplar, seam
from texture.metrics.repetition import repetition


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


# How like the exemplar: cases with a known answer


@pytest.fixture(scope="module")
def exemplar() -> torch.Tensor:
    return resize(to_tensor(find_sample("pebbles").pixels()), (192, 192)).clamp(0, 1)


@pytest.fixture(scope="module")
def measure(exemplar: torch.Tensor) -> ExemplarMetrics:
    return ExemplarMetrics(exemplar)


def random() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def shuffled(image: torch.Tensor) -> torch.Tensor:
    return image.flatten(1)[:, torch.randperm(image[0].numel(), generator=random())].view_as(image)


def test_a_copy_is_at_no_distance_and_all_copied(exemplar, measure):
    found = measure(exemplar)
    assert found.pop("repetition") == repetition(exemplar)
    assert found == {"patch": 0, "spectrum": 0, "colour": 0, "copying": 1, "odd": 0}
    assert set(METRICS) == {*measure.baselines, "regularity"}


def test_baselines_are_those_of_two_halves(exemplar, measure):
    left, right = exemplar.chunk(2, dim=2)
    plain = ("patch", "spectrum", "colour", "copying", "repetition")
    assert measure.baselines == ExemplarMetrics(left)(right, plain) | {"odd": 1}
    upright = exemplar[:, :, :100]
    assert ExemplarMetrics(upright).baselines == ExemplarMetrics(upright[:, :96])(upright[:, 96:], plain) | {"odd": 1}


def test_a_shuffle_of_pixels_keeps_colours_and_nothing_else(exemplar, measure):
    found = measure(shuffled(exemplar))
    assert found["colour"] < 0.5 * measure.baselines["colour"]
    assert found["patch"] > 5 * measure.baselines["patch"]
    assert found["spectrum"] > 3 * measure.baselines["spectrum"]
    assert found["copying"] < 0.1


def test_a_shifted_wrap_is_a_copy_with_one_edge(exemplar, measure):
    """All as it was, but for the two lines where the exemplar's own borders now meet."""
    found = measure(exemplar.roll((57, 91), (1, 2)))
    assert found["copying"] > 0.9
    assert found["colour"] < 0.5 * measure.baselines["colour"]
    assert found["patch"] < 2 * measure.baselines["patch"]
    assert seam(exemplar.roll((57, 91), (1, 2))).seamless


def test_white_noise_is_far_in_everything(exemplar, measure):
    found = measure(torch.rand(exemplar.shape, generator=random()))
    for name in ("patch", "spectrum", "colour"):
        assert found[name] > 3 * measure.baselines[name], name


@pytest.mark.parametrize("change", [lambda image: image * 0.8, lambda image: 0.5 + 0.7 * (image - 0.5)])
def test_darker_or_paler_is_farther_in_patches_and_colours(exemplar, measure, change):
    """Standardising each apart would hide it."""
    found = measure(change(exemplar))
    assert found["patch"] > 1.3 * measure.baselines["patch"]
    assert found["colour"] > 8


def test_the_colour_distance_is_in_grey_levels():
    grey = torch.full((3, 64, 64), 0.5)
    shifted = grey + torch.tensor([10 / 255, 0, 0])[:, None, None]
    # over all directions, a shift of 10 in one channel is 10 times the mean of |cos|, which is a half on a sphere
    assert ExemplarMetrics(grey)(shifted, ["colour"])["colour"] == pytest.approx(5, rel=0.03)


def test_the_spectrum_knows_wavelength_and_direction():
    def wave(length: float, turned: bool) -> torch.Tensor:
        line = 0.5 + 0.3 * torch.sin(2 * torch.pi * torch.arange(128) / length)
        image = line.expand(3, 128, 128)
        return image.transpose(1, 2) if turned else image

    noise = 0.01 * torch.rand(3, 128, 128, generator=random())
    measure = ExemplarMetrics(wave(8, False) + noise)
    same = measure(wave(8, False).roll(3, 2) + noise, ["spectrum"])["spectrum"]
    assert measure(wave(16, False) + noise, ["spectrum"])["spectrum"] > 3 * same
    assert measure(wave(8, True) + noise, ["spectrum"])["spectrum"] > 3 * same


def test_pictures_of_other_sizes_are_measured_too(exemplar, measure):
    for size in ((32, 32), (64, 200), (1100, 40), (512, 512)):
        found = measure(resize(exemplar, size).clamp(0, 1))
        assert all(np.isfinite(value) for value in found.values()), size
    quarter = exemplar[:, :96, :96]
    assert measure(quarter)["patch"] < 3 * measure.baselines["patch"]


def test_eight_bits_are_measured_as_floats_are(exemplar, measure):
    as_bytes = (exemplar * 255).round().to(torch.uint8)
    assert measure(as_bytes)["patch"] == pytest.approx(0, abs=2)


def test_the_exemplar_is_taken_in_the_scale_in_which_a_method_shows_it(exemplar):
    def seen(name, exemplar=exemplar, **params):
        method = find_method(name)
        return scaled_exemplar(exemplar, method.outline(method.parse(params), {"source": extent_of(exemplar)}))

    assert seen("gatys", size="128x256").shape == (3, 128, 128)
    assert seen("gatys", size="512") is exemplar
    assert seen("gatys", size="512", exemplar_size=64).shape == (3, 64, 64)
    assert seen("sample", size="64") is exemplar
    assert seen("sgan", size="128").shape == (3, 128, 128)
    assert seen("sgan", size="128", crop=256).shape == (3, 256, 256)
    assert seen("sgan", exemplar[:, :40, :60]).shape == (3, 64, 96)


@pytest.mark.parametrize("size", [(16, 16), (16, 40), (40, 17), (16, 2048)])
def test_the_smallest_exemplars_are_measured_by_too(exemplar, size):
    small = ExemplarMetrics(resize(exemplar, size).clamp(0, 1))
    for image in (exemplar, exemplar[:, :16, :16], torch.zeros(3, 32, 32)):
        assert all(np.isfinite(value) for value in small(image).values())
    assert all(np.isfinite(value) for value in small.baselines.values())


def test_the_seam_of_a_large_picture_is_that_of_all_its_lines():
    pixels = np.zeros((600, 8, 3), np.uint8)
    pixels[300:] = 100
    assert seam(pixels, "y").ratio == pytest.approx(100 / 1e-3)
    assert seam(torch.tensor(pixels).permute(2, 0, 1), "y").ratio == pytest.approx(100 / 1e-3)
