"""Colours in units of an exemplar's own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texture.losses.colours import Colours


@pytest.fixture
def exemplar() -> Tensor:
    """Its channels differ in spread, and the third follows the first."""
    noise = torch.randn(3, 40, 50, generator=torch.Generator().manual_seed(0))
    return 0.5 + torch.stack([0.1 * noise[0], 0.02 * noise[1], 0.05 * noise[0] + 0.03 * noise[2]])


def test_along_the_principal_axes_the_exemplar_has_no_mean_unit_deviation_and_no_correlation(exemplar: Tensor) -> None:
    found = Colours(exemplar).of(exemplar).flatten(1)
    torch.testing.assert_close(found.mean(1), torch.zeros(3), rtol=0, atol=1e-4)
    torch.testing.assert_close(torch.cov(found), torch.eye(3), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("principal", [True, False])
def test_there_and_back(exemplar: Tensor, principal: bool) -> None:
    colours = Colours(exemplar, principal=principal)
    torch.testing.assert_close(colours.to_rgb(colours.of(exemplar)), exemplar)


def test_what_cannot_be_shown_is_brought_to_the_nearest_bound(exemplar: Tensor) -> None:
    colours = Colours(exemplar)
    wild = exemplar * 4 - 2
    torch.testing.assert_close(colours.to_rgb(colours.shown(colours.of(wild))), wild.clamp(0, 1))


def test_a_grey_and_a_flat_exemplar_have_axes_too(exemplar: Tensor) -> None:
    grey = exemplar[:1].expand(3, -1, -1)
    for one in (grey, torch.full((3, 8, 8), 0.25)):
        colours = Colours(one)
        torch.testing.assert_close(colours.to_rgb(colours.of(one)), one.contiguous())
        made = colours.to_rgb(torch.randn(3, 8, 8))
        assert torch.equal(made, made[:1].expand(3, -1, -1))
