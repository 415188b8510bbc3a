"""Every example runs as it stands, on the tiny method, and does what its first line says."""

from __future__ import annotations

import runpy
from collections import deque
from pathlib import Path

import numpy as np
import pytest

from texture import save, synthesize
from texture.images.decoding import read

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


def run_example(name: str, *arguments: str) -> None:
    path = next(path for path in EXAMPLES if path.stem == name)
    runpy.run_path(str(path))["main"](*arguments)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_runs(path, tmp_path, capsys):
    out = tmp_path / "out.png"
    runpy.run_path(str(path))["main"]("sample:pebbles", str(out), "counting")
    assert str(out) in capsys.readouterr().out
    assert min(read(out).shape[:2]) >= 128
    assert 15 <= len(path.read_text().splitlines()) <= 34


def test_stopping_and_going_on_gives_the_picture_of_one_run(tmp_path):
    run_example("stop_and_go_on", "sample:clay", str(tmp_path / "halves.png"), "counting", 7)
    step = deque(synthesize("counting", "sample:clay", size="128"), maxlen=1).pop()
    save(step.image, tmp_path / "whole.png")
    assert np.array_equal(read(tmp_path / "halves.png"), read(tmp_path / "whole.png"))


def test_wallpaper_is_a_sheet_of_one_tile(tmp_path):
    run_example("wallpaper", "sample:weave", str(tmp_path / "out.png"), "counting")
    pixels = read(tmp_path / "out.png")
    assert pixels.shape == (384, 512, 3)
    assert np.array_equal(pixels[:128, :128], pixels[256:, 384:])
