"""The corners of sixteen tiles, how they lie in one sheet, and which of its pixels have to be alike. NumPy only.

Each corner of a tile has one of two colours: sixteen tiles have all combinations (Lagae & Dutré 2006, section 3). On a
torus of 4×4 corners each combination of four neighbours can occur once (a de Bruijn torus): the sheet. It tiles, and
what is beside a tile there could be beside it anywhere, so that a renderer may filter across its edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TILES = 4  # across and down
CORNERS = ((1, 1, 1, 0), (1, 1, 0, 1), (0, 1, 0, 0), (1, 0, 0, 0))  # the colour of each tile's upper left corner
LEVEL = 255 // (TILES - 1)  # of an index map, that is a tile further


class Tile(NamedTuple):
    """The colours of a tile's corners."""

    upper_left: int
    upper_right: int
    lower_left: int
    lower_right: int


def tile_at(row: int, column: int) -> Tile:
    """The tile in that place of the sheet."""
    return Tile(*(CORNERS[(row + down) % TILES][(column + right) % TILES] for down in (0, 1) for right in (0, 1)))


PLACES = {tile_at(row, column): (row, column) for row, column in product(range(TILES), repeat=2)}


@lru_cache(4)
def index_map(side: int, seed: int) -> NDArray[np.uint8]:
    """side×side×3: a plane of tiles, which repeats only as a whole; the colours of corners are drawn at random.

    Red is the tile's column in the sheet, times LEVEL, and green its row. Tiles beside each other are mostly not alike.
    """
    colours = np.random.default_rng(seed).integers(0, 2, (side, side))

    def tile(row: int, column: int) -> Tile:
        around = (colours[(row + down) % side, (column + right) % side] for down in (0, 1) for right in (0, 1))
        return Tile(*map(int, around))

    for row, column in product(range(1, side - 1), repeat=2):
        if tile(row, column) in (tile(row - 1, column), tile(row, column - 1)):
            colours[row + 1, column + 1] ^= 1
    index = np.zeros((side, side, 3), np.uint8)
    for row, column in product(range(side), repeat=2):
        down, right = PLACES[tile(row, column)]
        index[row, column, :2] = right * LEVEL, down * LEVEL
    index.flags.writeable = False  # it is kept: a running job shows it again and again
    return index


def plane(sheet: NDArray[np.uint8], index: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The tiles of a sheet, H×W×3, as an index map, rows×columns×3, says: each H/4 × W/4 pixels."""
    height, width = (side // TILES for side in sheet.shape[:2])
    tiles = sheet.reshape(TILES, height, TILES, width, 3).swapaxes(1, 2)
    chosen = tiles[index[..., 1] // LEVEL, index[..., 0] // LEVEL]
    return chosen.swapaxes(1, 2).reshape(index.shape[0] * height, index.shape[1] * width, 3)


Kind = tuple[str, int, int]  # what has to be alike: corners of a colour, or edges of one direction between two colours
Models = Mapping[Kind, tuple[int, int]]  # of each kind the tile, by row and column, whose own the others are to be like
Rectangle = tuple[NDArray[np.int64], NDArray[np.int64]]  # its rows, its columns


def ties(height: int, width: int, reach: int, models: Models) -> NDArray[np.int64]:
    """Of each pixel of a sheet, row by row, the number of the pixel that it has to be like; height·width.

    Around corners of one colour all is alike, as far as `reach` pixels; so it is on both sides of edges between the
    same two colours.
    """
    numbers = np.arange(height * width).reshape(height, width)
    alike = numbers.copy()
    for kind, places in _rectangles(height, width, reach).items():
        model = numbers[np.ix_(*places[models[kind]])]
        for rectangle in places.values():
            alike[np.ix_(*rectangle)] = model
    return alike.reshape(-1)


def inconspicuous(picture: NDArray[np.float32], reach: int) -> dict[Kind, tuple[int, int]]:
    """Of each kind the place at which the colours of a sheet, H×W×3, are nearest their mean: nobody sees it again."""
    odd = np.square(picture - picture.mean((0, 1))).sum(2)
    height, width = odd.shape
    return {
        kind: min(places, key=lambda place: float(odd[np.ix_(*places[place])].mean()))
        for kind, places in _rectangles(height, width, reach).items()
    }


def _rectangles(height: int, width: int, reach: int) -> dict[Kind, dict[tuple[int, int], Rectangle]]:
    """Of each kind where it is: by the place of the tile at whose corner or edge it lies."""
    found: defaultdict[Kind, dict[tuple[int, int], Rectangle]] = defaultdict(dict)
    (rows_around, rows_between), (columns_around, columns_between) = (_lines(side, reach) for side in (height, width))
    for row, column in product(range(TILES), repeat=2):
        tile, at = tile_at(row, column), (row, column)
        found["corner", tile.upper_left, tile.upper_left][at] = rows_around[row], columns_around[column]
        found["upper edge", tile.upper_left, tile.upper_right][at] = rows_around[row], columns_between[column]
        found["left edge", tile.upper_left, tile.lower_left][at] = rows_between[row], columns_around[column]
    return found


def _lines(side: int, reach: int) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """The lines about the beginning of each tile, and those between that and the next; of tiles that are not equally
    long, at a coarse scale, the latter are stretched."""
    starts = [round(number * side / TILES) for number in range(TILES + 1)]
    longest = max(end - start for start, end in pairwise(starts)) - 2 * reach
    shares = (np.arange(longest) + 0.5) / longest
    around = [np.arange(start - reach, start + reach) % side for start in starts[:TILES]]
    between = [(start + reach + shares * (end - start - 2 * reach)).astype(np.int64) for start, end in pairwise(starts)]
    return around, between
