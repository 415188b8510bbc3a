"""The method `tileset`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from texture.errors import InvalidInput
from texture.methods.artifacts import ORIGINS, PICTURE, Artifact
from texture.methods.contract import State, Step
from texture.methods.match.plan import check_match
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import Sizes
from texture.methods.tileset.corners import LEVEL, TILES, index_map, tile_at
from texture.methods.tileset.params import TileSetParams

if TYPE_CHECKING:
    import torch
    from torch import Tensor

LEAST = 4  # times its reach, that a tile has to be long
INDEX = Artifact("index.png", "image/png", "Index map", "which tile lies where in a plane, by red and green")
TILE_LIST = Artifact("tiles.json", "application/json", "Tiles", "where each tile lies in the sheet, and its corners")


def check_tileset(p: TileSetParams, sizes: Sizes) -> None:
    """Raise InvalidInput where pictures of these sizes do not fit the parameters, or tiles are too small."""
    least = TILES * LEAST * p.reach
    if min(p.size) < least:
        message = f"size={p.size}: at least {least} pixels each way for {TILES**2} tiles and a patch of {p.patch}"
        raise InvalidInput(message, field="size", value=str(p.size))
    check_match(p.matching, sizes)


@method(
    "tileset",
    title="Tile set",
    purpose="large planes without visible repeats",
    citation="Lagae 2006",
    paper="doi:10.1145/1183287.1183296",
    params=TileSetParams,
    produces=(PICTURE, INDEX, TILE_LIST, ORIGINS),
    check=check_tileset,
    processor=True,
)
def tileset(p: TileSetParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Sixteen tiles that fit together in any order in which their corners agree: a plane of them never repeats.

    The result is a sheet of 4×4 tiles; an index map says which of them lies where.
    """
    from texture.methods.common.multiscale import extents_of
    from texture.methods.tileset.work import TileSetWork

    check_tileset(p, extents_of(images))
    further: dict[Artifact, Callable[[], Tensor | bytes]] = {INDEX: partial(_index, p), TILE_LIST: partial(_list, p)}
    for step in TileSetWork(p, images, device).steps(state):
        yield replace(step, artifacts={**step.artifacts, **further})


def _index(p: TileSetParams) -> Tensor:
    """The index map: 3×cells×cells in 0..1."""
    import torch

    return torch.tensor(index_map(p.cells, p.seed)).permute(2, 0, 1) / 255


def _list(p: TileSetParams) -> bytes:
    """The tiles, row by row, as JSON."""
    tiles = [
        {"row": row, "column": column, **tile_at(row, column)._asdict()}
        for row, column in product(range(TILES), repeat=2)
    ]
    size = {"width": p.size.width // TILES, "height": p.size.height // TILES}
    index = {"cells": p.cells, "red": f"column × {LEVEL}", "green": f"row × {LEVEL}"}
    return json.dumps({"tile": size, "tiles": tiles, "index": index}, indent=1, ensure_ascii=False).encode()
