"""Sliced Wasserstein distance: against sorting and assigning by hand, and what a torus and a lattice promise."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.wasserstein import PatchDistance, directions, project, quantiles, transported


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def picture(height: int, width: int, seed: int = 1) -> Tensor:
    return torch.rand(3, height, width, generator=seeded(seed))


def test_directions_are_unit_vectors_without_a_preferred_side() -> None:
    drawn = directions(4000, 3, seeded()).flatten(1)
    torch.testing.assert_close(drawn.norm(dim=1), torch.ones(4000))
    assert drawn.mean(0).abs().max() < 0.01
    torch.testing.assert_close(drawn.T @ drawn / 4000, torch.eye(27) / 27, rtol=0, atol=0.004)


@pytest.mark.parametrize(("wrap", "rows", "columns"), [("none", 5, 7), ("x", 5, 9), ("y", 7, 7), ("both", 7, 9)])
def test_a_projection_is_the_product_of_a_patch_and_a_direction(wrap: str, rows: int, columns: int) -> None:
    image, kernels = picture(7, 9), directions(4, 3, seeded())
    by_hand = torch.empty(4, rows, columns)
    for y, x in itertools.product(range(rows), range(columns)):
        patch = image.roll((-y, -x), (1, 2))[:, :3, :3]  # which reaches across the edge where it has to
        by_hand[:, y, x] = (kernels * patch).sum((1, 2, 3))
    torch.testing.assert_close(project(image, kernels, wrap), by_hand.flatten(1))


@pytest.mark.parametrize("wrap", ["none", "both"])
def test_lattices_from_each_first_place_are_all_patches_once(wrap: str) -> None:
    image, kernels = picture(8, 12), directions(2, 5, seeded())
    parts = [project(image, kernels, wrap, 2, first) for first in itertools.product(range(2), range(2))]
    together = torch.cat(parts, dim=1).sort(dim=1).values
    torch.testing.assert_close(together, project(image, kernels, wrap).sort(dim=1).values)


def test_transport_is_the_cheapest_of_all_assignments() -> None:
    values, goals = torch.randn(3, 6, generator=seeded()), torch.randn(3, 6, generator=seeded(1))
    found = transported(values, goals)
    assert torch.equal(found.sort(dim=1).values, goals.sort(dim=1).values)
    for power in (1, 2):
        costs = [(values - goals[:, list(order)]).abs().pow(power).sum(1) for order in itertools.permutations(range(6))]
        torch.testing.assert_close((values - found).abs().pow(power).sum(1), torch.stack(costs).amin(0))


def test_where_counts_differ_each_goal_has_its_even_share() -> None:
    values, goals = torch.randn(2, 12, generator=seeded()), torch.randn(2, 4, generator=seeded(1))
    torch.testing.assert_close(transported(values, goals), transported(values, goals.repeat(1, 3)))
    assert quantiles(torch.tensor([[4.0, 3, 2, 1, 0, 5]]), 2).tolist() == [[1, 4]]
    assert quantiles(torch.tensor([[3.0, 1, 2]]), 5).tolist() == [[1, 1, 2, 3, 3]]


def test_the_gradient_is_that_of_the_distance() -> None:
    exemplar, image = picture(12, 12).double(), picture(10, 14, 2).double()
    step = 1e-6 * torch.randn(image.shape, generator=seeded(), dtype=torch.double)

    def measure(image: Tensor) -> tuple[Tensor, Tensor]:
        return PatchDistance(exemplar, size=3, count=8, to_rgb=lambda x: 2 * x, random=seeded(3))(image)

    rise = measure(image + step)[0] - measure(image - step)[0]
    torch.testing.assert_close(rise, 2 * (measure(image)[1] * step).sum(), rtol=1e-4, atol=0)


def test_the_exemplar_itself_is_at_no_distance_and_flat_grey_at_one() -> None:
    exemplar = picture(20, 16)
    measure = PatchDistance(exemplar, tile="none", random=seeded())
    loss, gradient = measure(exemplar)
    assert float(loss) == pytest.approx(0, abs=1e-6)
    assert gradient.shape == exemplar.shape
    grey = exemplar.mean((1, 2), keepdim=True).expand_as(exemplar)
    mean = sum(float(measure(grey)[0]) for _ in range(10)) / 10
    assert mean == pytest.approx(1, abs=0.05)  # patches at the border have other means than the whole
    assert torch.isfinite(PatchDistance(grey, random=seeded())(exemplar)[0])


@pytest.mark.parametrize(("tile", "moved"), [("none", True), ("x", True), ("both", False)])
def test_on_a_torus_the_distance_does_not_see_where_the_picture_was_cut(tile: str, moved: bool) -> None:
    exemplar, image = F.avg_pool2d(picture(80, 80), 5), picture(32, 32, 2)
    here, there = (
        PatchDistance(exemplar, tile=tile, patches=256, random=seeded())(each)
        for each in (image, image.roll((8, 16), (1, 2)))
    )
    differ = (here[1].roll((8, 16), (1, 2)) - there[1]).abs().max() > 1e-3 * here[1].abs().max()
    assert bool(differ) == moved


@pytest.mark.parametrize(("side", "patches", "stride"), [(32, 1024, 1), (64, 1024, 2), (256, 1024, 4)])
def test_of_a_large_picture_a_lattice_is_looked_at_without_gaps(side: int, patches: int, stride: int) -> None:
    measure = PatchDistance(picture(32, 32), patches=patches, count=8, random=seeded())
    image = picture(side, side, 2)
    assert measure.stride(image) == stride
    assert bool((measure(image)[1] != 0).all())


def test_each_call_draws_again_and_the_generator_says_what() -> None:
    random, image = seeded(5), picture(16, 16)
    measure = PatchDistance(picture(20, 20, 2), random=random)
    before = random.get_state()
    first, second = measure(image)[0], measure(image)[0]
    assert first != second
    random.set_state(before)
    assert measure(image)[0] == first
