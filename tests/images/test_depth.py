"""Pictures of other than eight bits: a colour key at every depth, and heights that fill a small part of sixteen."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from tests.images.real_files import GREY, RGB, WHITE, colour_key, halves, png, saved
from texture.errors import InvalidInput
from texture.images.decoding import decode
from texture.images.sources import pixels_from

GREY_ALPHA = 4


def two_colours(data: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    pixels = decode(data, tell=lambda _: None)
    return tuple(map(int, pixels[0, 0])), tuple(map(int, pixels[-1, -1]))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_key_of_grey_is_transparent_at_every_depth(depth):
    most = 2**depth - 1
    assert two_colours(halves(depth, GREY, (most,), (0,), colour_key(most))) == (WHITE, (0, 0, 0))  # white on white
    assert two_colours(halves(depth, GREY, (0,), (most // 2,), colour_key(0)))[0] == WHITE
    if depth > 1:
        middle = most // 3
        assert two_colours(halves(depth, GREY, (middle,), (0,), colour_key(middle))) == (WHITE, (0, 0, 0))
        assert two_colours(halves(depth, GREY, (middle,), (0,), colour_key(most))) == ((85, 85, 85), (0, 0, 0))


@pytest.mark.parametrize("depth", [8, 16])
def test_a_key_of_colour_is_transparent_at_every_depth(depth):
    most = 2**depth - 1
    key, other = (most // 3, most // 5, 7), (most, 0, 0)
    assert two_colours(halves(depth, RGB, key, other, colour_key(*key))) == (WHITE, (255, 0, 0))
    near = (most // 3, most // 5, 8)  # in sixteen bits the same upper bytes
    assert two_colours(halves(depth, RGB, near, other, colour_key(*key)))[0] != WHITE


def heights(*values: int) -> bytes:
    rows = b"\0" + struct.pack(f">{len(values)}H", *values)
    return png(len(values), 40, 16, GREY, rows * 40)


def test_heights_in_a_narrow_range_keep_their_relief():
    said: list[str] = []
    pixels = decode(heights(*range(20_000, 20_052)), tell=said.append)
    assert len(np.unique(pixels)) == 52
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert said == ["the picture has grey values from 20000 to 20051 in 16 bits: stretched to span black to white"]


def test_heights_are_stretched_by_what_is_visible_of_them():
    """The sea is keyed out as 65535, and would leave the hills two grey levels."""
    values = [65535] * 10 + list(range(300, 342))
    rows = b"\0" + struct.pack(f">{len(values)}H", *values)
    pixels = decode(png(len(values), 40, 16, GREY, rows * 40, colour_key(65535)), tell=lambda _: None)
    assert len(np.unique(pixels[:, 10:])) == 42
    assert (pixels[:, :10] == 255).all()


@pytest.mark.parametrize("values", [(0, 65535), (20_000, 20_000), (10_000, 20_000)])
def test_what_spans_enough_levels_or_one_stays_as_it_is(values):
    said: list[str] = []
    left, right = values
    pixels = decode(heights(*[left] * 20, *[right] * 20), tell=said.append)
    assert (int(pixels[0, 0, 0]), int(pixels[0, -1, 0])) == (round(left / 257), round(right / 257))
    assert said == []


@pytest.mark.parametrize(("colour_type", "samples"), [(RGB, 3), (GREY_ALPHA, 2)])
def test_sixteen_bits_of_colour_with_few_levels_are_told_of(colour_type, samples):
    said: list[str] = []
    row = b"\0" + b"".join(
        struct.pack(f">{samples}H", *([20_000 + at] * (3 if colour_type == RGB else 1)), *[65535] * (samples == 2))
        for at in range(600)
    )
    decode(png(600, 40, 16, colour_type, row * 40), tell=said.append)
    assert said == ["the picture uses 3 of the 256 levels that are left of its 16 bits: stretch its contrast first"]


@pytest.mark.parametrize(("colour_type", "samples"), [(RGB, 3), (6, 4)])
def test_colours_that_differ_in_their_lower_byte_alone_are_told_of(colour_type, samples):
    """All upper bytes are 117: the picture would be flat without a word."""
    said: list[str] = []
    row = b"\0" + b"".join(
        struct.pack(f">{samples}H", *[30_000 + at] * 3, *[65535] * (samples == 4)) for at in range(40)
    )
    assert len(np.unique(decode(png(40, 40, 16, colour_type, row * 40), tell=said.append))) == 1
    assert said == ["the picture uses 1 of the 256 levels that are left of its 16 bits: stretch its contrast first"]


def test_whole_numbers_beyond_sixteen_bits_are_stretched_and_floats_refused():
    values = np.linspace(0, 10**6, 64).astype(np.int32)
    pixels = pixels_from(Image.fromarray(np.tile(values, (40, 1))), tell=lambda _: None)
    assert len(np.unique(pixels)) == 64
    with pytest.raises(InvalidInput, match="floating-point values"):
        pixels_from(Image.fromarray(np.zeros((40, 40), np.float32)))


def test_a_file_is_named_where_it_is_told_of(tmp_path, caplog):
    path = tmp_path / "hills.png"
    path.write_bytes(heights(*range(20_000, 20_052)))
    pixels_from(path)
    assert caplog.messages[0].startswith(f"{path}: the picture has grey values from 20000")


def test_eight_bits_are_told_nothing_of():
    said: list[str] = []
    decode(saved(Image.new("L", (40, 40), 7), "PNG"), tell=said.append)
    assert said == []
