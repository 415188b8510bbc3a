"""Regularity: drawn bricks with an answer that is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from texture.images.tensors import resize
from texture.metrics import HIGHER_IS_BETTER, METRICS, ExemplarMetrics, best_first

COURSE, BRICK = 24, 40  # pixels from one joint to the next


def bricks(height: int = 192, width: int = 240, *, jitter: int = 0, seed: int = 0) -> torch.Tensor:
    """A wall, 3×height×width, of bricks whose grey values differ; every other course half a brick aside."""
    random = np.random.default_rng(seed)
    wall = np.empty((height, width))
    for top in range(0, height, COURSE):
        shift = BRICK // 2 * (top // COURSE % 2) + random.integers(-jitter, jitter + 1)
        x = (np.arange(width) + shift) % BRICK
        shades = random.uniform(0.4, 0.6, width // BRICK + 3)
        line = np.where(x < 4, 0.9, shades[(np.arange(width) + shift) // BRICK])
        wall[top : top + COURSE] = line
        wall[top : top + 4] = 0.9
    wall += random.normal(0, 0.02, wall.shape)
    return torch.tensor(wall, dtype=torch.float32).clamp(0, 1).expand(3, -1, -1)


def noise(height: int, width: int) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def exemplar_metrics() -> ExemplarMetrics:
    return ExemplarMetrics(bricks())


def regularity(exemplar_metrics: ExemplarMetrics, image: torch.Tensor) -> float:
    return exemplar_metrics(image, ["regularity"])["regularity"]


def test_the_exemplar_is_as_regular_as_itself(exemplar_metrics):
    assert regularity(exemplar_metrics, bricks()) == pytest.approx(1)
    assert 0.7 < exemplar_metrics.baselines["regularity"] <= 1


def test_another_wall_of_the_same_bricks_is_as_regular_at_any_size(exemplar_metrics):
    assert regularity(exemplar_metrics, bricks(seed=1)) == pytest.approx(1, abs=0.1)
    assert regularity(exemplar_metrics, bricks(384, 480, seed=1)) == pytest.approx(1, abs=0.1)


def test_courses_out_of_step_are_less_regular_and_noise_is_not_regular_at_all(exemplar_metrics):
    assert 0.2 < regularity(exemplar_metrics, bricks(jitter=12, seed=1)) < 0.85
    assert regularity(exemplar_metrics, noise(192, 240)) < 0.1


def test_a_slight_stretch_costs_little_and_a_great_one_much(exemplar_metrics):
    assert regularity(exemplar_metrics, resize(bricks(seed=1), (196, 244))) > 0.9
    assert regularity(exemplar_metrics, resize(bricks(seed=1), (230, 288))) < 0.7


def test_shading_is_not_regular(exemplar_metrics):
    """Half a wave over the whole picture."""
    shading = 0.3 * torch.sin(torch.arange(240) / 240 * torch.pi)
    assert regularity(exemplar_metrics, 0.5 + shading.expand(3, 192, 240)) < 0.1
    assert regularity(exemplar_metrics, bricks(seed=1) * 0.7 + shading) == pytest.approx(1, abs=0.12)


def test_a_tile_is_no_better_than_a_picture_that_does_not_repeat(exemplar_metrics):
    tile, ragged = bricks(seed=1), bricks(seed=1)[:, :-11, :-17]
    assert regularity(exemplar_metrics, ragged) == pytest.approx(regularity(exemplar_metrics, tile), abs=0.05)


@pytest.mark.parametrize("exemplar", [noise(128, 128), torch.full((3, 128, 128), 0.5), noise(16, 16)])
def test_without_a_lattice_there_is_no_such_metric(exemplar):
    exemplar_metrics = ExemplarMetrics(exemplar)
    assert "regularity" not in exemplar_metrics(bricks())
    assert "regularity" not in exemplar_metrics.baselines


def test_a_picture_that_is_too_small_for_a_period_has_none(exemplar_metrics):
    assert set(exemplar_metrics(bricks(32, 32))) == set(METRICS) - {"regularity"}
    assert exemplar_metrics(bricks(32, 32), ["regularity"]) == {}


def test_a_flat_picture_is_not_regular(exemplar_metrics):
    assert regularity(exemplar_metrics, torch.full((3, 128, 128), 0.5)) == 0


def test_higher_is_better():
    assert set(HIGHER_IS_BETTER) == {"regularity"}
    assert min((0.5, 0.9), key=lambda value: best_first("regularity", value)) == 0.9
    assert min((0.5, 0.9), key=lambda value: best_first("odd", value)) == 0.5
