"""A finished result at two and four times its size: it tiles as it did, and from afar it is the one that it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from texture import save, synthesize, upscale
from texture.errors import InvalidInput
from texture.images.checksum import checksum
from texture.images.decoding import Pixels
from texture.images.encoding import encode_png
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels
from texture.methods.registry import find_method
from texture.metrics import seam
from texture.runs.enlarging import enlarging
from texture.runs.preparation import prepare

PEBBLES = find_sample("pebbles").pixels()


def made(source: Pixels = PEBBLES, **params: Any) -> bytes:
    """A result with its recipe."""
    method = find_method("match")
    run = prepare(method, method.parse({"size": "64", **params}), {"source": source})
    *_, last = synthesize("match", source, **{"size": "64", **params})
    return encode_png(to_pixels(last.image), run.recipe(last.number, last.total))


def test_a_result_that_was_stopped_on_its_way_is_refused() -> None:
    method = find_method("match")
    run = prepare(method, method.parse({"size": "64"}), {"source": PEBBLES})
    with pytest.raises(InvalidInput, match="was stopped at step 3 of 90: give a finished result"):
        enlarging(encode_png(np.zeros((64, 64, 3), np.uint8), run.recipe(3, 90)), 2)


def reduced(pixels: Pixels, size: int) -> Any:
    return np.asarray(Image.fromarray(pixels).resize((size, size), Image.Resampling.BOX)).astype(float)


def pixels_of(data: bytes, tmp_path: Path) -> Pixels:
    place = tmp_path / "result.png"
    place.write_bytes(data)
    return np.asarray(Image.open(place))


@pytest.mark.parametrize("by", [2, 4])
def test_it_keeps_its_layout_and_tiles_and_has_more_detail(by: int, tmp_path: Path) -> None:
    result = made()
    *_, last = upscale(result, by)
    large, given = to_pixels(last.image), pixels_of(result, tmp_path)
    assert large.shape == (64 * by, 64 * by, 3)
    assert seam(large, "both").seamless
    other = pixels_of(made(seed=9), tmp_path).astype(float)
    apart = np.abs(reduced(large, 64) - given).mean()
    assert apart < 0.6 * np.abs(other - given).mean(), "nearer than another seed's"
    plain = np.asarray(Image.fromarray(given).resize(large.shape[1::-1], Image.Resampling.BICUBIC)).astype(float)
    steps = [np.abs(np.diff(one, axis=1)).mean() for one in (large.astype(float), plain)]
    assert steps[0] > 1.2 * steps[1], "sharper than an enlargement"


@pytest.mark.parametrize("tile", ["x", "y"])
def test_it_tiles_along_the_axes_along_which_it_did(tile: str) -> None:
    *_, last = upscale(made(tile=tile))
    large = to_pixels(last.image)
    assert {axis: seam(large, axis).seamless for axis in ("x", "y")} == {axis: axis == tile for axis in ("x", "y")}  # type: ignore[arg-type]


def test_the_source_is_the_sample_that_it_was_or_the_one_that_is_given() -> None:
    own = np.ascontiguousarray(PEBBLES[:200, :200])
    result = made(own)
    with pytest.raises(InvalidInput, match="made from a picture of yours: say which one"):
        upscale(result)
    with pytest.raises(InvalidInput, match="made from another picture than this source"):
        upscale(result, source="sample:pebbles")
    assert checksum(enlarging(result, 2, own).pictures["source"]) == checksum(own)


def test_what_has_been_made_larger_is_made_larger_again() -> None:
    first = enlarging(made(size="48"), 2)
    again = encode_png(np.zeros((96, 96, 3), np.uint8), first.recipe(3, 3))
    assert str(enlarging(again, 4).params.size) == "384"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, "has no recipe in it: give a PNG that Texture Lab made"),
        ({"images": {"source": "0", "content": "1"}}, "was also made with: content"),
        ({"method": "guided"}, "a result of Guided correspondence cannot be continued"),
        ({"params": {"size": "32"}}, "has 64x64 pixels, and was made with 32"),
        ({"params": {"size": "256"}}, "four times the size needs 1024"),
        ({"params": []}, "has no recipe in it"),
    ],
)
def test_what_cannot_be_made_larger_says_why(change: dict[str, Any], complaint: str, tmp_path: Path) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    about = {"method": "match", "params": {"size": "64"}, "images": {"source": "0"}, "exemplar": checksum(PEBBLES)}
    save(pixels, tmp_path / "tile.png", {**about, **change} if change else None)
    with pytest.raises(InvalidInput, match=complaint):
        upscale(tmp_path / "tile.png", 4)


def test_no_file_and_no_png_say_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.png: no such file"):
        upscale("none.png")
    (tmp_path / "tile.jpg").write_bytes(b"\xff\xd8 no PNG")
    with pytest.raises(InvalidInput, match=r"tile\.jpg: the file is no PNG, or a damaged one"):
        upscale(tmp_path / "tile.jpg")
