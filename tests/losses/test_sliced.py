"""Sliced Wasserstein distance of features: against plain numpy, and what pictures of any size and tori promise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.features.random_network import random_weights
from texture.features.vgg import VGG
from texture.images.tensors import resize
from texture.losses.sliced import SlicedObjective, projected, sliced_loss

LAYERS = {"relu1_1": 1.0, "relu2_1": 0.5, "relu3_1": 2.0}
NETWORK = VGG(random_weights(), LAYERS)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def coarse(height: int, width: int, seed: int = 1) -> Tensor:
    noise = torch.rand(3, height // 4, width // 4, generator=seeded(seed))
    return resize(noise, (height, width)).clamp(0, 1)


def drawn(exemplar: Tensor, tile: str = "both", count: int = 32) -> SlicedObjective:
    objective = SlicedObjective(NETWORK, LAYERS, exemplar, tile, count)
    objective.draw(exemplar, seeded())
    return objective


def test_the_loss_is_the_mean_squared_difference_of_both_in_order() -> None:
    features, exemplar = (torch.randn(1, 5, 4, 6, generator=seeded(seed)) for seed in (1, 2))
    directions = torch.randn(7, 5, generator=seeded(3))
    ours, theirs = (np.sort(directions.numpy() @ f[0].flatten(1).numpy(), axis=1) for f in (features, exemplar))
    loss = sliced_loss(features, directions, projected(exemplar, directions))
    assert float(loss) == pytest.approx(((ours - theirs) ** 2).mean(), rel=1e-5)


def test_in_all_layers_it_is_their_weighted_sum_as_a_share_of_flat_greys() -> None:
    exemplar, picture = coarse(32, 48), coarse(32, 48, 2)
    objective = drawn(exemplar, "none", 8)
    ours, theirs = NETWORK(picture[None], "none"), NETWORK(exemplar[None], "none")
    total = 0.0
    for layer, weight in LAYERS.items():
        v = objective.directions[layer].numpy()
        assert np.linalg.norm(v, axis=1) == pytest.approx(np.ones(8), rel=1e-5)
        a, b = (np.sort(v @ found[layer][0].flatten(1).numpy(), axis=1) for found in (ours, theirs))
        total += weight * ((a - b) ** 2).mean()
    assert float(objective.loss(picture)) * objective.unit == pytest.approx(total, rel=1e-4)


def test_an_exemplar_of_another_size_counts_by_its_quantiles() -> None:
    """Four times as many cells of the same kinds are the same distribution."""
    features, directions = torch.randn(1, 5, 4, 6, generator=seeded(1)), torch.randn(7, 5, generator=seeded(3))
    goals = projected(torch.randn(1, 5, 4, 6, generator=seeded(2)), directions)
    same = sliced_loss(features, directions, goals)
    torch.testing.assert_close(sliced_loss(features, directions, goals.repeat(1, 4)), same)
    torch.testing.assert_close(sliced_loss(features.repeat(1, 1, 2, 2), directions, goals), same)


@pytest.mark.parametrize(("precision", "within"), [(torch.float32, 0.01), (torch.bfloat16, 0.1)])
def test_the_gradient_is_that_of_the_loss(precision: torch.dtype, within: float) -> None:
    features = torch.randn(1, 6, 5, 7, generator=seeded(1)).to(precision).requires_grad_()
    directions, way = torch.randn(8, 6, generator=seeded(3)), torch.randn(1, 6, 5, 7, generator=seeded(4))
    goals = torch.randn(8, 20, generator=seeded(2))
    (gradient,) = torch.autograd.grad(sliced_loss(features, directions, goals), features)
    assert gradient.dtype == precision
    plain = features.detach().float()
    ahead, behind = (float(sliced_loss(plain + step * way, directions, goals)) for step in (1e-3, -1e-3))
    assert float((gradient.float() * way).sum()) == pytest.approx((ahead - behind) / 2e-3, rel=within)


def test_nothing_is_left_to_gain_on_the_exemplar_itself() -> None:
    exemplar = coarse(32, 48)
    loss, gradient = drawn(exemplar, "none")(exemplar)
    assert loss == 0
    assert gradient.shape == exemplar.shape
    assert gradient.abs().max() == 0


@pytest.mark.parametrize("tile", ["none", "both"])
def test_flat_grey_is_one_but_for_chance(tile: str) -> None:
    exemplar = coarse(48, 64)
    grey = exemplar.mean((1, 2), keepdim=True).expand_as(exemplar).contiguous()
    assert float(drawn(exemplar, tile, 512).loss(grey)) == pytest.approx(1, rel=0.1)


def test_on_a_torus_the_loss_does_not_see_where_the_picture_was_cut() -> None:
    objective, picture = drawn(coarse(48, 64)), coarse(32, 32, 2)
    rolled = objective.loss(picture.roll((8, 12), (1, 2)))
    assert float(rolled) == pytest.approx(float(objective.loss(picture)), rel=1e-4)
    apart = drawn(coarse(48, 64), "none")
    assert float(apart.loss(picture.roll((8, 12), (1, 2)))) != pytest.approx(float(apart.loss(picture)), rel=1e-4)


def test_each_draw_is_another_objective_and_the_generator_says_which() -> None:
    objective, picture, random = drawn(coarse(32, 32)), coarse(32, 32, 2), seeded(5)
    before, losses = random.get_state(), []
    for _ in range(2):
        objective.draw(picture, random)
        losses.append(float(objective.loss(picture)))
    assert losses[0] != losses[1]
    random.set_state(before)
    objective.draw(picture, random)
    assert float(objective.loss(picture)) == losses[0]


def test_a_flat_exemplar_is_no_division_by_zero() -> None:
    loss, gradient = drawn(torch.full((3, 32, 32), 0.5))(torch.rand(3, 32, 32, generator=seeded()))
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()
