"""What a run will take: by the references, by this machine's calibration, and by its own runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from texture.methods.contract import Outline
from texture.methods.registry import find_method
from texture.runs import forecast as module
from texture.runs.forecast import Example, Forecast, References, forecast, together

GATYS = find_method("gatys")
TWICE = {"network": 2.0, "plain": 2.0}  # seconds of the calibration: the made-up reference machine takes one


def example(side: int, seconds: float, memory: int | None = None, **params: Any) -> Example:
    given = GATYS.parse({"size": str(side), **params})
    return Example.of(GATYS, given, outline(side, **params), seconds, memory)


def outline(side: int, **params: Any) -> Outline:
    found = GATYS.outline(GATYS.parse({"size": str(side), **params}), {})
    return replace(found, memory=None)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """References of a machine that takes four seconds at 128² and three times as many at twice the side."""
    known = [example(128, 4.0, 10**8), example(256, 12.0, 2 * 10**8), example(512, 36.0, 4 * 10**8)]
    told = References("made up", {"network": 1.0, "plain": 1.0}, known)
    monkeypatch.setattr(module, "references", lambda: told)


def asked(side: int, own: Sequence[Example] = (), calibration: Any = TWICE, **params: Any) -> Forecast:
    return forecast(GATYS, GATYS.parse({"size": str(side), **params}), outline(side, **params), own, calibration)


def test_a_machine_half_as_fast_takes_twice_as_long() -> None:
    assert asked(256) == Forecast(pytest.approx(24.0), 2 * 10**8)


def test_between_two_sizes_it_lies_between_their_times() -> None:
    seconds = asked(352).seconds
    assert seconds is not None
    assert 24 < seconds < 72
    assert seconds == pytest.approx(48, rel=0.2), "about the middle, on log-log paper"


def test_beyond_the_largest_it_grows_with_the_work_and_below_the_smallest_it_is_no_less() -> None:
    assert asked(1024).seconds == pytest.approx(4 * 72.0, rel=0.01)
    assert asked(64).seconds == pytest.approx(8.0)


def test_nobody_knows_before_the_machine_is_measured() -> None:
    assert asked(256, calibration={}) == Forecast(None, 2 * 10**8)


def test_its_own_runs_count_for_more_than_the_calibration() -> None:
    slow = [example(128, 20.0)]  # five times as long as the reference machine
    assert asked(256, slow).seconds == pytest.approx(60.0)
    assert asked(256, slow, calibration={}).seconds == pytest.approx(60.0)


def test_of_several_own_runs_the_middle_one_counts() -> None:
    assert asked(256, [example(256, seconds) for seconds in (11.0, 12.0, 500.0)]).seconds == pytest.approx(12.0)


def test_of_its_own_runs_the_most_alike_count() -> None:
    own = [example(256, 30.0, precision="float32"), example(256, 12.0)]
    assert asked(256, own, precision="float32").seconds == pytest.approx(30.0)
    assert asked(256, own).seconds == pytest.approx(12.0)


def test_a_budget_of_time_is_the_time() -> None:
    sgan = find_method("sgan")
    params = sgan.parse({"minutes": 2})
    assert forecast(sgan, params, sgan.outline(params, {}), [], {}).seconds == 120.0


def test_of_a_method_without_references_own_runs_tell_in_proportion() -> None:
    counting = find_method("counting")
    long, short = counting.parse({"steps": 100}), counting.parse({"steps": 10})
    own = [Example.of(counting, short, counting.outline(short, {}), 1.0, None)]
    assert forecast(counting, long, counting.outline(long, {}), own, TWICE).seconds == pytest.approx(10.0)
    assert forecast(counting, long, counting.outline(long, {}), [], TWICE) == Forecast(None, None)


def test_it_takes_at_least_the_memory_that_its_parameters_tell() -> None:
    params = GATYS.parse({"size": "2048"})
    least = GATYS.outline(params, {}).memory
    assert least is not None
    assert forecast(GATYS, params, replace(outline(128), memory=least), [], TWICE).memory == least


def test_memory_grows_with_the_result_and_not_with_the_steps() -> None:
    assert asked(256, steps="200").memory == asked(256).memory
    assert asked(1024).memory == 4 * 4 * 10**8


def test_an_hour_is_long() -> None:
    assert Forecast(3600.0, None).long
    assert not Forecast(3599.0, None).long
    assert not Forecast(None, None).long


def test_runs_together_take_the_sum_if_all_are_known() -> None:
    assert together([Forecast(1.0, 2), Forecast(2.0, 3)]) == Forecast(3.0, 5)
    assert together([Forecast(1.0, 2), Forecast(2.0, 3)], at_once=False) == Forecast(3.0, 3)
    assert together([Forecast(1.0, None), Forecast(None, 3)]) == Forecast(None, None)
