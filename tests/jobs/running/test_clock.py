"""What a job is said to need still: known soon, and steady later."""

from __future__ import annotations

import pytest

from texture.jobs.running.clock import Clock


def test_nothing_is_known_after_the_step_that_prepares() -> None:
    clock = Clock(0.0)
    clock.count(9.0, 0.01)
    assert clock.need(0.01) is None
    clock.count(1.0, 0.01)
    assert clock.need(0.02) == pytest.approx(98)


def test_a_stage_with_another_pace_is_known_after_some_seconds() -> None:
    clock = Clock(0.0)
    for _ in range(5):
        clock.count(1.0, 0.01)
    for _ in range(15):
        clock.count(1.0, 0.02)
    assert clock.need(0.5) == pytest.approx(25, rel=0.15)


def test_a_slow_half_minute_of_a_long_job_does_not_multiply_what_is_left() -> None:
    clock = Clock(0.0)
    for _ in range(600):
        clock.count(1.0, 0.001)
    assert clock.need(0.6) == pytest.approx(400)
    clock.count(30.0, 0.005)  # six times as slow
    assert clock.need(0.605) < 1.8 * 395


def test_one_that_goes_on_has_its_time_so_far() -> None:
    clock = Clock(100.0)
    clock.count(5.0, 0.1)
    assert clock.seconds == 105
