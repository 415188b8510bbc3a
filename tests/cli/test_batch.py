"""`python -m texture batch`: one method on every picture of a folder; one failure stops nothing, and a call goes on."""

from __future__ import annotations

import csv
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.calling import Terminal, needs_terminal, refusal
from texture.images.decoding import read
from texture.images.encoding import read_recipe

COUNT = ("batch", "in", "--method", "counting", "-o", "out")
FAST = ("batch", "in", "--method", "match", "--set", "size=32", "--set", "rounds=1", "-o", "out")


def picture(name: str, folder: str = "in") -> None:
    Path(folder).mkdir(exist_ok=True)
    pixels = np.random.default_rng(len(name) + ord(name[0])).integers(0, 255, (48, 48, 3), np.uint8)
    Image.fromarray(pixels).save(Path(folder, name))


def rows() -> list[dict[str, str]]:
    with Path("out/batch.csv").open() as file:
        return list(csv.DictReader(file))


def outcomes() -> dict[str, str]:
    return {row["picture"]: row["outcome"] for row in rows()}


def files() -> set[str]:
    return {path.name for path in Path("out").iterdir()}


def test_each_picture_becomes_a_result_of_its_name_and_a_row_of_the_table(call):
    for name in ("b.png", "A wall.jpg"):
        picture(name)
    status, said, _ = call(*COUNT, "--set", "size=48x32", "--set", "steps=3")
    assert status == 0
    header, *told, last = said.splitlines()
    assert header.split() == ["picture", "outcome", "size", "seconds", "seam"]
    assert [line[:10].strip() for line in told] == ["A wall.jpg", "b.png"]
    assert last.startswith("out: 2 made of 2, ")
    assert files() == {"A wall.png", "b.png", "batch.csv"}
    assert read("out/b.png").shape == (32, 48, 3)
    row = rows()[1]
    assert {name: row[name] for name in ("picture", "outcome", "size", "result")} == {
        "picture": "b.png",
        "outcome": "made",
        "size": "48x32",
        "result": "b.png",
    }


def test_what_is_no_picture_is_named_and_skipped(call):
    picture("a.png")
    Path("in/notes.txt").write_text("of the yard")
    Path("in/old").mkdir()
    Path("in/.hidden").touch()
    status, _, told = call(*COUNT)
    assert (status, told.splitlines()[0]) == (0, "skipped, as no picture: notes.txt, old")


def test_a_failure_is_told_and_stops_nothing(call):
    picture("b.png")
    Path("in/a.png").write_bytes(b"damaged")
    status, said, told = call(*COUNT)
    assert (status, told) == (1, "texture: failed: a.png\n")
    assert "in/a.png: the file is" in said
    assert outcomes() == {"a.png": "failed", "b.png": "made"}
    assert files() == {"b.png", "batch.csv"}


def test_the_same_call_keeps_what_it_has_made_and_makes_what_is_new(call):
    picture("a.png")
    assert call(*COUNT)[0] == 0
    before = Path("out/a.png").stat().st_mtime_ns
    picture("b.png")
    assert call(*COUNT)[0] == 0
    assert outcomes() == {"a.png": "kept", "b.png": "made"}
    assert Path("out/a.png").stat().st_mtime_ns == before


@pytest.mark.parametrize("changed", ["settings", "picture", "file"])
def test_nothing_else_is_overwritten_without_force(call, changed):
    picture("a.png")
    call(*COUNT)
    if changed == "picture":
        Image.new("RGB", (40, 40)).save("in/a.png")
    elif changed == "file":
        Image.new("RGB", (40, 40)).save("out/a.png")
    again = (*COUNT, "--set", "seed=4") if changed == "settings" else COUNT
    before = Path("out/a.png").read_bytes()
    status, said, _ = call(*again)
    assert (status, "out/a.png is there, and was made otherwise" in said) == (1, True)
    assert Path("out/a.png").read_bytes() == before
    assert call(*again, "--force")[0] == 0
    assert outcomes() == {"a.png": "made"}


def test_the_maps_of_each_are_made_and_packed(call):
    picture("a.png")
    assert call(*FAST, "--for", "unity")[0] == 0
    maps = {f"a-material{end}" for end in (".png", "-height.png", "-normal.png", "-roughness.png", "-occlusion.png")}
    assert maps | {"a-material-unity.zip", "a.png"} <= files()
    assert read_recipe(Path("out/a-material.png").read_bytes())["params"]["tile"] == "both"
    assert call(*FAST, "--for", "unity")[0] == 0
    assert outcomes() == {"a.png": "kept"}
    assert call(*FAST, "--for", "godot")[0] == 0
    assert (outcomes(), "a-material-godot.zip" in files()) == ({"a.png": "made"}, True)


def test_a_method_that_makes_maps_itself_needs_no_other(call):
    picture("a.png")
    assert call("batch", "in", "--method", "material", "--preset", "stone", "--for", "gltf", "-o", "out")[0] == 0
    assert {"a.png", "a-height.png", "a-gltf.zip"} <= files()
    assert not any("material" in name for name in files())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("batch", "in", "--method", "style", "-o", "out"), "style needs a content picture"),
        (("batch", "in", "--method", "sample", "-o", "out"), "sample needs a trained model"),
        ((*COUNT, "--set", "size"), "'size' is not a setting; write NAME=VALUE"),
        ((*COUNT, "--set", "colour=red"), "colour is not known to counting"),
        ((*COUNT, "--set", "steps=0"), "Steps must be between 1 and"),
        (("batch", "none", "--method", "counting", "-o", "out"), "none: no such file or folder"),
        (("batch", "empty", "--method", "counting", "-o", "out"), "empty has no picture in it"),
        (("batch", "in", "--method", "counting", "-o", "in"), "in is the folder of the pictures"),
        (("batch", "twins", "--method", "counting", "-o", "out"), "a.jpg and a.png would both become a.png"),
        (
            ("batch", "near", "--method", "match", "-o", "out"),
            "a-origins.png and a.png would both become a-origins.png",
        ),
        (("batch", "maps", "--method", "counting", "--maps", "-o", "out"), "would both become a-material.png"),
    ],
)
def test_a_call_that_cannot_work_is_refused_and_leaves_nothing(call, arguments, words):
    picture("a.png")
    Path("empty").mkdir()
    for name in ("a.jpg", "a.png"):
        picture(name, "twins")
    for name, folder in (("a-origins.png", "near"), ("a-material.png", "maps")):
        picture("a.png", folder)
        picture(name, folder)
    assert words in refusal(call(*arguments))
    assert not Path("out").exists()


def test_a_table_of_somebody_else_is_not_overwritten(call):
    picture("a.png")
    Path("out").mkdir()
    Path("out/batch.csv").write_text("weight,price\n")
    assert "out/batch.csv is there, and is no table of a batch" in refusal(call(*COUNT))
    assert Path("out/batch.csv").read_text() == "weight,price\n"
    assert call(*COUNT, "--force")[0] == 0
    assert outcomes() == {"a.png": "made"}


@needs_terminal
def test_ctrl_c_keeps_what_is_done_and_the_same_call_goes_on():
    for name in ("a.png", "b.png"):
        picture(name)
    slow = (*COUNT, "--set", "steps=40", "--set", "work=3")
    first = Terminal(*slow)
    first.wait_for("2 of 2")
    first.process.send_signal(signal.SIGINT)
    status, said = first.close()
    assert (status, "out: 1 made of 2" in said) == (130, True)
    assert "stopped; the same call goes on from here" in first.shown
    assert files() == {"a.png", "batch.csv"}
    status, said = Terminal(*slow).close()
    assert (status, "out: 1 kept, 1 made of 2" in said) == (0, True)
