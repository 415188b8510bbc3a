"""How much memory a job has at most, by its own count and not by its process's."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running.memory import Memory
from texture.jobs.store import Store
from texture.methods.contract import Step

MB = 2**20
CPU = torch.device("cpu")

pytestmark = pytest.mark.skipif(Memory(CPU)._gauge is None, reason="only glibc tells what it has given out")


def test_what_is_held_and_what_a_step_takes_besides(
    store: Store, add: Callable[..., Job], inline: Callable[..., Inline], plug: Callable[..., None]
) -> None:
    """Two that take turns: the one holds 40 MB and takes 80 more during each step, the other half as much."""

    def greedy(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        held = torch.ones(p.seed * MB, dtype=torch.uint8)
        for number in range(1, p.steps + 1):
            taken = torch.ones(2 * p.seed * MB, dtype=torch.uint8)
            time.sleep(0.1)  # as long as a thread needs to notice
            del taken
            yield Step(number, p.steps, lambda: torch.zeros(3, 32, 32), {}, lambda: {"held": held})

    plug("greedy", greedy)
    jobs = [add("greedy", seed=seed, steps=10) for seed in (40, 20)]
    gc.collect()  # what tests before this one have left must not go while it is counted
    inline()
    memory = [store.jobs.get(job.id).memory or 0 for job in jobs]
    assert memory == [pytest.approx(120 * MB, rel=0.1), pytest.approx(60 * MB, rel=0.1)]


def test_the_first_turns_are_counted_however_long_it_takes_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(CPU)
    assert memory._gauge is not None
    end = memory._gauge.end

    def slow() -> tuple[int, int]:
        until = time.thread_time() + 0.005
        while time.thread_time() < until:
            pass
        return end()

    monkeypatch.setattr(memory._gauge, "end", slow)
    with memory.turn():
        pass
    with memory.turn():
        held = torch.ones(40 * MB, dtype=torch.uint8)
    assert held.nbytes == 40 * MB
    assert memory.peak == pytest.approx(40 * MB, rel=0.1)


def test_chance_does_not_add_up() -> None:
    memory, kept = Memory(CPU), []
    for _ in range(2000):
        with memory.turn():
            kept.append(torch.zeros(8000))
        kept.clear()
    assert memory.peak is not None
    assert memory.peak < 2 * MB


def test_a_peak_is_not_forgotten() -> None:
    memory = Memory(CPU, peak=7 * MB)
    with memory.turn():
        pass
    assert memory.peak == 7 * MB


def test_where_nobody_can_tell_there_is_none() -> None:
    memory = Memory(torch.device("meta"))
    with memory.turn():
        pass
    assert memory.peak is None
