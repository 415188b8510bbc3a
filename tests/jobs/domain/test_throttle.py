from __future__ import annotations

from types import SimpleNamespace

import pytest

from texture.jobs.domain import throttle as module
from texture.jobs.domain.throttle import Throttle


class Clock:
    """Stands still but for what is said to take time."""

    now = 100.0

    def spend(self, throttle: Throttle, seconds: float, sharing: int = 1) -> float:
        """Seconds from the beginning of what takes so long until the next may happen, found by waiting."""
        began = self.now
        with throttle.taken(sharing):
            self.now += seconds
        while not throttle.due:
            self.now += 0.01
        return self.now - began


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_what_costs_little_happens_as_often_as_asked(clock: Clock) -> None:
    assert clock.spend(Throttle(0.5, share=0.1), 0.01) == pytest.approx(0.5, abs=0.02)


def test_what_costs_much_takes_its_share_of_the_time_and_no_more(clock: Clock) -> None:
    throttle = Throttle(0.5, share=0.1)
    assert [clock.spend(throttle, 0.2) for _ in range(3)] == pytest.approx([2.0, 2.0, 2.0], abs=0.02)
    assert clock.spend(throttle, 0.2, sharing=3) == pytest.approx(6.0, abs=0.02)


def test_one_that_was_held_up_does_not_silence_the_next(clock: Clock) -> None:
    throttle = Throttle(0.5, share=0.1)
    clock.spend(throttle, 0.1)
    clock.spend(throttle, 0.1)
    assert clock.spend(throttle, 5.0) == pytest.approx(5.0, abs=0.02)  # as long as it took, instead of fifty seconds
    assert clock.spend(throttle, 0.1) == pytest.approx(1.0, abs=0.02)


def test_a_first_one_that_warms_up_says_nothing_of_the_others(clock: Clock) -> None:
    throttle = Throttle(0.5, share=0.1, warms_up=True)
    assert clock.spend(throttle, 2.0) == pytest.approx(2.0, abs=0.02)
    assert clock.spend(throttle, 0.1) == pytest.approx(1.0, abs=0.02)
