"""`--seeds`: several runs that differ by their seed alone, of which the best are kept."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cli.calling import Terminal, needs_terminal, refusal
from texture import synthesize
from texture.errors import Diverged
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.tensors import to_pixels
from texture.methods import registry
from texture.methods.counting import CountingParams, counting
from texture.methods.registry import method
from texture.metrics import EVERY_METRIC, METRICS

LINE = re.compile(r" *(\d+|seed) +(\S+) *(.*)")


def names():
    return sorted(path.name for path in Path().iterdir())


def scored(call, *paths, by="patch"):
    """The metric of pictures, as `score` has it."""
    results = json.loads(call("score", "sample:clay", *paths)[1])["results"]
    return [one["metrics"][by] for one in results]


def lines_of(out):
    """The lines of the table as (seed, value, note), its head and its foot left out; and what follows it."""
    head, *lines = out.splitlines()
    assert LINE.fullmatch(head)[1] == "seed"
    foot = next(place for place, line in enumerate(lines) if line.strip().endswith("source against itself"))
    return [LINE.fullmatch(line).groups() for line in lines[:foot]], lines[foot + 1 :]


def one_by_one(call, *seeds):
    """The pictures of these seeds, each made by a call of its own."""
    for seed in seeds:
        call("counting", "sample:clay", "--steps", "3", "--seed", str(seed), "-o", f"alone-{seed}.png")
    return {seed: f"alone-{seed}.png" for seed in seeds}


@pytest.mark.parametrize("by", [name for name in METRICS if name != "regularity"])  # clay has none
def test_the_best_by_the_metric_is_kept_with_the_recipe_of_its_own_seed(call, by):
    alone = one_by_one(call, 5, 6, 7)
    values = dict(zip(alone, scored(call, *alone.values(), by=by), strict=True))
    best = min(values, key=values.get)
    words = ("--steps", "3", "--seed", "5", "--seeds", "3", "--by", by, "-o", "best.png")
    status, out, err = call("counting", "sample:clay", *words)
    assert (status, err) == (0, "")
    assert np.array_equal(read("best.png"), read(alone[best]))
    recipe = read_recipe(Path("best.png").read_bytes())
    assert recipe["seed"] == recipe["params"]["seed"] == best
    table, rest = lines_of(out)
    assert {int(seed): float(value) for seed, value, _ in table} == values
    assert [float(value) for _, value, _ in table] == sorted(values.values())
    assert [note for *_, note in table] == ["best.png", "", ""]
    assert len(rest) == 1
    assert re.fullmatch(r"best\.png: 64x64 pixels, seam ratio \d\.\d\d, \d+\.\d s", rest[0])


def test_where_higher_is_better_the_highest_comes_first(call, monkeypatch):
    monkeypatch.setitem(EVERY_METRIC, "patch", replace(EVERY_METRIC["patch"], direction="higher"))
    table, _ = lines_of(call("counting", "sample:clay", "--steps", "3", "--seeds", "4")[1])
    values = [float(value) for _, value, _ in table]
    assert values == sorted(values, reverse=True)
    assert scored(call, "clay-counting.png") == values[:1]


def test_several_are_kept_with_all_that_goes_with_them(call):
    words = ("--steps", "3", "--seeds", "4", "--keep", "3", "--train", "--origins", "-o", "tile.png")
    status, out, _ = call("counting", "sample:clay", *words)
    assert status == 0
    pictures = ["tile.png", "tile-2.png", "tile-3.png"]
    ends = (".png", ".safetensors", "-origins.png")
    assert names() == sorted(picture.removesuffix(".png") + end for picture in pictures for end in ends)
    table, rest = lines_of(out)
    assert [note for *_, note in table] == [*pictures, ""]
    assert [line.partition(" and ")[0] for line in rest] == pictures
    assert [float(value) for _, value, _ in table[:3]] == scored(call, *pictures)


def test_only_what_was_named_is_written_over(call):
    for name in ("tile.png", "tile-2.png"):
        Path(name).write_bytes(b"mine")
    words = ("--steps", "1", "--seeds", "2", "--keep", "2")
    call("counting", "sample:clay", *words, "-o", "tile.png")
    assert names() == ["tile-2.png", "tile-3.png", "tile.png"]
    assert Path("tile-2.png").read_bytes() == b"mine"
    assert Path("tile.png").read_bytes() != b"mine"
    call("counting", "sample:clay", "--steps", "1")
    call("counting", "sample:clay", *words)
    assert names()[:3] == ["clay-counting-2.png", "clay-counting-3.png", "clay-counting.png"]


@pytest.fixture
def unlucky(monkeypatch):
    """A method that fails with every other seed, from 1 on, and otherwise counts."""
    monkeypatch.setattr(registry, "_METHODS", dict(registry.methods()))

    @method("unlucky", title="Unlucky", paper="none", params=CountingParams, listed=False)
    def unlucky(p, images, device, state=None):
        """Fails now and then."""
        for step in counting(p, images, device, state):
            if step.number == 2 and p.seed % 2:
                raise Diverged(f"no luck with seed {p.seed}")
            yield step


def test_a_seed_that_fails_does_not_take_the_others_along(call, unlucky):
    status, out, _ = call("unlucky", "sample:clay", "--steps", "3", "--seeds", "3", "--keep", "2")
    assert status == 0
    table, _ = lines_of(out)
    assert {seed for seed, *_ in table[:2]} == {"0", "2"}
    assert table[2] == ("1", "–", "no luck with seed 1")


def test_fewer_than_were_to_be_kept_is_a_failure_that_has_written_what_there_is(call, unlucky):
    status, out, err = call("unlucky", "sample:clay", "--steps", "3", "--seeds", "2", "--keep", "2")
    assert (status, err) == (1, "texture: 1 of 2 pictures: no luck with seed 1\n")
    assert names() == ["clay-unlucky.png"]
    assert "clay-unlucky.png: 64x64 pixels" in out


def test_where_all_fail_nothing_is_written(call):
    call_fails = call("counting", "sample:clay", "--fail-at", "2", "--seeds", "2")
    assert refusal(call_fails, status=1) == "counting stopped at step 2, as fail_at asked"
    assert names() == []


def test_the_help_says_what_can_be_asked(call):
    words = " ".join(call("counting", "--help")[1].split())
    assert "[2 to 16; default: one]" in words
    assert ", ".join(METRICS) in words
    assert "--seeds" not in call("stylise", "--help")[1]


@needs_terminal
class TestTerminal:
    def test_the_bar_says_which_seed_it_is_and_ctrl_c_writes_the_best_so_far(self):
        words = ("--steps", "400", "--work", "1", "--seeds", "3", "--seed", "7", "-o", "tile.png")
        terminal = Terminal("counting", "sample:clay", *words)
        terminal.wait_for(r"seed 1 of 3 +\d+%\|.*\d+/400")
        terminal.wait_for(r"seed 2 of 3 +\d+%\|.*\d+/400")
        terminal.process.send_signal(signal.SIGINT)
        status, out = terminal.close()
        assert status == 130
        table, rest = lines_of(out)
        assert [seed for seed, *_ in table] == ["7", "8"]
        assert re.fullmatch(r"stopped at step \d+ of 400", table[1][2])
        assert rest[0].startswith("tile.png: 64x64 pixels")
        *_, step = synthesize("counting", "sample:clay", steps=400, seed=7, work=1)
        assert np.array_equal(read("tile.png"), to_pixels(step.image))

    def test_ctrl_c_in_the_first_run_writes_that(self):
        words = ("--steps", "10000000", "--work", "1", "--seeds", "3", "-o", "tile.png")
        terminal = Terminal("counting", "sample:clay", *words)
        terminal.wait_for(r"seed 1 of 3 +\d+%\|.*\d+/10000000")
        terminal.process.send_signal(signal.SIGINT)
        status, out = terminal.close()
        assert status == 130
        assert len(lines_of(out)[0]) == 1
        assert read_recipe(Path("tile.png").read_bytes())["step"] < 10_000_000
