"""Calls that name several pictures, and the maps that are written beside a result."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.cli.calling import refusal
from texture import InvalidInput, save, synthesize
from texture.images.checksum import checksum
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels
from texture.methods import registry
from texture.methods.artifacts import ORIGINS
from texture.methods.counting import CountingParams, counting
from texture.methods.registry import method

ROLES = ["--content", "sample:weave", "--style2", "sample:marble", "--mask", "sample:pebbles"]
QUICK = ["--steps", "3"]


@pytest.fixture
def repaint():
    """`repaint CONTENT STYLE`: counting, by the name and with the needs of a method that repaints square pictures."""

    def check(p, sizes):
        if sizes["content"].width != sizes["content"].height:
            raise InvalidInput(f"the content is {sizes['content']} pixels: no square", field="content")

    about = {"images": ("content", "source", "initial"), "needs": ("content", "source"), "called": {"source": "Style"}}
    method("repaint", title="Repaint", paper="none", params=CountingParams, check=check, **about)(counting)
    yield "repaint"
    del registry._METHODS["repaint"]


def test_pictures_are_named_by_options(call):
    assert call("counting", "sample:clay", *ROLES, *QUICK, "-o", "a.png")[0] == 0
    given = {"content": "sample:weave", "styles": ["sample:marble"], "mask": "sample:pebbles"}
    *_, step = synthesize("counting", "sample:clay", **given, steps=3)
    assert np.array_equal(read("a.png"), to_pixels(step.image))
    images = read_recipe(Path("a.png").read_bytes())["images"]
    assert images == {
        "source": checksum(find_sample("clay").pixels()),
        "content": checksum(find_sample("weave").pixels()),
        "style2": checksum(find_sample("marble").pixels()),
        "mask": checksum(find_sample("pebbles").pixels()),
    }


def test_pictures_that_do_not_fit_are_refused_before_the_work(call, repaint):
    assert refusal(call(repaint, "sample:cat", "sample:clay")) == "the content is 451x300 pixels: no square"
    save(np.zeros((64, 64, 3), np.uint8), "square.png")
    said = refusal(call("style", "sample:cat", "sample:marble", "--mask", "square.png"))
    assert said.startswith("the mask is 64x64 pixels and the content 451x300")
    assert {path.name for path in Path().iterdir()} == {"square.png"}


def test_what_a_method_needs_is_named_in_its_own_order(call, repaint):
    status, out, _ = call(repaint, "sample:weave", "sample:clay", *QUICK)
    assert (status, out.split(":")[0]) == (0, "weave-repaint.png")
    call("counting", "sample:clay", "--content", "sample:weave", *QUICK, "-o", "same.png")
    assert np.array_equal(read("weave-repaint.png"), read("same.png"))
    help = " ".join(call(repaint, "--help")[1].split())
    assert re.search(r"repaint \[OPTIONS\] CONTENT STYLE", help)
    assert "CONTENT and STYLE are each a PNG, JPEG, WebP, AVIF, HEIC, TIFF or BMP file" in help
    assert "--initial FILE a picture to start from" in help
    assert "[default: CONTENT-repaint.png here]" in help


def test_a_map_is_written_beside_the_picture(call):
    status, out, _ = call("counting", "sample:clay", "--origins", *QUICK, "-o", "a.jpg")
    assert (status, out.split(":")[0]) == (0, "a.jpg and a-origins.png")
    *_, step = synthesize("counting", "sample:clay", origins=True, steps=3)
    assert np.array_equal(read("a-origins.png"), to_pixels(step.artifacts[ORIGINS]()))


def test_a_picture_to_start_from_is_begun_with(call):
    quick = ("patch", "sample:clay", "--size", "32", "--steps", "2", "--initial", "sample:weave")
    assert call(*quick, "-o", "a.png")[0] == 0
    *_, step = synthesize("patch", "sample:clay", initial="sample:weave", size="32", steps=2)
    assert np.array_equal(read("a.png"), to_pixels(step.image))
    assert "start=noise: the picture to start from would be ignored" in refusal(call(*quick, "--start", "noise"))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["repaint", "sample:clay"], "Missing argument 'STYLE'"),
        (["repaint", "sample:clay", "nothing.png"], "nothing.png: no such file"),
        (["repaint", "sample:sand", "sample:clay"], "sample 'sand': one of pebbles"),
        (["repaint", "sample:clay", "sample:clay", "--mask", "sample:clay"], "No such option '--mask'"),
        (["counting", "sample:clay", "--content", "nothing.png"], "nothing.png: no such file"),
        (["counting", "sample:clay", "--style3", "sample:clay"], "No such option '--style3'"),
        (
            ["compare", "sample:clay", "--methods", "counting,repaint", "-o", "out"],
            "repaint cannot be compared: it needs a content picture, so give --content",
        ),
        (
            ["compare", "sample:clay", "--methods", "repaint", "--content", "sample:clay", "--mask", "x", "-o", "out"],
            "--mask: none of the runs uses it",
        ),
        (
            ["compare", "sample:clay", "--methods", "counting", "--content", "nothing.png", "-o", "out"],
            "nothing.png: no such file",
        ),
    ],
)
def test_a_wrong_call_is_answered_in_one_line(call, repaint, arguments, reason):
    assert reason in refusal(call(*arguments))
    assert not list(Path().iterdir())


def test_a_comparison_gives_each_run_what_its_method_takes(call, repaint):
    runs = ["--run", "repaint steps=3", "--run", "counting steps=3,origins=yes"]
    status, out, _ = call("compare", "sample:clay", *runs, "--content", "sample:weave", "-o", "out")
    assert status == 0
    assert out.startswith("out: 2 pictures, 1 map, sheet.png")
    assert {"exemplar.png", "content.png", "counting-origins.png"} <= {path.name for path in Path("out").iterdir()}
    assert np.array_equal(read("out/content.png"), find_sample("weave").pixels())
    assert json.loads(Path("out/comparison.json").read_text())["runs"][1]["origins"] == "counting-origins.png"
    assert Path("out/index.html").read_text().count("data:image/jpeg") == 4
    *_, step = synthesize("counting", "sample:clay", content="sample:weave", steps=3)
    assert np.array_equal(read("out/counting.png"), to_pixels(step.image))
