"""How figures are written for people."""

from __future__ import annotations

import pytest

from texture.palette import RUNS, run_colour
from texture.reports.words import beside, best_of, duration, memory, number, percent


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0084, "8 ms"),
        (0.9996, "1.0 s"),
        (8.44, "8.4 s"),
        (59.9, "59.9 s"),
        (59.97, "1 min 00 s"),
        (125.4, "2 min 05 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_times(seconds, written):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("count", "written"), [(300 * 2**10, "0.3 MB"), (412 * 2**20, "412 MB"), (1.2 * 2**30, "1.2 GB")]
)
def test_memory(count, written):
    assert memory(int(count)) == written


def test_numbers_and_shares():
    assert [number(value) for value in (0.12345, 12.345, 1234.5, 0)] == ["0.123", "12.3", "1,234", "0"]
    assert percent(0.476) == "48 %"


def test_a_metric_is_read_beside_its_baseline_or_its_limit(result):
    run = result(metrics={"patch": 1.0, "seam": 1.2, "seam_limit": 1.4, "colour": 3.0}, baselines={"patch": 0.5})
    assert (beside(run, "patch"), beside(run, "seam"), beside(run, "colour")) == (
        ("source against itself", 0.5),
        ("limit", 1.4),
        None,
    )


def test_the_best_is_the_lowest_or_the_highest_of_two_at_least(result):
    one = result(metrics={"patch": 2.0, "regularity": 0.9, "copying": 0.1})
    other = result(metrics={"patch": 1.0, "regularity": 0.4, "copying": 0.2})
    runs = [one, other, result()]
    assert [best_of(name, runs) for name in ("patch", "regularity", "copying", "odd")] == [1.0, 0.9, None, None]
    assert best_of("patch", [one, result()]) is None


def test_every_run_has_a_colour():
    assert len({run_colour(place) for place in range(len(RUNS))}) == len(RUNS)
    assert run_colour(2 * len(RUNS)) == run_colour(0)
