"""The command line, called as a person calls it; only what needs a terminal or a signal gets a process of its own."""

from __future__ import annotations

import re
import signal
from collections import deque
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.calling import Terminal, needs_terminal, refusal
from texture import __version__, synthesize
from texture.cli.options import given
from texture.errors import WeightsMissing
from texture.features.weights import WeightsStatus
from texture.images.checksum import checksum
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels
from texture.methods.counting import CountingParams
from texture.methods.gatys import GatysParams
from texture.methods.registry import methods


def test_a_method_writes_its_picture_and_says_so_last(call):
    status, out, err = call(
        "counting", "sample:clay", "-o", "tile.png", "--size", "64x32", "--steps", "7", "--seed", "3"
    )
    assert status == 0
    assert re.fullmatch(r"tile\.png: 64x32 pixels, seam ratio \d\.\d\d, \d+\.\d s\n", out)
    assert err == ""  # no bar where there is no terminal
    step = deque(synthesize("counting", "sample:clay", size="64x32", steps=7, seed=3), maxlen=1).pop()
    assert np.array_equal(np.asarray(Image.open("tile.png")), to_pixels(step.image))


def test_the_picture_carries_its_recipe(call):
    call("counting", "sample:clay", "-o", "tile.png", "--steps", "7")
    recipe = read_recipe(Path("tile.png").read_bytes())
    assert recipe["method"] == "counting"
    assert recipe["params"] == CountingParams(steps=7).model_dump(mode="json")
    assert recipe["exemplar"] == checksum(find_sample("clay").pixels())
    assert (recipe["seed"], recipe["step"], recipe["steps"]) == (0, 7, 7)
    assert recipe["version"] == __version__
    assert methods()["counting"].parse(recipe["params"]).steps == 7


def test_without_a_name_nothing_is_overwritten(call):
    for _ in range(3):
        call("counting", "sample:clay", "--steps", "1")
    assert sorted(path.name for path in Path().iterdir()) == [
        "clay-counting-2.png",
        "clay-counting-3.png",
        "clay-counting.png",
    ]


def test_tile_none_reports_no_seam(call):
    assert "seam" not in call("counting", "sample:clay", "--steps", "1", "--tile", "none")[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["counting", "sample:clay", "--size", "100"], "between 32 and 2048 pixels in steps of 16, not 100: 96 or 112"),
        (["counting", "sample:clay", "--steps", "0"], "Steps must be between 1 and 10,000,000, not 0"),
        (["counting", "sample:clay", "--steps", "many"], "Steps must be a whole number between 1 and 10,000,000, not"),
        (["counting", "sample:clay", "--tile", "z"], 'Seamless must be one of none, x, y, both, not "z"'),
        (["counting", "sample:clay", "--preset", "best"], 'Preset of counting must be standard, not "best"'),
        (["counting", "sample:clay", "--device", "abacus"], "'abacus' is not one of 'auto', 'cpu', 'cuda', 'mps'"),
        (["counting", "sample:clay", "-o", "a.gif"], "a.gif: a picture is written as .png, .jpg, .jpeg"),
        (["counting", "sample:clay", "-o", "no/such/a.png"], "no/such/a.png cannot be written: no such file or folder"),
        (
            ["counting", "sample:clay", "-o", f"{__file__}/a.png"],
            "a.png cannot be written: a part of the path is a file",
        ),
        (["counting", "sample:sand"], "sample 'sand': one of pebbles"),
        (["counting", "nothing.png"], "nothing.png: no such file or folder"),
        (["counting"], "Missing argument 'SOURCE'"),
        (["counting", "sample:clay", "--stesp", "3"], "No such option '--stesp'"),
        (["magic"], "No such command 'magic'"),
        (["weights", "burn"], "'burn' is not one of 'fetch', 'status'"),
        (["tile", "sample:clay", "--columns", "17"], "Columns must be between 1 and 16, not 17"),
        (["counting", "sample:clay", "--model", "none.safetensors"], "none.safetensors: no such file"),
        (["gatys", "sample:clay", "--model", "x.safetensors"], "No such option '--model'"),
        (["sample", "none.safetensors"], "none.safetensors: no such file or folder"),
        (["sample", str(Path(__file__))], f"{__file__}: not a model that Texture Lab wrote, or damaged"),
        (["sample", "x.safetensors", "--size", "9000"], "Size must be between 16 and 8192 pixels, not 9000"),
        (["walk", "x.safetensors", "--preset", "draft"], "No such option '--preset'"),
        (["counting", "sample:clay", "--seeds", "1"], "Seeds must be between 2 and 16, not 1"),
        (["counting", "sample:clay", "--seeds", "17"], "Seeds must be between 2 and 16, not 17"),
        (
            ["counting", "sample:clay", "--seeds", "4", "--keep", "5"],
            "between 1 and 4, not 5: there are 4 seeds",
        ),
        (["counting", "sample:clay", "--seeds", "4", "--keep", "0"], "Keep must be between 1 and 4, not 0"),
        (["counting", "sample:clay", "--seeds", "4", "--by", "eye"], "By must be one of patch, spectrum, "),
        (["counting", "sample:clay", "--keep", "2"], "keep=2: only with --seeds"),
        (["counting", "sample:clay", "--by", "patch"], "by='patch': only with --seeds"),
        (
            ["counting", "sample:clay", "--seeds", "3", "--seed", "4294967294"],
            "and 4,294,967,295, not 4,294,967,296",
        ),
        (["stylise", "x.safetensors", "y.png", "--seeds", "3"], "No such option '--seeds'"),
        (["score", "sample:clay"], "Missing argument 'RESULTS"),
        (["score", "sample:clay", "nothing.png"], "nothing.png: no such file or folder"),
    ],
)
def test_a_wrong_call_is_answered_in_one_line(call, arguments, reason):
    assert reason in refusal(call(*arguments))
    assert not list(Path().iterdir())


def test_work_that_fails_says_why_and_writes_nothing(call):
    assert refusal(call("counting", "sample:clay", "--fail-at", "5"), status=1).startswith("counting stopped at step 5")
    assert not list(Path().iterdir())


def test_want_of_memory_is_a_failure_in_one_line_and_a_bug_is_not_hidden(call, monkeypatch):
    def fail(words):
        def follow(*_):
            raise RuntimeError(words)

        monkeypatch.setattr("texture.cli.run.follow", follow)

    fail("MPS backend out of memory (MPS allocated: 9 GB)")
    assert "a smaller --size" in refusal(call("counting", "sample:clay"), status=1)
    fail("overlapping memory")
    with pytest.raises(RuntimeError, match="overlapping"):
        call("counting", "sample:clay")


def test_a_wrong_setting_is_a_failure_in_one_line(call, monkeypatch):
    monkeypatch.setenv("TEXTURE_PORT", "high")
    said = refusal(call("counting", "sample:clay"), status=1)
    assert said == 'TEXTURE_PORT must be a whole number between 1 and 65535, not "high"'


def test_without_arguments_it_shows_the_help(call):
    status, out, err = call()
    assert status == 2
    assert "Usage: python -m texture" in out + err


def test_help_lists_methods_and_leaves_out_those_for_tests(call):
    status, out, _ = call("--help")
    assert status == 0
    assert re.search(r"^  gatys +Neural statistics: organic textures \(Gatys 2015\)$", out, re.MULTILINE)
    assert "counting" not in out
    for command in ("sample", "walk", "compare", "batch", "upscale", "tile", "score", "weights"):
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


@pytest.mark.parametrize("name", list(methods()))
def test_a_methods_help_has_every_parameter_with_its_words_and_default(call, name):
    status, out, _ = call(name, "--help")
    assert status == 0
    words = unwrapped(out)
    for field, default in methods()[name].params().model_dump(mode="json").items():
        assert f"--{field.replace('_', '-')}" in words
        assert unwrapped(methods()[name].params.model_fields[field].description or "") in words
        if isinstance(default, str | int) and not isinstance(default, bool):
            assert f"default: {default}]" in words


def unwrapped(text: str) -> str:
    """On one line; a line may have been broken after a hyphen."""
    return " ".join(text.split()).replace("- ", "-")


def test_yes_and_no_and_empty_can_be_said():
    values: dict[str, object] = dict.fromkeys(GatysParams.model_fields)
    assert given(values, GatysParams) == {}
    typed = given({**values, "scales": "", "match_histogram": False, "steps": ""}, GatysParams)
    assert typed == {"scales": None, "match_histogram": False, "steps": ""}


@pytest.mark.parametrize(
    "words",
    [("gatys", "sample:clay"), ("gatys", "sample:clay", "--network", "vgg16"), ("weights", "--network", "vgg16")],
)
def test_weights_that_are_needed_are_fetched_first(call, monkeypatch, words):
    asked = []

    def ensure(settings, progress, network):
        asked.append(network)
        raise WeightsMissing("no weights; bring some")

    monkeypatch.setattr("texture.cli.weights_command.ensure", ensure)
    assert refusal(call(*words), status=1) == "no weights; bring some"
    assert asked == ["vgg16" if "vgg16" in words else "vgg19"]


@pytest.mark.parametrize(("state", "status"), [("ready", 0), ("missing", 1)])
def test_weights_status_says_how_things_stand(call, monkeypatch, state, status):
    def found(settings, network):
        return WeightsStatus(state, None, Path(f"{network}.safetensors"), "some words")

    monkeypatch.setattr("texture.cli.weights_command.status", found)
    assert call("weights", "status")[:2] == (status, f"{state}: some words (vgg19.safetensors)\n")
    assert call("weights", "status", "--network", "vgg16")[1] == f"{state}: some words (vgg16.safetensors)\n"


def test_tile_repeats_a_picture(call):
    status, out, _ = call("tile", "sample:clay", "--columns", "3", "--rows", "2")
    assert (status, out) == (0, "clay-3x2.png: 1152x768 pixels\n")
    assert np.array_equal(read("clay-3x2.png"), np.tile(find_sample("clay").pixels(), (2, 3, 1)))


@needs_terminal
class TestTerminal:
    def test_a_bar_shows_steps_time_left_and_loss(self):
        terminal = Terminal("counting", "sample:clay", "-o", "tile.png", "--steps", "1500", "--work", "1")
        terminal.wait_for(r"\d+%\|.*\| *\d+/1500 \[\d\d:\d\d<\d\d:\d\d, .*step.*distance=\d")
        terminal.process.terminate()
        terminal.close()

    def test_ctrl_c_writes_the_picture_so_far(self):
        terminal = Terminal("counting", "sample:clay", "-o", "tile.png", "--steps", "10000000", "--work", "1")
        terminal.wait_for(r"\d+/10000000")
        terminal.process.send_signal(signal.SIGINT)
        status, out = terminal.close()
        assert status == 130
        assert re.search(r"^tile\.png: 64x64 pixels, .*stopped at step \d+ of 10000000, \d+\.\d s\n$", out)
        recipe = read_recipe(Path("tile.png").read_bytes())
        assert 0 < recipe["step"] < recipe["steps"] == 10_000_000
