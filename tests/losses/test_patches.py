"""Matching against brute force, patch by patch; laying patches against sums written out by hand."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from texture.losses import patches as module
from texture.losses.patches import Grid, Patches

RANDOM = torch.Generator().manual_seed(1)
MAPS = [torch.rand(5, *size, generator=RANDOM) for size in ((9, 12), (7, 6))]
PICTURE = torch.rand(5, 8, 10, generator=RANDOM)


def corners(grid: Grid) -> list[list[tuple[int, int]]]:
    return [[(y, x) for x in grid.columns.tolist()] for y in grid.rows.tolist()]


def patch(features: Tensor, y: int, x: int, size: int) -> Tensor:
    """Of a map that goes on at its other side, as far as it is asked to."""
    height, width = features.shape[1:]
    return features[:, [(y + i) % height for i in range(size)]][:, :, [(x + i) % width for i in range(size)]]


def candidates(maps: list[Tensor], size: int, stride: int) -> dict[int, Tensor]:
    """Every patch that lies inside a map, by its name."""
    found, first = {}, 0
    for features in maps:
        _, height, width = features.shape
        for y, x in itertools.product(range(0, height - size + 1, stride), range(0, width - size + 1, stride)):
            found[first + y * width + x] = patch(features, y, x, size)
        first += height * width
    return found


def by_brute_force(features: Tensor, maps: list[Tensor], grid: Grid, stride: int, variety: float) -> Tensor:
    """The name of the best candidate for each patch, every patch being compared with every candidate."""
    them = candidates(maps, grid.size, stride)
    ours = [patch(features, y, x, grid.size) for row in corners(grid) for y, x in row]
    correlations = torch.tensor(
        [[float((a * b).sum() / a.norm() / b.norm()) for b in them.values()] for a in ours], dtype=torch.float64
    )
    distances = (1 - correlations) / (1 - correlations.amax(0)) ** variety
    return torch.tensor(list(them))[distances.argmin(1)].view(len(grid.rows), -1)


@pytest.mark.parametrize(
    ("size", "stride", "exemplar_stride", "wrap", "variety"),
    [
        (3, 1, 1, "none", 0),
        (3, 1, 2, "both", 0.5),
        (3, 2, 1, "x", 0),
        (3, 2, 2, "y", 0.3),
        (2, 1, 3, "both", 0),
        (1, 1, 2, "none", 0),
    ],
)
def test_matches_are_those_of_brute_force_in_blocks_of_any_size(
    size: int, stride: int, exemplar_stride: int, wrap: str, variety: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = Grid(8, 10, size, stride, wrap)
    expected = by_brute_force(PICTURE, MAPS, grid, exemplar_stride, variety)
    for block in (1, 500, 1 << 20):
        monkeypatch.setattr(module, "PRODUCTS", block)
        monkeypatch.setattr(module, "CELLS", block // 10)
        assert torch.equal(Patches(MAPS, size, exemplar_stride).match(PICTURE, grid, variety), expected)


def test_with_variety_more_of_the_exemplar_is_taken() -> None:
    patches, grid = Patches(MAPS, 3), Grid(8, 10, 3, 1, "both")
    plain, varied = (len(patches.match(PICTURE, grid, variety).unique()) for variety in (0, 0.5))
    assert varied > 1.1 * plain


def test_a_patch_of_the_exemplar_is_its_own_best_match_however_bright() -> None:
    grid = Grid(9, 12, 3)
    matches = Patches(MAPS, 3).match(7 * MAPS[0], grid)
    assert torch.equal(matches, grid.rows[:, None] * 12 + grid.columns)


def test_a_name_tells_where_a_patch_lies() -> None:
    number, row, column = Patches(MAPS, 3).place(torch.tensor([0, 14, 107, 108, 115]))
    assert number.tolist() == [0, 0, 0, 1, 1]
    assert row.tolist() == [0, 1, 8, 0, 1]
    assert column.tolist() == [0, 2, 11, 0, 1]


@pytest.mark.parametrize(
    ("length", "stride", "wrap", "starts"),
    [
        (8, 1, "none", [0, 1, 2, 3, 4, 5]),
        (8, 2, "none", [0, 2, 4, 5]),
        (9, 2, "none", [0, 2, 4, 6]),
        (8, 2, "both", [0, 2, 4, 6]),
        (8, 3, "both", [0, 3, 6]),
    ],
)
def test_patches_cover_every_cell(length: int, stride: int, wrap: str, starts: list[int]) -> None:
    grid = Grid(length, length, 3, stride, wrap)
    assert grid.rows.tolist() == grid.columns.tolist() == starts
    assert grid.cover.min() >= 1
    assert grid.cover.sum() == len(starts) ** 2 * 9


@pytest.mark.parametrize(("stride", "wrap"), [(1, "both"), (1, "none"), (2, "x"), (2, "both"), (3, "none")])
@pytest.mark.parametrize("coherent", [True, False])
def test_rows_of_means_are_those_of_all(stride: int, wrap: str, coherent: bool) -> None:
    grid, matcher = Grid(8, 10, 3, stride, wrap), Patches(MAPS, 3)
    names = matcher.match(PICTURE, grid)
    if coherent:  # a crop of the first map, whose cells are all that covers a place
        names = torch.arange(len(grid.rows))[:, None] * MAPS[0].shape[2] + torch.arange(len(grid.columns))
        names = names * stride % (MAPS[0].shape[2] * 2)
    mean, variance = matcher.lay(names, grid)
    rows = matcher.means(names, grid)
    for first, end in ((0, 8), (0, 3), (3, 8)):
        torch.testing.assert_close(rows(first, end), mean[:, first:end], rtol=1e-6, atol=1e-6)
        parts = matcher.lay(names, grid, first, end)
        assert torch.equal(parts[0], mean[:, first:end])
        assert torch.equal(parts[1], variance[:, first:end])


@pytest.mark.parametrize(("stride", "wrap"), [(1, "both"), (1, "none"), (2, "x"), (2, "both"), (3, "none")])
def test_the_distance_cell_by_cell_is_that_of_all_patches_with_the_same_gradient(stride: int, wrap: str) -> None:
    """Σₚ Σ_c (F_c − Tₚ_c)²/n_c, n_c being how many patches cover a cell, written out patch by patch."""
    grid = Grid(8, 10, 3, stride, wrap)
    matcher = Patches(MAPS, 3)
    matches = matcher.match(PICTURE, grid)
    mean, variance = matcher.lay(matches, grid)
    features = torch.rand(5, 8, 10, dtype=torch.float64, requires_grad=True)
    ours = ((features - mean).square() + variance).sum()

    plain = features.detach().clone().requires_grad_()
    them = candidates(MAPS, 3, 1)
    by_patch = torch.zeros((), dtype=torch.float64)
    for (y, x), name in zip(itertools.chain(*corners(grid)), matches.flatten().tolist(), strict=True):
        count = patch(grid.cover[None], y, x, 3)
        by_patch = by_patch + ((patch(plain, y, x, 3) - them[name]).square() / count).sum()

    ours.backward()
    by_patch.backward()
    torch.testing.assert_close(ours, by_patch, rtol=1e-5, atol=0)
    torch.testing.assert_close(features.grad, plain.grad, rtol=1e-4, atol=1e-5)


def test_patches_laid_where_they_came_from_give_the_map_back() -> None:
    grid = Grid(9, 12, 3)
    mean, variance = Patches(MAPS, 3).lay(grid.rows[:, None] * 12 + grid.columns, grid)
    torch.testing.assert_close(mean, MAPS[0])
    assert variance.max() < 1e-6


@pytest.mark.parametrize(
    ("wrap", "stride", "nearest"),
    [
        ("none", 1, [0, 0, 1, 2, 3, 4, 5, 5]),
        ("both", 1, [7, 0, 1, 2, 3, 4, 5, 6]),
        ("both", 2, [0, 0, 0, 1, 1, 2, 2, 3]),
    ],
)
def test_each_cell_has_the_patch_whose_centre_is_nearest(wrap: str, stride: int, nearest: list[int]) -> None:
    """Centres are one cell right of the corners; the first of two that are as near."""
    rows, columns = Grid(8, 8, 3, stride, wrap).centred()
    assert rows.tolist() == columns.tolist() == nearest
