"""Who found no room tries again after a while, and keeps nobody waiting for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.scheduling import aside as module
from texture.jobs.scheduling.aside import Aside
from texture.jobs.store import Store
from texture.methods.contract import Step

Add = Callable[..., Job]
Start = Callable[..., Inline]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_each_pause_is_twice_the_one_before(now: list[float]) -> None:
    aside, waited = Aside(), []
    for _ in range(6):
        aside.put("job", full_disk=False)
        began = now[0]
        while aside.waits("job", others=True):
            now[0] += 1
        waited.append(now[0] - began)
    assert waited == [5, 10, 20, 40, 60, 60]
    assert aside.keeps_failing("job")
    aside.forget("job")
    assert not aside.keeps_failing("job")


def test_who_was_cancelled_meanwhile_is_forgotten(now: list[float]) -> None:
    aside = Aside()
    for _ in range(3):
        aside.put("cancelled", full_disk=False)
    now[0] = module.REMEMBERED + module.LONGEST_PAUSE
    aside.put("another", full_disk=False)
    assert not aside.keeps_failing("cancelled")


def test_alone_it_has_all_the_memory_but_no_more_of_the_disk(now: list[float]) -> None:
    aside = Aside()
    aside.put("memory", full_disk=False)
    aside.put("disk", full_disk=True)
    assert not aside.waits("memory", others=False)
    assert aside.waits("disk", others=False)


def test_memory_that_is_back_is_found_though_the_other_never_ends(
    store: Store, add: Add, inline: Start, plug: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    tries = []

    def hungry(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        tries.append(len(tries))
        if len(tries) < 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        yield Step(1, 1, lambda: torch.zeros(3, 32, 32), {}, lambda: {})

    plug("hungry", hungry)
    other, job = add(steps=10_000_000), add("hungry")
    engine = inline(rounds=5)
    for _ in range(100):
        engine.wake()
        if store.jobs.get(job.id).state == "done":
            break
    assert (store.jobs.get(other.id).state, store.jobs.get(job.id).state) == ("running", "done")
    assert len(tries) == 3


def test_those_behind_it_do_not_wait(store: Store, add: Add, inline: Start, plug: Callable[..., None]) -> None:
    def hungry(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        raise torch.OutOfMemoryError("CUDA out of memory")
        yield

    plug("hungry", hungry)
    long, job, small = add(steps=10_000_000), add("hungry"), add(steps=2)
    engine = inline(rounds=10)
    engine.wake()
    states = [store.jobs.get(one.id).state for one in (long, job, small)]
    assert states == ["running", "queued", "done"]
    assert "retried automatically" in (store.jobs.get(job.id).message or "")
