"""`match`, `seamless` and `mend`: patches put together, a photo made to tile, and one with a hole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.cli.calling import refusal
from texture import save
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.samples import find_sample


@pytest.fixture
def photo() -> np.ndarray:
    """`photo.png`: a corner of the clay, 101×67."""
    pixels = find_sample("clay").pixels()[:67, :101]
    save(pixels, "photo.png")
    return pixels


def test_a_photo_is_made_to_tile(call, photo):
    status, out, err = call("seamless", "photo.png", "-o", "tile.png", "--margin", "15%", "--rounds", "4 2")
    assert (status, err) == (0, "")
    assert re.fullmatch(
        r"tile\.png and tile-origins\.png: 101x67 pixels, seam ratio \d\.\d\d, \d+\.\d s\n",
        out,
    )
    tile = read(Path("tile.png"))
    assert np.array_equal(tile[5:61, 5:95], photo[5:61, 5:95])
    assert not np.array_equal(tile, photo)
    recipe = read_recipe(Path("tile.png").read_bytes())
    assert recipe["method"] == "seamless"
    assert recipe["params"]["margin"] == "15%"


def test_several_source_textures_are_given_by_options(call, photo):
    save(np.repeat(np.repeat([[[0], [255]]], 32, 1), 3, 2).repeat(64, 0).astype(np.uint8), "guide.png")
    arguments = ("--source2", "photo.png", "--guide", "guide.png", "--size", "64", "--rounds", "2", "-o", "both.png")
    status, _, err = call("match", "sample:gravel", *arguments)
    assert (status, err) == (0, "")
    images = read_recipe(Path("both.png").read_bytes())["images"]
    assert images.keys() == {"source", "source2", "guide"}
    assert "a guide is needed" in refusal(call("match", "sample:gravel", "--source2", "photo.png"))


def test_a_hole_is_filled(call, photo):
    mask = np.zeros_like(photo)
    mask[20:40, 30:60] = 255
    save(mask, "hole.png")
    status, _, err = call("mend", "photo.png", "hole.png", "-o", "mended.png", "--rounds", "4 2")
    assert (status, err) == (0, "")
    mended = read(Path("mended.png"))
    assert np.array_equal(mended[mask == 0], photo[mask == 0])
    assert not np.array_equal(mended, photo)
    assert read_recipe(Path("mended.png").read_bytes())["images"].keys() == {"source", "mask"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["seamless", "photo.png", "--margin", "0"], "Margin cannot be 0: 0 is not above 0% and at most 90%"),
        (["seamless", "photo.png", "--margin", "100%"], "Margin cannot be 100%: 100% is not above 0% and at most 90%"),
        (["seamless", "photo.png", "--margin", "abc"], "Margin cannot be \"abc\": write 15% or 0.15"),
        (["seamless", "photo.png", "--margin", "5%"], "margin=5%: 3 pixels of 101x67, at least a patch of 9"),
        (["seamless", "photo.png", "--tile", "none"], 'Seamless must be one of x, y, both, not "none"'),
        (["match", "photo.png", "--guide", "photo.png"], "guides come in pairs: the guide of the source texture"),
        (["match", "photo.png", "--exemplar-guide", "photo.png"], "guides come in pairs: the guide of the result"),
        (["match", "photo.png", "--mask", "photo.png"], "and there is none"),
        (["mend", "photo.png"], "Missing argument 'PART-TO-FILL'"),
        (["mend", "photo.png", "sample:clay"], "pixels and the picture 101x67: it is laid over that"),
        (["match", "photo.png", "--patch", "8"], "Patch cannot be 8: must be odd: 7 or 9 would do"),
        (["match", "photo.png", "--initial", "photo.png"], "the starting picture is 101x67 pixels and the"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_line_and_nothing_written(call, photo, arguments, reason):
    assert reason in refusal(call(*arguments))
    assert [path.name for path in Path().iterdir()] == ["photo.png"]


def test_a_result_is_scored_beside_its_floors(call):
    assert call("match", "sample:weave", "-o", "m.png", "--size", "128", "--rounds", "4 3 2")[0] == 0
    status, out, _ = call("score", "sample:weave", "m.png")
    result = json.loads(out)["results"][0]
    assert status == 0
    assert result["metrics"]["patch"] < result["baselines"]["patch"]
    assert result["metrics"]["regularity"] > 0.8


def test_it_is_compared_with_another_method(call):
    arguments = ("--size", "32", "--methods", "match,patch", "-o", "both", "--minutes", "0.02")
    status, _, err = call("compare", "sample:clay", *arguments)
    assert (status, err) == (0, "")
    assert {"match", "patch"} <= {path.stem for path in Path("both").iterdir()}
