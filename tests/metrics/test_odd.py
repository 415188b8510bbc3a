"""Odd patches: compared with brute force, and told from a copy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from texture.images.samples import find_sample
from texture.images.tensors import resize, to_tensor
from texture.metrics.odd import distances, odd_measure


def noise(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def weave() -> torch.Tensor:
    return resize(to_tensor(find_sample("weave").pixels()), (160, 160)).clamp(0, 1)


def by_brute_force(image: torch.Tensor, goals: list[torch.Tensor], side: int) -> list[float]:
    """From every patch to its nearest one of all goals, in order of size."""

    def patches(picture: torch.Tensor) -> np.ndarray:
        rows, columns = (length - side + 1 for length in picture.shape[1:])
        all_of_them = [picture[:, y : y + side, x : x + side] for y in range(rows) for x in range(columns)]
        return torch.stack(all_of_them).flatten(1).numpy()

    theirs = np.concatenate([patches(goal) for goal in goals])
    return sorted(float(np.sqrt(np.square(theirs - ours).mean(1).min())) for ours in patches(image))


@pytest.mark.parametrize("side", [3, 9])
def test_distances_are_those_of_a_full_search(side, monkeypatch):
    monkeypatch.setattr("texture.metrics.odd.BLOCK", 40)  # several blocks, the last of them smaller
    image, goals = noise(15, 20), [noise(18, 13, seed=1), noise(12, 12, seed=2)]
    assert sorted(distances(image, goals, side)) == pytest.approx(by_brute_force(image, goals, side), rel=1e-4)


def test_it_is_the_95th_percentile_at_half_size_relative_to_the_halves():
    exemplar, image = noise(32, 44), noise(40, 36, seed=1)
    left, right = exemplar.chunk(2, dim=2)

    def half(picture: torch.Tensor) -> torch.Tensor:
        return resize(picture, (picture.shape[1] // 2, picture.shape[2] // 2))

    def phases(picture: torch.Tensor) -> list[torch.Tensor]:
        return [
            half(picture),
            half(picture[:, :, 1:-1]),
            half(picture[:, 1:-1]),
            half(picture[:, 1:-1, 1:-1]),
        ]

    between = by_brute_force(half(left), phases(right), 9) + by_brute_force(half(right), phases(left), 9)
    expected = np.percentile(by_brute_force(half(image), phases(exemplar), 9), 95) / np.percentile(between, 95)
    assert odd_measure(exemplar)(image) == pytest.approx(expected, rel=1e-4)


def test_a_smudge_is_odd_where_a_shifted_crop_is_not(weave):
    """A smudge over a seventh of the picture."""
    odd = odd_measure(weave)
    assert odd(weave[:, 20:120, 44:]) < 0.1
    assert odd(weave[:, 21:121, 45:]) < 0.1  # half a pixel at half size
    smudged = weave.clone()
    smudged[:, 40:100, 40:100] = resize(resize(weave, (20, 20)), (160, 160))[:, 40:100, 40:100]
    assert odd(smudged) > 1


def test_a_smaller_smudge_than_a_twentieth_does_not_count(weave):
    smudged = weave.clone()
    smudged[:, 80:84, 80:84] = 0.5
    assert odd_measure(weave)(smudged) == 0


def test_a_flat_exemplar_counts_grey_levels():
    flat = torch.full((3, 64, 64), 100 / 255)
    assert odd_measure(flat)(flat) == 0
    assert odd_measure(flat)(flat + 10 / 255) == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize("exemplar", [(16, 16), (16, 60), (61, 17), (600, 40)])
@pytest.mark.parametrize("image", [(16, 16), (17, 900), (64, 64)])
def test_the_smallest_pictures_have_smaller_patches(exemplar, image):
    assert 0 < odd_measure(noise(*exemplar))(noise(*image, seed=1)) < 3
