"""Patches laid over each other, as a loop compiled for the processor. Imports numba."""

from __future__ import annotations

import numpy as np

from texture.compiled import compiled

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

MOST = 64  # patches that cover a cell


@compiled()
def lay(first, end, top, names, widths, rows, columns, cells, mean):
    """Into `mean`, rows×W×C, of these rows: the mean of what patches have at each cell; its first row is `top`.

    names: of the patches, by row and column of their grid; widths: of the maps that those lie in. rows, columns: H×size
    and W×size, the row or column of patches that are so far from their corner there; -1 where none is. cells: n×C.
    """
    channels, covering = cells.shape[1], np.empty(MOST, np.int64)
    for y in range(first, end):
        for x in range(mean.shape[1]):
            count = 0
            for down in range(rows.shape[1]):
                for across in range(columns.shape[1]):
                    i, j = rows[top + y, down], columns[x, across]
                    if i >= 0 and j >= 0:
                        covering[count] = names[i, j] + down * widths[i, j] + across
                        count += 1
            alike = 1
            while alike < count and covering[alike] == covering[0]:
                alike += 1
            for c in range(channels):
                mean[y, x, c] = cells[covering[0], c]
            if alike < count:
                for k in range(1, count):
                    for c in range(channels):
                        mean[y, x, c] += cells[covering[k], c]
                share = np.float32(count)
                for c in range(channels):
                    mean[y, x, c] /= share
