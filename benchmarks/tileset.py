"""Planes of one tile beside planes of a set of sixteen: the picture and the table of docs/methods/tileset.md.

    python -m benchmarks.tileset [--exemplars pebbles,grass,wall] [--tile 256] [--cells 8] -o planes.jpg

Both are made by the same search, from the same source texture at the same scale; the one tile has as many pixels as
each of the sixteen.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections import deque
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.report import row
from texture import save, synthesize
from texture.images.tensors import resize, to_pixels, to_tensor
from texture.methods.sizes import Extent
from texture.methods.tileset.corners import TILES, index_map, plane
from texture.metrics.repetition import repetition

SHOWN, GAP = 440, 8  # pixels of a plane in the picture, and between two


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exemplars", default="pebbles,grass,wall")
    parser.add_argument("--tile", type=int, default=256, help="pixels a side")
    parser.add_argument("--cells", type=int, default=8, help="tiles across and down in a plane")
    parser.add_argument("-o", "--output", required=True)
    given = parser.parse_args()
    print(row(["source texture", "repetition: one tile", "sixteen", "seconds: one tile", "sixteen"]))
    print("|---|--:|--:|--:|--:|")
    lines = []
    for name in given.exemplars.split(","):
        shown = 2 * given.tile
        tile, quick = made("match", name, size=given.tile, exemplar_size=shown)
        sheet, seconds = made("tileset", name, size=TILES * given.tile, exemplar_size=shown)
        planes = np.tile(tile, (given.cells, given.cells, 1)), plane(sheet, index_map(given.cells, 0))
        print(row([name, *(f"{repetition(to_tensor(one)):.2f}" for one in planes), f"{quick:.1f}", f"{seconds:.1f}"]))
        lines.append(torch.cat([cell(one) for one in planes], 2))
    save(to_pixels(torch.cat(lines, 1)[:, GAP:, GAP:]), given.output)


def made(method: str, name: str, **params: Any) -> tuple[NDArray[np.uint8], float]:
    """The picture, and the seconds that it took."""
    began = time.perf_counter()
    (last,) = deque(synthesize(method, f"sample:{name}", **params), maxlen=1)
    return to_pixels(last.image), time.perf_counter() - began


def cell(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """A plane as it is shown, with white above it and to its left."""
    small = resize(to_tensor(pixels), Extent(SHOWN, SHOWN)).clamp(0, 1)
    return torch.nn.functional.pad(small, (GAP, 0, GAP, 0), value=1.0)


if __name__ == "__main__":
    main()
