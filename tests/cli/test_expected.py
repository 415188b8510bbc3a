"""What a command says before it begins, and learns for the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from texture.cli.expected import learn, roughly, tell
from texture.methods.registry import find_method
from texture.methods.sizes import Extent
from texture.runs.forecast import Example
from texture.runs.machine import Machine
from texture.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", cache=tmp_path / "cache", device="cpu")


def planned(name: str, **given: object):
    method = find_method(name)
    params = method.parse(given)
    return method, params, method.outline(params, {"source": Extent(256, 256)})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (7.4, "7 s"),
        (33, "35 s"),
        (59, "1 min"),
        (95, "1 min 30 s"),
        (610, "10 min"),
        (3600, "1 h"),
        (9100, "2 h 30 min"),
    ],
)
def test_a_duration_is_told_no_more_exactly_than_anybody_knows_it(seconds: float, words: str) -> None:
    assert roughly(seconds) == words


def test_a_long_run_is_told_with_its_memory(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    Machine(settings.cache, "cpu").set_calibration({"network": 0.2, "plain": 0.3})
    tell(settings, [planned("gatys", size="1024")])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("about ")
    assert err.endswith(" GB of memory\n")


def test_of_a_short_one_nothing_is_said_and_nothing_measured(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(settings, [planned("match", size="64")])
    tell(settings, [planned("counting")])
    assert capsys.readouterr().err == ""
    assert Machine(settings.cache, "cpu").known().calibration == {}


def test_before_a_long_one_the_machine_is_measured(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    tell(settings, [planned("gatys", size="2048", steps="200")])
    assert set(Machine(settings.cache, "cpu").known().calibration) == {"network", "plain"}
    assert capsys.readouterr().err.startswith("about ")


def test_an_hour_is_told_with_a_way_out(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    tell(settings, [planned("sgan", minutes=60)])
    assert "Ctrl-C stops it" in capsys.readouterr().err


def test_what_a_run_took_is_kept(settings: Settings) -> None:
    learn(settings, planned("match", size="64"), 1.5)
    learn(settings, planned("sgan", minutes=1), 60.0)
    learn(settings, planned("counting"), 1.0)
    [run] = Machine(settings.cache, "cpu").known().runs
    assert isinstance(run, Example)
    assert (run.method, run.seconds) == ("match", 1.5)
