"""Turning, straightening and cropping: which pixels come out, and that no border is invented."""

from __future__ import annotations

import math

import numpy as np
import pytest

from texture.errors import InvalidInput
from texture.images.decoding import Pixels
from texture.images.editing import MOST_ANGLE, Crop, edited


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


def ramp(width: int, height: int) -> Pixels:
    """Red grows to the right and green downwards: a pixel says where it comes from."""
    down, right = np.mgrid[0:height, 0:width]
    return np.stack([right, down, np.full_like(down, 7)], axis=-1).astype(np.uint8)


def test_a_crop_keeps_its_pixels() -> None:
    picture = noise(90, 70)
    found = edited(picture, 0, 0, Crop(11, 5, 64, 40))
    assert np.array_equal(found, picture[5:45, 11:75])
    found[:] = 0
    assert picture.any()  # it is no view of the other


@pytest.mark.parametrize(("turns", "corner"), [(0, (0, 0)), (1, (69, 0)), (2, (69, 89)), (3, (0, 89))])
def test_quarter_turns_are_clockwise_and_exact(turns: int, corner: tuple[int, int]) -> None:
    """corner: where the upper left pixel of the result was, as (down, right)."""
    picture = noise(90, 70)
    width, height = (70, 90) if turns % 2 else (90, 70)
    found = edited(picture, turns, 0, Crop(0, 0, width, height))
    assert found.shape == (height, width, 3)
    assert np.array_equal(found[0, 0], picture[corner])
    back = edited(found, (4 - turns) % 4, 0, Crop(0, 0, 90, 70))
    assert np.array_equal(back, picture)


@pytest.mark.parametrize("angle", [-MOST_ANGLE, -10.3, 0.1, 30, MOST_ANGLE])
def test_straightening_turns_clockwise_about_the_middle(angle: float) -> None:
    """Each pixel of a ramp says from where it was sampled, to within half a level."""
    width, height, side = 200, 160, 64
    a, b = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    frame = np.array([width * a + height * abs(b), height * a + width * abs(b)])
    x, y = (int(length) // 2 - 30 for length in frame)
    found = edited(ramp(width, height), 0, angle, Crop(x, y, side, side)).astype(float)
    right, down = np.meshgrid(np.arange(side) + x + 0.5 - frame[0] / 2, np.arange(side) + y + 0.5 - frame[1] / 2)
    assert np.abs(found[..., 0] - (width / 2 + a * right + b * down - 0.5)).max() < 1
    assert np.abs(found[..., 1] - (height / 2 - b * right + a * down - 0.5)).max() < 1


def inner(width: int, height: int, angle: float) -> Crop:
    """The largest crop of the picture's shape that is all picture, as the page begins with it."""
    a, b = math.cos(math.radians(angle)), abs(math.sin(math.radians(angle)))
    frame = width * a + height * b, height * a + width * b
    share = min(width / frame[0], height / frame[1])
    sides = share * width, share * height
    left, top = (math.ceil((outer - side) / 2) for outer, side in zip(frame, sides, strict=True))
    right, bottom = (math.floor((outer + side) / 2) for outer, side in zip(frame, sides, strict=True))
    return Crop(left, top, right - left, bottom - top)


@pytest.mark.parametrize("angle", [-45, -17.3, 0.1, 5, 44.9])
def test_the_largest_crop_of_a_turned_picture_has_no_invented_border(angle: float) -> None:
    white = np.full((300, 401, 3), 255, np.uint8)
    crop = inner(401, 300, angle)
    assert (edited(white, 0, angle, crop) == 255).all()
    with pytest.raises(InvalidInput, match="reaches out of the picture of 401x300 pixels turned by") as caught:
        edited(white, 0, angle, Crop(crop.x - 2, crop.y - 2, crop.width + 4, crop.height + 4))
    assert caught.value.field == "crop"


@pytest.mark.parametrize(
    ("turns", "crop", "words"),
    [
        (0, Crop(27, 0, 64, 64), "the crop of 64x64 pixels at 27, 0 reaches out of the picture of 90x70 pixels: make"),
        (0, Crop(0, 7, 64, 64), "reaches out"),
        (1, Crop(7, 0, 64, 64), "the picture of 70x90 pixels"),
        (0, Crop(0, 0, 64, 31), "as cropped the picture has 64x31 pixels: at least 32 on each side"),
        (0, Crop(0, 0, 33 * 32, 32), "one side at most 32 times the other"),
    ],
)
def test_a_crop_that_is_no_picture_is_refused_in_words(turns: int, crop: Crop, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        edited(noise(90, 70), turns, 0, crop)
    assert caught.value.field == "crop"
