from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv2d, interpolate, pad

from texture.networks.texture_net import Joining, TextureNet


@pytest.fixture(scope="module")
def network() -> TextureNet:
    torch.manual_seed(0)
    made = TextureNet([4, 2, 1], 3, [8, 8, 6], pooled=True, dtype=torch.float32)
    made(torch.randn(2, made.channels, 6, 6))  # statistics that are not just 0 and 1
    return made.eval().requires_grad_(False)


def test_the_noise_of_all_scales_lies_in_one_field(network):
    assert (network.channels, network.factor) == (4 + 2 * 4 + 1 * 16, 4)
    assert network(torch.zeros(2, network.channels, 3, 5)).shape == (2, 3, 12, 20)


def test_rolling_the_noise_rolls_the_picture(network):
    noise = torch.randn(1, network.channels, 4, 6)
    rolled = network(noise.roll((1, 2), (2, 3)))
    assert torch.allclose(rolled, network(noise).roll((4, 8), (2, 3)), atol=1e-5)


def test_a_pixel_depends_on_no_more_than_reach_cells_around_its_own(network):
    noise = torch.randn(1, network.channels, 14, 14, requires_grad=True)
    network(noise)[..., 24:28, 24:28].sum().backward()  # the pixels of cell 6
    touched = noise.grad[0].abs().sum(0).nonzero()
    assert touched.min() == 6 - network.reach  # and no less: a reach that is too large costs time
    assert touched.max() == 6 + network.reach


def test_noise_of_every_scale_changes_the_picture(network):
    noise = torch.randn(1, network.channels, 4, 4)
    for channel in (0, 4, 12):  # the first of each scale
        changed = noise.clone()
        changed[:, channel] += 1
        assert (network(changed) - network(noise)).abs().max() > 1e-3


def test_joining_is_a_convolution_of_both_laid_beside_each_other():
    torch.manual_seed(0)
    joining = Joining(5, 2, 3, 4, pooled=True).eval().requires_grad_(False)
    x, noise = torch.randn(1, 5, 4, 4), torch.randn(1, 2, 8, 8)
    look, last = joining.branch[0](noise), joining.branch[1]
    beside = torch.cat([interpolate(x, scale_factor=2), look], 1)
    gain = (3 / 8) ** 0.5  # so that each channel has the same say at first
    weight = torch.cat([joining.weight.flip(2, 3).transpose(0, 1), gain * last.weight], 1)
    joined = conv2d(pad(beside, (1,) * 4, mode="circular"), weight, joining.bias + last.bias)
    assert torch.allclose(joining(x, noise), joining.rest(joined), atol=1e-5)
