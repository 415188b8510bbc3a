"""What a picture is judged by: the exemplar's statistics, without its borders where the picture has none."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.features.random_network import random_weights
from texture.features.vgg import VGG
from texture.losses.gram import gram
from texture.losses.objective import GramObjective, plain

LAYERS = {"relu1_1": 1.0, "pool2": 1.0, "pool4": 0.5}
NETWORK = VGG(random_weights(), LAYERS)


@pytest.fixture
def stripes() -> Tensor:
    """48×64, periodic by 16 pixels in both directions, so that it goes on over its own wrap."""
    y, x = torch.meshgrid(torch.arange(48), torch.arange(64), indexing="ij")
    wave = 0.5 + 0.2 * torch.sin(2 * torch.pi * x / 16) + 0.2 * torch.cos(2 * torch.pi * y / 16)
    return torch.stack([wave, wave * 0.8, wave * 0.5])


def test_nothing_is_left_to_gain_on_the_exemplar_itself(stripes: Tensor) -> None:
    loss, gradient = GramObjective(NETWORK, LAYERS, stripes, "none")(stripes)
    assert loss == 0
    assert gradient.shape == stripes.shape
    assert gradient.abs().max() == 0


@pytest.mark.parametrize("tile", ["none", "both"])
def test_flat_grey_is_one(stripes: Tensor, tile: str) -> None:
    grey = stripes.mean((1, 2), keepdim=True).expand_as(stripes).contiguous()
    assert float(GramObjective(NETWORK, LAYERS, stripes, tile).loss(grey)) == pytest.approx(1)


def test_on_a_torus_the_loss_does_not_see_where_the_picture_was_cut(stripes: Tensor) -> None:
    objective = GramObjective(NETWORK, LAYERS, stripes, "both")
    picture = torch.rand(3, 32, 32)
    assert float(objective.loss(picture.roll((16, 16), (1, 2)))) == pytest.approx(
        float(objective.loss(picture)), rel=1e-4
    )


def test_the_exemplars_border_does_not_enter_the_statistics_of_a_torus(stripes: Tensor) -> None:
    """Periodic, it is a perfect tile of itself; a frame of zeros in the statistics would deny that."""
    objective = GramObjective(NETWORK, LAYERS, stripes, "both")
    assert objective.loss(stripes) < 0.02
    objective.targets = {layer: gram(features) for layer, features in plain(NETWORK, stripes).items()}
    assert objective.loss(stripes) > 0.2


def test_a_flat_exemplar_is_no_division_by_zero() -> None:
    flat = torch.full((3, 32, 32), 0.5)
    loss, gradient = GramObjective(NETWORK, LAYERS, flat, "both")(torch.rand(3, 32, 32))
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()
