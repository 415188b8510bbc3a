from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from texture.errors import InvalidInput
from texture.images.sheets import sheet

TILES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


@given(TILES, st.integers(1, 16), st.integers(1, 16))
def test_every_repeat_is_the_tile_to_the_bit(tile, columns, rows):
    height, width = tile.shape[:2]
    result = sheet(tile, columns, rows)
    assert result.shape == (rows * height, columns * width, 3)
    for row in range(rows):
        for column in range(columns):
            assert np.array_equal(result[row * height :, column * width :][:height, :width], tile)


@pytest.mark.parametrize(
    ("columns", "rows", "field"), [(0, 1, "columns"), (17, 1, "columns"), (1, -1, "rows"), (1, 17, "rows")]
)
def test_counts_outside_1_to_16_are_refused(columns, rows, field):
    with pytest.raises(InvalidInput, match="between 1 and 16") as caught:
        sheet(np.zeros((4, 4, 3), np.uint8), columns, rows)
    assert caught.value.field == field


def test_a_sheet_above_the_largest_result_is_refused_by_its_size():
    tile = np.broadcast_to(np.uint8(0), (2048, 2048, 3))
    assert sheet(tile, 4, 4).shape == (8192, 8192, 3)
    with pytest.raises(InvalidInput, match="8192x10240 has 84 megapixels, at most 67"):
        sheet(tile, 4, 5)
