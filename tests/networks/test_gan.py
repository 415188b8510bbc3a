from __future__ import annotations

import pytest
import torch

from texture.networks.gan import SPAN, Discriminator, Discriminators, Generator, Palette


@pytest.fixture
def generator(request):
    torch.manual_seed(0)
    widths = [5, 12, 8, 6] if request.param == "nearest" else [5, 12, 8]
    network = Generator(widths, request.param, torch.float32).eval()
    for norm in network.norms:  # statistics that are not just 0 and 1
        norm.mean.normal_()
        norm.variance.uniform_(0.5, 2)
    return network.requires_grad_(False)


both = pytest.mark.parametrize("generator", ["nearest", "transposed"], indirect=True)


@both
def test_a_cell_of_noise_becomes_factor_pixels(generator):
    assert generator.factor == 8
    assert generator(torch.zeros(2, 5, 3, 4)).shape == (2, 3, 24, 32)


@both
def test_the_picture_is_on_a_torus(generator):
    """Rolling the noise field by a cell rolls the picture by `factor` pixels."""
    noise = torch.rand(1, 5, 4, 6) * 2 - 1
    rolled = generator(noise.roll((1, 2), (2, 3)))
    assert torch.allclose(rolled, generator(noise).roll((8, 16), (2, 3)), atol=1e-6)


@both
def test_a_pixel_depends_on_no_more_than_reach_cells_around_its_own(generator):
    noise = (torch.rand(1, 5, 12, 12) * 2 - 1).requires_grad_()
    generator(noise)[..., 48:56, 48:56].sum().backward()  # the pixels of cell 6
    touched = noise.grad[0].abs().sum(0).nonzero()
    assert touched.min() == 6 - generator.reach  # and no less: a reach that is too large costs time
    assert touched.max() <= 6 + generator.reach


def test_each_scale_of_discriminators_sees_half_the_size():
    def make():
        return Discriminator([4, 8], 4, spectral=True, norms=False, dtype=torch.float32)

    answers = Discriminators([make(), make()])(torch.rand(3, 3, 32, 32))
    assert [answer.shape for answer in answers] == [(3, 64), (3, 16)]


def test_spectral_normalisation_bounds_what_a_layer_can_do():
    torch.manual_seed(0)
    network = Discriminator([4, 8], 4, spectral=True, norms=False, dtype=torch.float32)
    with torch.no_grad():
        for _ in range(30):  # power iterations
            network(torch.rand(1, 3, 32, 32))
        largest = [float(torch.linalg.matrix_norm(layer.weight.flatten(1), 2)) for layer in network.layers]
    assert largest == pytest.approx([1, 1], abs=0.02)


def test_colours_go_along_the_axes_of_the_exemplar_and_back():
    torch.manual_seed(0)
    brightness, tint = torch.rand(1, 40, 40), 0.05 * torch.rand(1, 40, 40)
    exemplar = torch.cat([0.1 + 0.8 * brightness, 0.1 + 0.7 * brightness, 0.1 + 0.6 * brightness + tint])
    palette = Palette()
    palette.fit(exemplar)
    along = palette.from_rgb(exemplar)
    assert torch.allclose(palette.to_rgb(along), exemplar, atol=1e-5)
    reach = along.flatten(1).abs().amax(1)
    assert reach[1:].tolist() == pytest.approx([SPAN, SPAN], rel=1e-3)  # the tint reaches as far as the brightness
    assert reach[0] < SPAN / 10  # and what never changes stays small
    assert abs(float(torch.corrcoef(along.flatten(1))[1, 2])) < 1e-3


def test_a_grey_exemplar_has_a_palette_too():
    palette = Palette()
    grey = torch.rand(1, 8, 8).expand(3, -1, -1)
    palette.fit(grey)
    assert torch.allclose(palette.to_rgb(palette.from_rgb(grey)), grey, atol=1e-5)
