from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.images.real_files import chunk_names, picture, saved
from texture.errors import InvalidInput, SetupProblem
from texture.images import encoding
from texture.images.checksum import checksum
from texture.images.decoding import decode
from texture.images.encoding import encode_animation, encode_as, encode_jpeg, encode_png, read_recipe, write_atomically

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_a_recipe_comes_back_as_it_went_in(recipe):
    assert read_recipe(encode_png(picture(), recipe)) == recipe


def test_a_large_picture_is_packed_loosely_and_comes_back_all_the_same(monkeypatch):
    soft = np.add.outer(np.arange(300), np.arange(400))[..., None].repeat(3, 2).astype(np.uint8)
    tight = encode_png(soft)
    monkeypatch.setattr(encoding, "LARGE", 1000)
    loose = encode_png(soft, {"seed": 1})
    assert len(loose) > len(tight)
    assert np.array_equal(decode(loose), soft)
    assert read_recipe(loose) == {"seed": 1}


def test_a_jpeg_keeps_the_colours_of_single_pixels():
    """At half the resolution of colour this weave would come back purple, 73 levels off."""
    weave = np.zeros((64, 64, 3), np.uint8)
    weave[::2, ::2] = weave[1::2, 1::2] = (220, 20, 20)
    weave[::2, 1::2] = weave[1::2, ::2] = (20, 20, 220)
    for data, most in ((encode_as(".jpg", weave), 2), (encode_jpeg(weave), 7)):
        assert np.abs(decode(data).astype(int) - weave).mean() < most


def test_a_webp_is_as_exact_as_a_png_packed_tightly_or_loosely(monkeypatch):
    assert np.array_equal(decode(encode_as(".webp", picture(60, 80))), picture(60, 80))
    monkeypatch.setattr(encoding, "LARGE", 1000)
    assert np.array_equal(decode(encode_as(".webp", picture(60, 80))), picture(60, 80))


def test_the_frames_of_an_animation_become_as_large_as_the_last_which_is_held():
    frames = [np.full((side, 2 * side, 3), 3 * side, np.uint8) for side in (16, 32, 64)]
    animation = Image.open(io.BytesIO(encode_animation(frames, 10, hold=1000)))
    assert (animation.size, animation.n_frames, animation.info["loop"]) == ((128, 64), 3, 0)
    seen = []
    for number in range(3):
        animation.seek(number)
        seen.append((np.asarray(animation.convert("RGB")).mean(), animation.info["duration"]))
    assert seen == [(pytest.approx(3 * side, abs=3), time) for side, time in ((16, 100), (32, 100), (64, 1100))]


def test_a_long_recipe_comes_back_too():
    recipe = {"text": "ß" * 500_000}
    assert read_recipe(encode_png(picture(), recipe)) == recipe


def test_the_recipe_leaves_the_pixels_alone():
    assert np.array_equal(decode(encode_png(picture(), {"seed": 1})), picture())


def test_a_picture_without_a_recipe_has_none():
    assert read_recipe(encode_png(picture())) is None
    assert b"iTXt" not in chunk_names(encode_png(picture()))


def test_a_recipe_cannot_hold_what_json_cannot():
    with pytest.raises(ValueError, match="JSON"):
        encode_png(picture(), {"loss": float("nan")})


@pytest.mark.parametrize("data", [b"", b"hello", saved(Image.fromarray(picture()), "JPEG"), encode_png(picture())[:50]])
def test_no_png_is_refused(data):
    with pytest.raises(InvalidInput, match="no PNG"):
        read_recipe(data)


@pytest.mark.parametrize("text", ["{", "[1, 2]", "[" * 100_000])
def test_a_damaged_recipe_is_refused(text):
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_itxt("texture-lab", text)
    with pytest.raises(InvalidInput, match="recipe"):
        read_recipe(saved(Image.fromarray(picture()), "PNG", pnginfo=notes))


@pytest.mark.parametrize(
    ("given_size", "limit", "size"),
    [
        ((600, 1200), 512, (256, 512)),
        ((48, 40), 512, (48, 40)),
        ((600, 40), None, (600, 40)),
        ((2000, 3), 512, (512, 1)),
    ],
)
def test_a_jpeg_fits_its_limit_and_is_never_enlarged(given_size, limit, size):
    data = encode_jpeg(picture(*given_size), limit=limit)
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.size == size


def test_a_jpeg_looks_like_the_picture():
    assert np.abs(decode(encode_jpeg(picture(), quality=95)).astype(int) - picture()).mean() < 3


def test_writing_replaces_the_whole_file_and_leaves_nothing_beside_it(tmp_path: Path):
    path = tmp_path / "tile.png"
    for data in (b"old", b"new"):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_named_and_no_draft_stays(tmp_path: Path):
    (tmp_path / "tile.png").mkdir()
    for path in (tmp_path / "tile.png", tmp_path / "no such folder" / "tile.png"):
        with pytest.raises(SetupProblem, match="cannot be written") as caught:
            write_atomically(path, b"data")
        assert str(path) in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["tile.png"]


def test_a_checksum_tells_pixels_and_shapes_apart():
    pixels = picture()
    assert checksum(pixels) == checksum(decode(encode_png(pixels)))
    assert checksum(np.asfortranarray(pixels)) == checksum(pixels)
    assert checksum(pixels.reshape(48, 40, 3)) != checksum(pixels)
    assert checksum(pixels ^ 1) != checksum(pixels)
