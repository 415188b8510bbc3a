"""When jobs will be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from texture.jobs.forecast import finish_times, need
from texture.jobs.job import Job


@pytest.mark.parametrize(
    ("active", "queued", "slots", "times"),
    [
        ([], [], 2, []),
        ([10.0], [], 2, [10]),
        ([10.0, 10.0], [], 2, [20, 20]),
        ([10.0, 4.0], [], 2, [14, 8]),  # 8 s together, then the last 6 s alone
        ([10.0, 4.0], [6.0], 2, [20, 8, 20]),
        ([10.0], [5.0, 1.0], 1, [10, 15, 16]),
        ([0.0], [3.0], 1, [0, 3]),
        ([None], [3.0], 1, [None, None]),
        ([None, 2.0], [3.0], 2, [None, 4, 10]),
        ([2.0], [None, 1.0], 1, [2, None, None]),
    ],
)
def test_finish_times(
    active: list[float | None], queued: list[float | None], slots: int, times: list[float | None]
) -> None:
    assert finish_times(active, queued, slots) == times


def job(number: int = 0, total: int | None = None, seconds: float = 0.0, **params: Any) -> Job:
    about = {"id": "x", "owner": "me", "method": "counting", "images": {}, "state": "queued", "seq": 1}
    return Job(**about, number=number, total=total, seconds=seconds, params=params, created=datetime.now(UTC))


def test_need_by_its_own_past() -> None:
    assert need(job(25, 100, 5.0), None) == 15.0


def test_need_by_another_of_its_method() -> None:
    example = job(10, 100, 2.0, steps=100, size="64")
    assert need(job(steps=100, size="64"), example) == pytest.approx(20)
    assert need(job(steps=50, size="128x64"), example) == pytest.approx(20)


def test_need_by_another_with_a_schedule() -> None:
    example = job(10, 260, 2.6, steps="150 80 30", size="64")
    assert need(job(steps="75 40 15", size="64"), example) == pytest.approx(33.8)


def test_need_of_a_method_that_never_ran() -> None:
    assert need(job(), None) is None
