"""What the worker learns for forecasts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.runs import calibration
from texture.runs.machine import Machine
from texture.settings import Settings

pytestmark = pytest.mark.folder


@pytest.fixture
def machine(settings: Settings) -> Machine:
    return Machine(settings.cache, settings.device)


def test_a_run_that_is_done_is_kept_with_what_it_took(
    store: Store, add: Callable[..., Job], inline: Callable[..., Inline], machine: Machine
) -> None:
    job = add("match", size="48")
    inline().start()
    [run] = machine.known().runs
    row = store.jobs.get(job.id)
    assert (run.method, run.seconds, run.memory) == ("match", row.seconds, row.memory)
    assert run.settings == row.params


def test_a_run_that_is_not_offered_or_does_not_end_is_not(
    store: Store, add: Callable[..., Job], inline: Callable[..., Inline], machine: Machine
) -> None:
    add("counting", steps=3)
    stopped = add("match", size="48")
    store.jobs.cancel(stopped.id)
    inline().start()
    assert machine.known().runs == ()


def test_the_machine_is_measured_once(
    inline: Callable[..., Inline], machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(calibration, "calibrate", lambda device: calls.append(device) or {"network": 0.1, "plain": 0.2})
    engine = inline()
    engine.start()
    assert calls == [], "nobody has asked"
    engine.prepare()
    engine.prepare()
    assert len(calls) == 1
    assert machine.known().calibration == {"network": 0.1, "plain": 0.2}


def test_it_is_not_measured_while_jobs_run_and_does_not_say_so(
    add: Callable[..., Job], inline: Callable[..., Inline], machine: Machine
) -> None:
    add("counting", steps=1000)
    engine = inline(rounds=3)
    assert not engine.prepare()
    assert machine.known().calibration == {}


def test_a_machine_that_cannot_be_measured_runs_its_jobs(
    store: Store, add: Callable[..., Job], inline: Callable[..., Inline], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(device: object) -> None:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(calibration, "calibrate", fail)
    engine = inline()
    engine.start()
    engine.prepare()
    job = add("counting", steps=3)
    engine.wake()
    assert store.jobs.get(job.id).state == "done"
