from __future__ import annotations

import pytest
import torch

from texture.networks.style_net import FACTOR, StyleNet


@pytest.fixture(scope="module")
def network() -> StyleNet:
    torch.manual_seed(0)
    made = StyleNet(4, 1, pooled=True, dtype=torch.float32)
    made(torch.rand(2, 3, 32, 32))  # statistics that are not just 0 and 1
    return made.eval().requires_grad_(False)


def test_a_picture_becomes_one_of_its_size(network):
    assert network(torch.rand(2, 3, 16, 24)).shape == (2, 3, 16, 24)


def test_rolling_the_picture_by_whole_cells_rolls_the_result(network):
    picture = torch.rand(1, 3, 32, 48)
    rolled = network(picture.roll((FACTOR, 2 * FACTOR), (2, 3)))
    assert torch.allclose(rolled, network(picture).roll((FACTOR, 2 * FACTOR), (2, 3)), atol=1e-5)


def test_a_pixel_depends_on_no_more_than_reach_pixels_around(network):
    side = 2 * network.reach + 8 * FACTOR
    picture = torch.rand(1, 3, side, side, requires_grad=True)
    middle = side // 2 // FACTOR * FACTOR
    network(picture)[..., middle : middle + FACTOR, middle : middle + FACTOR].sum().backward()
    touched = picture.grad[0].abs().sum(0).nonzero()
    least, most = int(touched.min()), int(touched.max())
    assert middle - network.reach <= least <= middle - network.reach + FACTOR
    assert most <= middle + FACTOR - 1 + network.reach
