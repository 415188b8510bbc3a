"""The method `tileset`: sixteen tiles, any of which fit together where their corners agree."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from texture import synthesize
from texture.errors import InvalidInput
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.common.regular import fitted_inputs
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.methods.tileset.corners import LEVEL, TILES, index_map, plane, tile_at
from texture.methods.tileset.run import INDEX, TILE_LIST

METHOD = find_method("tileset")
CPU = torch.device("cpu")
QUICK = {"size": "256", "rounds": "6 4 2", "device": "cpu"}
CLAY = np.ascontiguousarray(find_sample("clay").pixels()[:128, :128])


def last_of(source: object = CLAY, **params: object) -> Step:
    *_, step = synthesize("tileset", source, **{**QUICK, **params})  # type: ignore[arg-type]
    return step


def sheet_of(step: Step) -> NDArray[np.uint8]:
    return to_pixels(step.image)


def cut(sheet: NDArray[np.uint8]) -> dict[tuple[int, int], NDArray[np.uint8]]:
    height, width = sheet.shape[0] // TILES, sheet.shape[1] // TILES
    return {
        (row, column): sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
        for row, column in itertools.product(range(TILES), repeat=2)
    }


@pytest.mark.parametrize(("size", "source"), [("256", CLAY), ("256x320", CLAY), ("288", np.repeat(CLAY[:48], 2, 1))])
def test_tiles_that_may_meet_see_the_same_across_their_edge(size: str, source: NDArray[np.uint8]) -> None:
    """As far as a patch: what follows across an edge is what follows in the sheet itself, whichever tile it is."""
    tiles = cut(sheet_of(last_of(source, size=size)))
    for one, other in itertools.product(tiles, repeat=2):
        ours, theirs = tile_at(*one), tile_at(*other)
        after = (one[0], (one[1] + 1) % TILES)
        if (ours.upper_right, ours.lower_right) == (theirs.upper_left, theirs.lower_left):
            assert np.array_equal(tiles[other][:, :9], tiles[after][:, :9]), (one, other)
        below = ((one[0] + 1) % TILES, one[1])
        if (ours.lower_left, ours.lower_right) == (theirs.upper_left, theirs.upper_right):
            assert np.array_equal(tiles[other][:9], tiles[below][:9]), (one, other)


def test_tiles_are_not_alike_inside() -> None:
    inside = [tile[16:48, 16:48].astype(int) for tile in cut(sheet_of(last_of())).values()]
    assert min(np.abs(one - other).mean() for one, other in itertools.combinations(inside, 2)) > 2


def test_a_plane_has_no_seam_where_tiles_meet() -> None:
    """Steps across edges are as large as inside: of tiles at random, without their corners, they are much larger."""
    sheet, side = sheet_of(last_of(rounds="20 12 6")), 64
    random = np.random.default_rng(0).integers(0, TILES, (8, 8, 3)).astype(np.uint8) * LEVEL

    def step_at_edges(index: NDArray[np.uint8]) -> float:
        steps = np.abs(np.diff(plane(sheet, index).astype(float), axis=1)).mean((0, 2))
        return float(steps[side - 1 :: side].mean() / np.median(steps))

    assert step_at_edges(index_map(8, 0)) < 1.15
    assert step_at_edges(random) > 1.4


def test_the_sheet_tiles_too() -> None:
    assert METHOD.outline(METHOD.parse({}), {}).tile == "both"


def test_a_regular_source_is_fitted_to_each_tile() -> None:
    """A wall's courses go on from any tile to any other."""
    source = torch.from_numpy(find_sample("wall").pixels()).permute(2, 0, 1).float() / 255
    p, images = fitted_inputs(METHOD.parse({"size": "512", "exemplar_size": 256}), Inputs(source))
    assert images.lattice is not None
    periods = np.array([[0, 128], [128, 0]]) @ np.linalg.inv(images.lattice.matrix)
    assert np.allclose(periods, periods.round(), atol=1e-3)
    assert p.outline({"source": Extent(384, 384)}).parts == TILES


def test_the_index_and_the_list_of_tiles_come_with_it() -> None:
    step = last_of(cells=8, seed=3)
    index, told = step.made(INDEX), json.loads(step.made(TILE_LIST))  # type: ignore[arg-type]
    assert isinstance(index, torch.Tensor)
    assert np.array_equal((index * 255).round().permute(1, 2, 0).numpy(), index_map(8, 3))
    assert told["tile"] == {"width": 64, "height": 64}
    assert told["index"]["cells"] == 8
    assert len({tuple(tile[name] for name in list(tile)[2:]) for tile in told["tiles"]}) == 16


def test_it_goes_on_bit_for_bit_from_a_checkpoint(tmp_path: Path) -> None:
    p, inputs = METHOD.parse({"size": "256", "rounds": "3 2"}), Inputs(torch.from_numpy(CLAY).permute(2, 0, 1) / 255)
    whole = list(METHOD.run(p, inputs, CPU))
    for stop in (2, 4, whole[-1].number - 1):
        stopped = list(itertools.islice(METHOD.run(p, inputs, CPU), stop))[-1]
        Checkpoint(FolderBlobs(tmp_path), "state").save(stopped.state())
        resumed = list(METHOD.run(p, inputs, CPU, Checkpoint(FolderBlobs(tmp_path), "state").load()))
        assert torch.equal(resumed[-1].image, last_image(p, inputs)), stop


def last_image(p: object, inputs: Inputs) -> torch.Tensor:
    *_, step = METHOD.run(p, inputs, CPU)  # type: ignore[arg-type]
    return step.image


def test_a_source_of_one_scale_has_its_edges_tied_all_the_same() -> None:
    """So small for its patches that there is nothing coarser."""
    tiles = cut(sheet_of(last_of(CLAY[:32, :32], size="320", patch=19)))
    alike = [place for place in tiles if tile_at(*place)[1::2] == tile_at(0, 0)[1::2]]
    assert len(alike) == 4
    assert all(np.array_equal(tiles[place][:, -19:], tiles[0, 0][:, -19:]) for place in alike)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"size": "128"}, "size=128: at least 144 pixels each way"),
        ({"patch": 21}, "size=256: at least 336 pixels each way for 16 tiles and a patch of 21"),
        ({"tile": "none"}, "Seamless"),
        ({"cells": 2}, "Index map"),
        ({"cells": 257}, "Index map"),
    ],
)
def test_what_does_not_fit_is_refused(params: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        last_of(**params)
