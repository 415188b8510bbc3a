"""When the clock is believed: not in the hour after it has jumped, whether that was while the server ran or between."""

from __future__ import annotations

from pathlib import Path

import pytest

from texture.jobs.store.calendar import Calendar

DAY, HOUR = 86_400.0, 3_600.0


class Clocks:
    """The wall's, and the one that nobody can set."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_700_000_000.0, 1_000.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def go(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr("texture.jobs.store.calendar.time", clocks)
    return clocks


def test_a_clock_that_goes_on_is_believed(tmp_path: Path, clocks: Clocks) -> None:
    calendar = Calendar(tmp_path / "calendar")
    for _ in range(100):
        assert calendar.is_steady()
        clocks.go(600)


def test_an_hour_after_a_start_with_the_clock_forty_days_ahead(tmp_path: Path, clocks: Clocks) -> None:
    assert Calendar(tmp_path / "calendar").is_steady()
    clocks.wall += 40 * DAY
    for _ in range(3):  # and a new start does not shorten it
        assert not Calendar(tmp_path / "calendar").is_steady()
        clocks.go(600)
    clocks.wall -= 40 * DAY  # somebody has put it right
    calendar = Calendar(tmp_path / "calendar")
    assert not calendar.is_steady()
    clocks.go(HOUR)
    assert calendar.is_steady()


def test_an_hour_after_a_jump_while_it_runs(tmp_path: Path, clocks: Clocks) -> None:
    calendar = Calendar(tmp_path / "calendar")
    assert calendar.is_steady()
    clocks.wall += 2 * DAY
    assert not calendar.is_steady()
    clocks.go(HOUR + 1)
    assert calendar.is_steady()


def test_after_a_week_off_it_settles_within_an_hour(tmp_path: Path, clocks: Clocks) -> None:
    assert Calendar(tmp_path / "calendar").is_steady()
    clocks.go(7 * DAY)
    calendar = Calendar(tmp_path / "calendar")
    assert not calendar.is_steady()
    clocks.go(HOUR + 1)
    assert calendar.is_steady()


def test_a_night_off_is_nothing(tmp_path: Path, clocks: Clocks) -> None:
    assert Calendar(tmp_path / "calendar").is_steady()
    clocks.go(12 * HOUR)
    assert Calendar(tmp_path / "calendar").is_steady()


def test_a_torn_file_is_a_first_time(tmp_path: Path, clocks: Clocks) -> None:
    (tmp_path / "calendar").write_text('{"seen": ')
    assert Calendar(tmp_path / "calendar").is_steady()
