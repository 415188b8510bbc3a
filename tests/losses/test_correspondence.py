"""The guided correspondence distance: by brute force, patch by patch, and what a torus and a state promise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.features.random_network import random_weights
from texture.features.vgg import VGG
from texture.images.tensors import resize
from texture.losses.correspondence import Correspondence, CorrespondenceObjective, cut, sampled
from texture.losses.patches import CLOSEST, Grid
from texture.losses.view import View

SIDES = {"relu1_1": 1, "relu2_1": 2}
WEIGHTS = {"relu1_1": 0.5, "relu2_1": 2.0}
NETWORK = VGG(random_weights(), SIDES)
HOW = Correspondence(patch=3, stride=2, most=100, candidates=10_000, bandwidth=0.5, uniformity=0.05)  # all of them
SIZE = (16, 24)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def coarse(seed: int, height: int, width: int) -> Tensor:
    """A picture with some structure."""
    return resize(torch.rand(3, height // 4, width // 4, generator=seeded(seed)), (height, width)).clamp(0, 1)


EXEMPLAR, PICTURE = coarse(0, 20, 16), coarse(1, *SIZE)


def objective(how: Correspondence = HOW, tile: str = "both") -> CorrespondenceObjective:
    return CorrespondenceObjective(View(NETWORK, SIDES, SIZE, tile), WEIGHTS, EXEMPLAR, how)


def judged(how: Correspondence = HOW, tile: str = "both", drawn_for: Iterable[Tensor] = (PICTURE,)) -> Tensor:
    judge = objective(how, tile)
    for picture in drawn_for:
        judge.draw(picture, seeded())
    return judge.loss(PICTURE)


def patches(cells: Tensor, rows: Iterable[int], columns: Iterable[int]) -> list[Tensor]:
    """Of C×H×W, reaching across its edges."""
    return [cells.roll((-y, -x), (1, 2))[:, :3, :3].flatten() for y, x in itertools.product(rows, columns)]


def by_hand(theirs: list[Tensor], ours: list[Tensor], uses: list[int]) -> tuple[float, list[int]]:
    """The loss of one layer, and how often each of theirs is the nearest. uses: how often it was before."""
    nearest, losses = [0] * len(theirs), []
    for patch in ours:
        distances = [
            (1 - float(torch.cosine_similarity(patch, other, 0))) / 2 + 0.05 * used * len(theirs) / len(ours)
            for other, used in zip(theirs, uses, strict=True)
        ]
        weights = [math.exp((1 - d / (min(distances) + CLOSEST)) / 0.5) for d in distances]
        losses.append(-math.log(max(weights) / sum(weights)))
        nearest[distances.index(min(distances))] += 1
    return sum(losses) / len(losses), nearest


@pytest.mark.parametrize("matchings", [1, 2])
def test_the_loss_is_what_comes_of_comparing_each_patch_with_each(matchings: int) -> None:
    """On a torus; from the second matching on, what was used in the one before is farther off."""
    found, theirs = NETWORK(PICTURE[None], "both"), objective().sources
    total = 0.0
    for layer, weight in WEIGHTS.items():
        side, source = SIDES[layer], theirs[layer]
        exemplar = source.patches.view(len(source.rows), len(source.columns), 3, 3, -1).permute(0, 1, 4, 2, 3)
        ours = found[layer][0] - source.mean[:, None, None]
        here = patches(ours, range(0, SIZE[0] // side, 2), range(0, SIZE[1] // side, 2))
        there = list(exemplar.flatten(0, 1).flatten(1))
        uses = [0] * len(there)
        for _ in range(matchings):
            loss, uses = by_hand(there, here, uses)
        total += weight * loss
    assert float(judged(drawn_for=[PICTURE] * matchings)) == pytest.approx(total, rel=1e-4)


def test_patches_of_the_exemplar_lie_inside_and_reach_its_edge() -> None:
    source = objective().sources["relu1_1"]
    assert source.rows.tolist() == [*range(0, 17, 2), 17]
    assert source.columns.tolist() == [*range(0, 13, 2), 13]
    torch.testing.assert_close(source.patches.norm(dim=1), torch.ones(len(source.patches)))


def test_the_nearest_candidates_are_enough() -> None:
    """Of those far off none counts for much, and none at all for which is the nearest."""
    few, all_of_them = float(judged(replace(HOW, candidates=16))), float(judged())
    assert few < all_of_them < few + 1
    assert float(judged(replace(HOW, candidates=2))) <= math.log(2) * sum(WEIGHTS.values())


def test_the_gradient_is_that_of_the_loss() -> None:
    for tile in ("none", "both"):
        judge = objective(replace(HOW, candidates=8), tile)
        judge.draw(PICTURE, seeded())
        picture, way = coarse(2, *SIZE), torch.randn(3, *SIZE, generator=seeded(3))
        ahead, behind = (float(judge.loss(picture + step * way)) for step in (1e-3, -1e-3))
        assert float((judge(picture)[1] * way).sum()) == pytest.approx((ahead - behind) / 2e-3, rel=0.05)


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
def test_it_does_not_see_where_a_torus_was_cut(tile: str) -> None:
    for axis, wraps in ((1, tile in ("y", "both")), (2, tile in ("x", "both"))):
        judge, losses = objective(tile=tile), []
        for picture in (PICTURE, PICTURE.roll(8, axis)):
            judge.candidates = {}
            judge.draw(picture, seeded())
            losses.append(float(judge.loss(picture)))
        assert (losses[0] == pytest.approx(losses[1], rel=1e-4)) == wraps


@pytest.mark.parametrize("wrap", ["none", "both"])
def test_the_gradient_of_cutting_is_laying_over_each_other(wrap: str) -> None:
    cells = torch.rand(9, 11, 2, generator=seeded(), dtype=torch.float64).requires_grad_()
    rows, columns = sampled(Grid(9, 11, 3, 2, wrap), 100, seeded())
    assert torch.autograd.gradcheck(lambda cells: cut(cells, rows, columns, 3), cells)


def test_of_many_patches_some_rows_and_columns_are_drawn() -> None:
    rows, columns = sampled(Grid(64, 20, 3, 1), 18, seeded(1))
    assert len(set(rows.tolist())) == 18
    assert columns.tolist() == list(range(18))
    assert not torch.equal(rows, sampled(Grid(64, 20, 3, 1), 18, seeded(2))[0])
    assert torch.isfinite(judged(replace(HOW, most=3)))


def test_what_was_drawn_is_laid_again() -> None:
    first, second = objective(replace(HOW, most=4)), objective(replace(HOW, most=4))
    first.draw(PICTURE, seeded())
    second.lay(first.drawn())
    assert torch.equal(first.loss(PICTURE), second.loss(PICTURE))
    assert torch.equal(first.origins().row, second.origins().row)
    for judge in (first, second):
        judge.draw(PICTURE, seeded(1))  # the next one knows what was used, too
    assert torch.equal(first.loss(PICTURE), second.loss(PICTURE))


def test_a_flat_exemplar_and_a_flat_picture_are_no_division_by_zero() -> None:
    flat = torch.full((3, *SIZE), 0.5)
    judge = CorrespondenceObjective(View(NETWORK, SIDES, SIZE, "both"), WEIGHTS, flat, HOW)
    for picture in (PICTURE, flat):
        judge.draw(picture, seeded())
        loss, gradient = judge(picture)
        assert torch.isfinite(loss)
        assert torch.isfinite(gradient).all()
