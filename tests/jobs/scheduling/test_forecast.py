"""Who has a place on the device, and when jobs will be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from texture.jobs.domain.job import Job
from texture.jobs.scheduling.forecast import Claim, finish_times, has_place, need
from texture.methods.contract import Outline
from texture.methods.registry import find_method


@pytest.mark.parametrize(
    ("active", "queued", "slots", "times"),
    [
        ("", "", 2, []),
        ("a10", "", 2, [10]),
        ("a10 b10", "", 2, [20, 20]),
        ("a10 b4", "", 2, [14, 8]),  # 8 s together, then the last 6 s alone
        ("a10 b4", "c6", 2, [20, 8, 20]),
        ("a10", "b5 c1", 1, [10, 15, 16]),
        ("a0", "b3", 1, [0, 3]),
        ("a?", "b3", 1, [None, None]),
        ("a? b2", "c3", 2, [None, 4, 10]),
        ("a2", "b? c1", 1, [2, None, None]),
        ("a4 a4 a4", "", 1, [12, 12, 12]),  # runs of one comparison
        ("a4", "b1 a4", 1, [8, 9, 8]),  # one that is added goes before those that wait
        ("a4", "b2 b2", 1, [4, 8, 8]),
        ("a4", "*1", 1, [5, 2]),  # a brief one needs no place
    ],
)
def test_finish_times(active: str, queued: str, slots: int, times: list[float | None]) -> None:
    assert finish_times(claims(active), claims(queued), slots) == times


@pytest.mark.parametrize(
    ("wanted", "active", "there"),
    [
        ("a1", "", True),
        ("a1", "b1", True),
        ("a1", "b1 c1", False),
        ("a1", "b1 b1 b1", True),
        ("b1", "b1 c1", True),
        ("*1", "b1 c1", True),
        ("*1", "b1 c1 *1 *1", False),
        ("a1", "b1 *1 *1", True),
    ],
)
def test_place_among_two(wanted: str, active: str, there: bool) -> None:
    assert has_place(claims(wanted)[0], claims(active), 2) is there


def claims(written: str) -> list[Claim]:
    """A letter for the entry, * for a brief job, and the seconds that it needs."""
    return [
        Claim(word[0], None if word[1:] == "?" else float(word[1:]), brief=word[0] == "*") for word in written.split()
    ]


def job(done: float = 0.0, seconds: float = 0.0) -> Job:
    about = {"id": "x", "owner": "me", "method": "counting", "images": {}, "state": "queued", "seq": 1}
    return Job(**about, done=done, seconds=seconds, params={}, created=datetime.now(UTC))


def outline(method: str = "counting", **params: Any) -> Outline:
    found = find_method(method)
    return found.outline(found.parse(params), {})


def test_need_by_its_own_past() -> None:
    assert need(job(0.25, 5.0), outline(), None) == 15.0


def test_need_by_another_of_its_method() -> None:
    example = job(0.1, 2.0), outline(steps=100, size="64")
    assert need(job(), outline(steps=100, size="64"), example) == pytest.approx(20)
    assert need(job(), outline(steps=50, size="128x64"), example) == pytest.approx(20)


def test_need_by_another_with_a_schedule() -> None:
    example = job(0.1, 2.6), outline("patch", steps="150 80 30", size="64")
    assert need(job(), outline("patch", steps="75 40 15", size="64"), example) == pytest.approx(13)


def test_need_of_a_budget_of_time() -> None:
    assert need(job(), outline("sgan", minutes=2.5), None) == 150
    assert need(job(0.5, 75), outline("sgan", minutes=2.5), None) == 75


@pytest.mark.parametrize("example", [None, job(0.0, 1.0), job(1.0, 0.0)], ids=["none", "not begun", "brought along"])
def test_need_of_a_method_that_never_ran(example: Job | None) -> None:
    assert need(job(), outline(), example and (example, outline())) is None
