"""Files of one's own machine: what is too large for an upload is reduced, and what a method has made is taken whole."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.images.real_files import black_png
from texture.errors import InvalidInput
from texture.images.decoding import FINISHED, MAX_BYTES, MAX_PIXELS, decode, read
from texture.images.encoding import encode_as
from texture.images.sources import pixels_from


def test_a_file_above_the_limit_for_uploads_is_read(tmp_path: Path):
    side = 2700
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "scan.png", compress_level=0)
    assert (tmp_path / "scan.png").stat().st_size > MAX_BYTES
    assert np.array_equal(read(tmp_path / "scan.png"), noise)


def test_a_picture_above_the_limit_for_uploads_is_reduced_and_that_is_told(tmp_path: Path):
    data, told = black_png(14_000, 13_000), []  # which Pillow by itself would not open
    (tmp_path / "wall.png").write_bytes(data)
    height, width, _ = read(tmp_path / "wall.png", tell=told.append).shape
    assert 0.99 * MAX_PIXELS < height * width <= MAX_PIXELS
    assert width / height == pytest.approx(14 / 13, abs=0.001)
    assert told == [f"{tmp_path}/wall.png: 14000x13000 pixels are reduced to {width}x{height}"]
    with pytest.raises(InvalidInput, match="at most 25 megapixels"):
        decode(data)


def test_bytes_and_arrays_of_a_library_s_caller_are_reduced_likewise():
    grey = np.full((5100, 5000, 3), 99, np.uint8)
    reduced = pixels_from(grey)
    assert reduced.shape == pixels_from(black_png(5000, 5100)).shape == (5049, 4950, 3)
    assert np.all(reduced == 99)


def test_beyond_268_megapixels_even_ones_own_is_refused(tmp_path: Path):
    (tmp_path / "wall.png").write_bytes(black_png(20_000, 14_000))
    with pytest.raises(InvalidInput, match="at most 268 megapixels"):
        read(tmp_path / "wall.png")


@pytest.mark.parametrize("size", [(16, 16), (4096, 16), (16, 4096)])
def test_what_a_method_may_have_made_is_taken_as_it_is(tmp_path: Path, size):
    made = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    (tmp_path / "made.png").write_bytes(encode_as(".png", made))
    assert np.array_equal(read(tmp_path / "made.png", bounds=FINISHED), made)


def test_so_is_what_would_be_reduced_otherwise():
    assert pixels_from(black_png(5000, 5100), bounds=FINISHED).shape == (5100, 5000, 3)


def test_a_picture_too_long_for_a_format_is_told():
    with pytest.raises(InvalidInput, match="a JPEG has at most 65500 pixels on each side, not 70000x16"):
        encode_as(".jpg", np.zeros((16, 70_000, 3), np.uint8))
    assert Image.open(io.BytesIO(encode_as(".jpg", np.zeros((16, 65_500, 3), np.uint8)))).width == 65_500
    with pytest.raises(InvalidInput, match="a WebP has at most 16383 pixels on each side, not 16384x16"):
        encode_as(".webp", np.zeros((16, 16_384, 3), np.uint8))
