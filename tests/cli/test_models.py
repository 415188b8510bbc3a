"""Methods that train, and what is painted from their models."""

from __future__ import annotations

import hashlib
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.calling import Terminal, needs_terminal
from texture import sample
from texture.images.checksum import checksum
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.samples import find_sample
from texture.methods.common.model_file import read_model


@pytest.fixture
def model(call):
    """model.safetensors and model.png in this folder."""
    assert call("counting", "sample:clay", "-o", "model.png", "--train", "--steps", "9")[0] == 0
    return "model.safetensors"


def test_training_leaves_the_model_beside_the_picture(call):
    status, out, _ = call("counting", "sample:clay", "--train", "--steps", "9")
    assert status == 0
    assert out.startswith("clay-counting.png and clay-counting.safetensors: 64x64 pixels")
    left = read_model(Path("clay-counting.safetensors").read_bytes())
    assert (left.method, left.steps) == ("counting", 9)
    assert np.array_equal(left.picture, read("clay-counting.png"))


def test_neither_of_the_two_overwrites_anything(call):
    Path("clay-counting.safetensors").write_text("mine")
    call("counting", "sample:clay", "--train", "--steps", "1")
    assert Path("clay-counting.safetensors").read_text() == "mine"
    assert Path("clay-counting-2.png").exists()
    assert Path("clay-counting-2.safetensors").exists()


def test_a_model_can_be_trained_further_and_the_recipe_says_from_which(call, model):
    status, out, _ = call("counting", "sample:clay", "--model", model, "--train", "--steps", "3", "-o", "more.jpg")
    assert (status, out.split(":")[0]) == (0, "more.jpg and more.safetensors")
    call("counting", "sample:clay", "--model", model, "--steps", "3", "-o", "more.png")
    images = read_recipe(Path("more.png").read_bytes())["images"]
    assert images == {
        "source": checksum(find_sample("clay").pixels()),
        "model": hashlib.sha256(Path(model).read_bytes()).hexdigest(),
    }


def test_sample_paints_from_a_model(call, model):
    status, out, _ = call("sample", model, "--size", "500x300", "--tile", "x", "--seed", "4")
    assert status == 0
    assert re.fullmatch(r"model-sample\.png: 500x300 pixels, seam ratio [\d.]+, \d+\.\d s\n", out)
    assert np.array_equal(read("model-sample.png"), sample(model, size="500x300", tile="x", seed=4))


def test_a_sample_carries_its_recipe(call, model):
    call("sample", model, "-o", "new.png", "--size", "64", "--seed", "4")
    recipe = read_recipe(Path("new.png").read_bytes())
    assert (recipe["method"], recipe["seed"], recipe["params"]["size"]) == ("sample", 4, "64")
    assert recipe["exemplar"] == checksum(read_model(Path(model).read_bytes()).exemplar)
    assert recipe["images"]["model"] == hashlib.sha256(Path(model).read_bytes()).hexdigest()


def test_walk_writes_an_endless_animation(call, model):
    status, out, _ = call("walk", model, "--size", "64x32", "--frames", "5", "--rate", "10")
    assert status == 0
    assert out.startswith("model-walk.webp: 64x32 pixels, 5 pictures in a loop, ")
    with Image.open("model-walk.webp") as animation:
        assert (animation.n_frames, animation.size, animation.info["loop"]) == (5, (64, 32), 0)


def test_a_walk_is_written_as_what_moves(call, model):
    status, _, error = call("walk", model, "-o", "walk.png")
    assert (status, error) == (2, "texture: walk.png: this is written as .webp\n")


def test_a_method_that_trains_nothing_leaves_no_model(call):
    assert " and " not in call("counting", "sample:clay", "--steps", "1")[1]
    assert [path.suffix for path in Path().iterdir()] == [".png"]


def test_help_says_what_is_wanted(call):
    paints, trains = " ".join(call("sample", "--help")[1].split()), " ".join(call("counting", "--help")[1].split())
    assert "sample [OPTIONS] MODEL" in paints
    assert "--preset" not in paints
    assert "--model FILE" in trains
    assert "The trained model is written beside the picture" in trains


@needs_terminal
def test_ctrl_c_leaves_the_model_so_far():
    terminal = Terminal("counting", "sample:clay", "-o", "tile.png", "--train", "--steps", "9999999", "--work", "1")
    terminal.wait_for(r"\d+/9999999")
    terminal.process.send_signal(signal.SIGINT)
    status, out = terminal.close()
    assert status == 130
    steps = int(re.search(r"^tile\.png and tile\.safetensors: .*stopped at step (\d+) of", out)[1])
    assert read_model(Path("tile.safetensors").read_bytes()).steps == steps
