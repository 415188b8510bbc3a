"""Sheets: one tile repeated across and down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from texture.errors import InvalidInput
from texture.wording import Limits, refused

MOST_REPEATS = 16
MOST_PIXELS = 2**26  # the largest result, once


def sheet(pixels: NDArray[np.uint8], columns: int, rows: int, most: int = MOST_PIXELS) -> NDArray[np.uint8]:
    """H×W×3 repeated to (rows·H)×(columns·W)×3, each repeat the same to the bit.

    Raises:
        InvalidInput: columns or rows outside 1..16, or a sheet of more than `most` pixels.
    """
    for field, count in (("columns", columns), ("rows", rows)):
        if not 1 <= count <= MOST_REPEATS:
            raise refused(field, count, Limits(1, MOST_REPEATS))
    height, width = pixels.shape[:2]
    total = height * rows * width * columns
    if total > most:
        raise InvalidInput(
            f"columns={columns}, rows={rows}: a sheet of {width * columns}x{height * rows} has {total / 1e6:.0f} "
            f"megapixels, at most {most // 10**6}",
            field="columns",
            value=columns,
        )
    return np.tile(pixels, (rows, columns, 1))
