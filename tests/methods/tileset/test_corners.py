"""The corners of tiles: a sheet with every combination once, planes that fit, and what has to be alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from texture.methods.tileset.corners import LEVEL, TILES, Tile, inconspicuous, index_map, plane, ties, tile_at


def test_every_combination_of_corners_occurs_once() -> None:
    places = itertools.product(range(TILES), repeat=2)
    assert sorted(tile_at(*place) for place in places) == [Tile(*c) for c in itertools.product((0, 1), repeat=4)]


@pytest.mark.parametrize("side", [4, 16, 31])
@pytest.mark.parametrize("seed", [0, 7])
def test_tiles_beside_each_other_in_a_plane_agree_in_their_corners(side: int, seed: int) -> None:
    index = index_map(side, seed)
    tiles = [[tile_at(*(int(level) // LEVEL for level in cell[1::-1])) for cell in row] for row in index]
    for row, column in itertools.product(range(side), repeat=2):
        here, right, below = tiles[row][column], tiles[row][(column + 1) % side], tiles[(row + 1) % side][column]
        assert (here.upper_right, here.lower_right) == (right.upper_left, right.lower_left)
        assert (here.lower_left, here.lower_right) == (below.upper_left, below.upper_right)


def test_a_plane_uses_all_tiles_and_seldom_the_same_beside_itself() -> None:
    index = index_map(64, 0)
    names = index[..., 1].astype(int) // LEVEL * TILES + index[..., 0] // LEVEL
    counts = np.bincount(names.ravel(), minlength=16)
    assert counts.min() > 64**2 / 16 / 2
    assert (names == np.roll(names, 1, 1)).mean() < 0.01
    assert not np.array_equal(index, index_map(64, 1))
    with pytest.raises(ValueError, match="read-only"):
        index[0] = 0  # it is kept for the next who asks


def test_a_plane_is_made_of_the_tiles_that_its_index_names() -> None:
    sheet = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    index = index_map(5, 0)
    found = plane(sheet, index)
    assert found.shape == (5 * 8, 5 * 12, 3)
    right, down = (int(level) // LEVEL for level in index[3, 1, :2])
    assert np.array_equal(found[24:32, 12:24], sheet[down * 8 : down * 8 + 8, right * 12 : right * 12 + 12])


@pytest.mark.parametrize(("height", "width", "reach"), [(64, 64, 3), (96, 64, 5), (66, 70, 2)])
def test_what_is_tied_is_like_its_model_and_the_model_like_itself(height: int, width: int, reach: int) -> None:
    models = inconspicuous(np.zeros((height, width, 3), np.float32), reach)
    tied = ties(height, width, reach, models)
    assert np.array_equal(tied[tied], tied)
    free = (tied == np.arange(height * width)).reshape(height, width)
    assert free[height // 8, width // 8]  # in the middle of a tile
    assert 0.3 < 1 - free.mean() < 0.8


def test_models_are_where_the_picture_is_nearest_its_mean() -> None:
    picture = np.full((64, 64, 3), 0.5, np.float32)
    picture[:, :40] = 1.0
    picture[:, :8] = 0.0
    models = inconspicuous(picture, 3)
    corners = [place for (kind, *_), place in models.items() if kind == "corner"]
    assert all(column == 3 for _, column in corners)
