"""Jobs that share the device get the same time on it, however long their steps are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store

pytestmark = pytest.mark.folder


@pytest.mark.usefixtures("one_thread")
def test_unlike_steps_share_alike(store: Store, add: Callable[..., Job], inline: Callable[..., Inline]) -> None:
    jobs = [add(steps=1_000_000, work=1), add(steps=1_000_000, work=8)]
    engine = inline(rounds=50)
    while sum(store.jobs.get(job.id).seconds for job in jobs) < 3:
        engine.wake()
    engine.stop()
    light, heavy = (store.jobs.get(job.id) for job in jobs)
    assert light.number > 2 * heavy.number
    assert light.seconds == pytest.approx(heavy.seconds, rel=0.1)


def test_turns_go_to_who_had_least(timed: list[str], add: Callable[..., Job], inline: Callable[..., Inline]) -> None:
    add("timed", seed=1, work=1, steps=1000)
    add("timed", seed=2, work=3, steps=1000)
    inline(rounds=400)
    assert timed.count("1") == pytest.approx(3 * timed.count("2"), abs=3)


def test_newcomer_does_not_make_up_for_the_past(
    timed: list[str], add: Callable[..., Job], inline: Callable[..., Inline]
) -> None:
    add("timed", seed=1, work=1, steps=1000)
    engine = inline(rounds=200)
    timed.clear()
    add("timed", seed=2, work=1, steps=1000)
    engine.wake()
    assert timed[:10].count("1") >= 4


def test_no_more_than_the_setting_at_a_time(
    store: Store, add: Callable[..., Job], inline: Callable[..., Inline]
) -> None:
    for _ in range(4):
        add(steps=1_000_000)
    inline(rounds=20)
    assert sorted(job.state for job in store.jobs.list("me")) == ["queued", "queued", "running", "running"]
