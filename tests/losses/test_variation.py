"""Total variation against sums written out by hand."""

from __future__ import annotations

import pytest
import torch

from texture.losses.variation import total_variation, variation_gradient


def test_it_is_the_mean_squared_step_across_and_down_in_grey_levels() -> None:
    image = torch.rand(3, 4, 5)
    across = [(image[c, y, x + 1] - image[c, y, x]) ** 2 for c in range(3) for y in range(4) for x in range(4)]
    down = [(image[c, y + 1, x] - image[c, y, x]) ** 2 for c in range(3) for y in range(3) for x in range(5)]
    by_hand = 255**2 * (sum(across) / len(across) + sum(down) / len(down))
    assert float(total_variation(image)) == pytest.approx(float(by_hand), rel=1e-5)


def test_a_grey_picture_counts_as_its_one_channel() -> None:
    grey = torch.rand(1, 6, 7)
    torch.testing.assert_close(total_variation(grey), total_variation(grey.expand(3, -1, -1)))


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 1, 4), (3, 4, 1)])
def test_an_axis_of_one_pixel_has_no_steps(shape: tuple[int, ...]) -> None:
    assert float(total_variation(torch.full(shape, 0.3))) == 0


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 6, 7), (3, 1, 1), (3, 1, 4), (3, 4, 1), (3, 2, 2)])
def test_its_gradient_is_that_of_autograd(shape: tuple[int, ...], tile: str) -> None:
    image = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    expected = total_variation(image, tile)
    value, gradient = variation_gradient(image.detach(), tile)
    torch.testing.assert_close(value, expected.detach())
    torch.testing.assert_close(gradient, torch.autograd.grad(expected, image)[0])
