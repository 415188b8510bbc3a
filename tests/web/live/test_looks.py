"""What one session's snapshots may cost."""

from __future__ import annotations

import pytest

from texture.web.live import looks
from texture.web.live.looks import BURST, LONGEST, SHARE, Looks


class Hours:
    """A clock that stands still but for those who wait; and the processor time of the one thread."""

    def __init__(self) -> None:
        self.now, self.waited, self.used = 1000.0, 0.0, 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds

    def work(self, seconds: float) -> str:
        self.used += seconds
        return "seen"


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    hours = Hours()
    monkeypatch.setattr(looks.time, "thread_time", lambda: hours.used)
    return hours


def look(some: Looks, hours: Hours, owner: str = "ada", seconds: float = 0.02) -> None:
    some.admit(owner)
    assert some.take(owner, hours.work, seconds) == "seen"


def test_whoever_looks_now_and_then_never_waits(hours: Hours) -> None:
    some = Looks(hours.wait, lambda: hours.now)
    for _ in range(100):
        look(some, hours)
        hours.now += 0.02 / SHARE
    assert hours.waited == 0


def test_all_tabs_of_a_session_may_look_at_once(hours: Hours) -> None:
    some = Looks(hours.wait, lambda: hours.now)
    for _ in range(int(BURST / 0.02)):
        look(some, hours)
    assert hours.waited == 0


def test_whoever_comes_back_all_the_time_takes_no_more_than_the_share(hours: Hours) -> None:
    some, began = Looks(hours.wait, lambda: hours.now), hours.now
    for _ in range(200):
        look(some, hours)
    assert hours.used <= BURST + max(SHARE, 0.02 / LONGEST) * (hours.now - began) + 0.03


def test_others_do_not_wait_for_them(hours: Hours) -> None:
    some = Looks(hours.wait, lambda: hours.now)
    for _ in range(50):
        look(some, hours)
    waited = hours.waited
    look(some, hours, "bob")
    assert hours.waited == waited > 0


def test_a_look_that_fails_is_counted_too(hours: Hours) -> None:
    def fail() -> None:
        hours.work(BURST)
        raise LookupError

    some = Looks(hours.wait, lambda: hours.now)
    some.admit("ada")
    with pytest.raises(LookupError):
        some.take("ada", fail)
    look(some, hours)
    look(some, hours)
    assert hours.waited > 0


def test_nobody_waits_for_long_whatever_their_looks_have_cost(hours: Hours) -> None:
    some = Looks(hours.wait, lambda: hours.now)
    look(some, hours, seconds=100.0)
    look(some, hours)
    assert hours.waited == LONGEST


def test_sessions_are_forgotten_once_they_have_used_no_more_than_their_share(
    hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "MOST_KEPT", 10)
    some = Looks(hours.wait, lambda: hours.now)
    for number in range(1000):
        look(some, hours, f"nobody {number}")
        hours.now += 1.0
    assert len(some._even) < 50
