"""The ground that is laid under what is transparent: white, or black where it could not be seen on white."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.images.real_files import saved
from texture.images.decoding import decode


def dabs(colour: tuple[int, ...], alpha: int = 255) -> bytes:
    """Squares of one colour on transparent ground, a quarter of the picture."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[:32, :32, 3] = alpha
    return saved(Image.fromarray(pixels), "PNG")


@pytest.mark.parametrize("colour", [(255, 255, 255), (250, 240, 245)])
@pytest.mark.parametrize("alpha", [255, 128])
def test_white_on_transparent_is_laid_over_black_and_told_of(colour, alpha):
    said: list[str] = []
    pixels = decode(dabs(colour, alpha), tell=said.append)
    assert tuple(pixels[-1, -1]) == (0, 0, 0)
    assert pixels[0, 0].min() >= 100
    share = 75 if alpha == 255 else 87
    assert said == [f"{share} % of the picture is transparent: laid over black: on white it could not be seen"]


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 30), (210, 220, 215)])
def test_what_can_be_seen_on_white_is_laid_over_white_and_told_of(colour):
    said: list[str] = []
    pixels = decode(dabs(colour), tell=said.append)
    assert tuple(pixels[-1, -1]) == (255, 255, 255)
    assert tuple(pixels[0, 0]) == colour
    assert said == ["75 % of the picture is transparent: laid over white"]


def test_an_alpha_channel_that_hides_nothing_is_not_told_of():
    said: list[str] = []
    decode(saved(Image.new("RGBA", (40, 40), (255, 255, 255, 255)), "PNG"), tell=said.append)
    assert said == []


def test_what_is_wholly_transparent_is_white_and_told_of():
    said: list[str] = []
    assert (decode(dabs((1, 2, 3), 0), tell=said.append) == 255).all()
    assert said == ["100 % of the picture is transparent: laid over white"]
