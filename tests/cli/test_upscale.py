"""`python -m texture upscale`: a finished result at two or four times its size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import refusal
from texture.images.decoding import read
from texture.images.encoding import read_recipe

FAST = ("--size", "48", "--rounds", "2")


def test_a_result_is_continued_by_the_recipe_inside(call):
    assert call("match", "sample:pebbles", *FAST, "--seed", "3", "-o", "small.png")[0] == 0
    status, said, _ = call("upscale", "small.png", "--by", "4")
    assert (status, said.startswith("small-x4.png and small-x4-origins.png: 192x192 pixels, seam ratio")) == (0, True)
    assert read("small-x4.png").shape == (192, 192, 3)
    recipe = read_recipe(Path("small-x4.png").read_bytes())
    assert (recipe["method"], recipe["params"]["seed"], recipe["params"]["start"]) == ("match", 3, "picture")
    assert set(recipe["images"]) == {"source", "initial"}


def test_a_picture_of_ones_own_is_named(call):
    call("match", "sample:pebbles", *FAST, "-o", "photo.png")
    call("match", "photo.png", "--size", "32", "--exemplar-size", "32", "--patch", "5", "-o", "small.png")
    assert "say which one" in refusal(call("upscale", "small.png"))
    assert "twice the size needs 64" in refusal(call("upscale", "small.png", "--source", "photo.png"))
    call("match", "sample:pebbles", "--size", "96", "--rounds", "1", "-o", "photo.png")
    call("match", "photo.png", "--size", "32", "--exemplar-size", "32", "--patch", "5", "-o", "small.png")
    assert call("upscale", "small.png", "--source", "photo.png", "-o", "large.jpg")[0] == 0
    assert read("large.jpg").shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("small.png", "--by", "3"), "By must be one of 2, 4, not 3"),
        (("small.png", "-o", "small.png"), "small.png is an input of this command"),
        (("small.png", "-o", "large.txt"), "a picture is written as .png"),
        (("none.png",), "none.png: no such file"),
    ],
)
def test_a_call_that_cannot_work_is_refused(call, arguments, words):
    call("match", "sample:pebbles", *FAST, "-o", "small.png")
    assert words in refusal(call("upscale", *arguments))
