"""The transforms of Winograd's F(4×4, 3×3) as loops compiled for the processor. Imports numba.

Matrices as in Lavin & Gray 2016 (arXiv:1509.09308), section 4.3. Pictures are N×H×W×C and tiles 36×P×C, as they lie in
memory, so that each inner loop runs over the channels. Tiles are numbered row by row, one picture after another.
"""

from __future__ import annotations

import numpy as np

from texture.compiled import compiled

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

TWO, FOUR, FIVE, EIGHT = np.float32(2), np.float32(4), np.float32(5), np.float32(8)
NOTHING = np.float32(0)


@compiled(inline="always")
def place(at, length, wraps):
    """The row or column that stands at `at`, which may lie beyond the border; -1 for one of zeros."""
    if 0 <= at < length:
        return at
    return at % length if wraps else -1


@compiled(fastmath=True)
def gather(x, gate, number, wraps, tile):
    """Copy the 6×6 pixels about one tile to the rows of `tile`, 36×C; zeros where `gate`, if given, is not positive."""
    height, width, channels = x.shape[1], x.shape[2], np.uint64(x.shape[3])
    across, down = (width + 3) // 4, (height + 3) // 4
    picture, top, left = number // (across * down), number // across % down * 4 - 1, number % across * 4 - 1
    for i in range(6):
        row = place(top + i, height, wraps[0])
        for j in range(6):
            column, to = place(left + j, width, wraps[1]), 6 * i + j
            if row < 0 or column < 0:
                for c in range(channels):
                    tile[to, c] = NOTHING
            elif gate is None:
                for c in range(channels):
                    tile[to, c] = x[picture, row, column, c]
            else:
                for c in range(channels):
                    value = x[picture, row, column, c]
                    tile[to, c] = value if gate[picture, row, column, c] > NOTHING else NOTHING


@compiled(fastmath=True)
def to_tiles(first, end, start, x, gate, wraps, tiles):
    """Bᵀ d B of the tiles start + first … start + end - 1, into those places of `tiles`, 36×P×C."""
    channels = np.uint64(x.shape[3])
    a, b = np.empty((36, x.shape[3]), np.float32), np.empty((36, x.shape[3]), np.float32)
    for t in range(first, end):
        gather(x, gate, start + t, wraps, a)
        for j in range(6):
            for c in range(channels):
                a0, a1, a2, a3, a4, a5 = a[j, c], a[6 + j, c], a[12 + j, c], a[18 + j, c], a[24 + j, c], a[30 + j, c]
                even, odd, near, far = a4 - FOUR * a2, a3 - FOUR * a1, a4 - a2, TWO * (a3 - a1)
                b[j, c], b[30 + j, c] = FOUR * a0 - FIVE * a2 + a4, FOUR * a1 - FIVE * a3 + a5
                b[6 + j, c], b[12 + j, c], b[18 + j, c], b[24 + j, c] = even + odd, even - odd, near + far, near - far
        for i in range(0, 36, 6):
            for c in range(channels):
                b0, b1, b2, b3, b4, b5 = b[i, c], b[i + 1, c], b[i + 2, c], b[i + 3, c], b[i + 4, c], b[i + 5, c]
                even, odd, near, far = b4 - FOUR * b2, b3 - FOUR * b1, b4 - b2, TWO * (b3 - b1)
                tiles[i, t, c], tiles[i + 5, t, c] = FOUR * b0 - FIVE * b2 + b4, FOUR * b1 - FIVE * b3 + b5
                tiles[i + 1, t, c], tiles[i + 2, t, c] = even + odd, even - odd
                tiles[i + 3, t, c], tiles[i + 4, t, c] = near + far, near - far


@compiled(fastmath=True)
def from_tiles(first, end, start, tiles, bias, y):
    """Aᵀ m A of the same tiles into y, N×H×W×C; with a bias, the maximum of 0 and their sum."""
    height, width, channels = y.shape[1], y.shape[2], np.uint64(y.shape[3])
    across, down = (width + 3) // 4, (height + 3) // 4
    a, b = np.empty((24, y.shape[3]), np.float32), np.empty((16, y.shape[3]), np.float32)
    for t in range(first, end):
        for j in range(6):
            for c in range(channels):
                sum1, difference1 = tiles[6 + j, t, c] + tiles[12 + j, t, c], tiles[6 + j, t, c] - tiles[12 + j, t, c]
                sum2, difference2 = tiles[18 + j, t, c] + tiles[24 + j, t, c], tiles[18 + j, t, c] - tiles[24 + j, t, c]
                a[j, c], a[6 + j, c] = tiles[j, t, c] + sum1 + sum2, difference1 + TWO * difference2
                a[12 + j, c] = sum1 + FOUR * sum2
                a[18 + j, c] = difference1 + EIGHT * difference2 + tiles[30 + j, t, c]
        for i in range(4):
            for c in range(channels):
                sum1, difference1 = a[6 * i + 1, c] + a[6 * i + 2, c], a[6 * i + 1, c] - a[6 * i + 2, c]
                sum2, difference2 = a[6 * i + 3, c] + a[6 * i + 4, c], a[6 * i + 3, c] - a[6 * i + 4, c]
                b[4 * i, c], b[4 * i + 1, c] = a[6 * i, c] + sum1 + sum2, difference1 + TWO * difference2
                b[4 * i + 2, c] = sum1 + FOUR * sum2
                b[4 * i + 3, c] = difference1 + EIGHT * difference2 + a[6 * i + 5, c]
        number = start + t
        picture, top, left = number // (across * down), number // across % down * 4, number % across * 4
        for i in range(min(4, height - top)):
            for j in range(min(4, width - left)):
                if bias is None:
                    for c in range(channels):
                        y[picture, top + i, left + j, c] = b[4 * i + j, c]
                else:
                    for c in range(channels):
                        y[picture, top + i, left + j, c] = max(b[4 * i + j, c] + bias[c], NOTHING)
