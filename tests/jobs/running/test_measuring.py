"""Figures of the live pictures: now and then, and at the end; never at the methods' expense."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.jobs.listening import Recorder
from texture.images.decoding import decode
from texture.images.tensors import to_tensor
from texture.jobs.domain.events import Changed, Stepped
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running import measuring
from texture.jobs.running.measuring import Measuring
from texture.jobs.store import Store
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.sizes import sizes_of
from texture.metrics import METRICS, QUICK, ExemplarMetrics, scaled_exemplar

PLAIN = set(METRICS) - {"regularity"}  # those of an exemplar without periods

Add = Callable[..., Job]
Start = Callable[..., Inline]
Plug = Callable[..., None]


def test_at_the_end_all_of_them_beside_their_floors(store: Store, listener: Recorder, add: Add, inline: Start) -> None:
    job = add(steps=3)
    inline()
    done = store.jobs.get(job.id)
    assert set(done.metrics) == {*PLAIN, "seam", "seam_limit"}
    assert set(done.baselines) == PLAIN
    assert listener.of(Stepped, job.id)[-1].metrics == done.metrics
    assert listener.of(Changed, job.id)[-1].row.baselines == done.baselines


def test_they_are_those_of_the_result(store: Store, picture: str, add: Add, inline: Start) -> None:
    job = add(steps=3, size="32")
    inline()
    params = find_method("counting").parse({"size": "32"})
    exemplar = store.pictures.pixels(picture)
    outline = params.outline(sizes_of({"source": exemplar}))
    measure = ExemplarMetrics(scaled_exemplar(to_tensor(exemplar), outline))
    measured = measure(to_tensor(decode(store.artifacts.get(job.id, "result.png"))))
    done = store.jobs.get(job.id)
    assert {name: done.metrics[name] for name in PLAIN} == pytest.approx(measured, rel=0.05)  # which has 8 bits
    assert done.baselines == measure.baselines


def test_what_repaints_a_picture_is_no_tile_and_keeps_its_shape(
    store: Store, picture: str, inline: Start, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coarse stage of 32×16 pixels is measured as the viewer sees it: 64 on its longer side."""
    shapes = []
    monkeypatch.setattr(ExemplarMetrics, "__call__", lambda self, image, names: shapes.append(tuple(image.shape)) or {})

    def coarse(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        yield Step(1, 1, lambda: torch.rand(3, 16, 32), {}, dict)

    plug("coarse", coarse, images=("source", "content"))
    params = find_method("coarse").parse({"size": "48x64", "tile": "both"})
    job = store.jobs.add("me", "coarse", params, {"source": picture, "content": picture})
    inline()
    assert shapes == [(3, 32, 64)]
    assert store.jobs.get(job.id).metrics == {}


def test_points_have_them_where_they_were_measured(store: Store, add: Add, inline: Start) -> None:
    job = add(steps=10_000_000)
    engine = inline(rounds=200)
    until = time.monotonic() + 120  # the first one imports what measures, and the next waits by what it took
    while len(_measured(store, job)) < 3 and time.monotonic() < until:
        engine.wake()
    points = store.jobs.points(job.id)
    assert len(_measured(store, job)) >= 3
    assert len(_measured(store, job)) < len(points)
    assert set(QUICK) <= set(points[_measured(store, job)[0]].values)


@pytest.mark.folder
def test_they_take_at_most_three_hundredths_of_the_time(
    store: Store, add: Add, inline: Start, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that only steps (a second each) and measuring (half a second each time) move."""
    now, spent = [0.0], [0.0]

    def slow(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1, p.steps + 1):
            now[0] += 1
            yield Step(number, p.steps, lambda: torch.zeros(3, 32, 32), {}, dict)

    def take(*_: Any) -> None:
        now[0] += 0.5
        spent[0] += 0.5

    plug("slow", slow)
    monkeypatch.setattr(measuring.Measuring, "_take", take)
    monkeypatch.setattr("texture.jobs.domain.throttle.time.monotonic", lambda: now[0])
    jobs = [add("slow", steps=1_000_000, seed=seed) for seed in range(2)]
    inline(rounds=300)
    assert 0.02 < spent[0] / now[0] <= 0.03
    assert all(store.jobs.get(job.id).state == "running" for job in jobs)


def test_whose_figures_are_oldest_is_measured_next() -> None:
    measuring = Measuring()
    whens = {"long ago": 1.0, "lately": 2.0, "never": 0.0, "same step": 0.5, "brief": 0.0}
    long_ago, lately, never, same_step, brief = (_job(measuring, id, when) for id, when in whens.items())
    measuring._measures["same step"].count(same_step.number)
    brief.brief = True
    assert measuring.next([lately, long_ago, same_step, brief]) is long_ago
    assert measuring.next([lately, long_ago, never]) is never
    assert measuring.next([same_step, brief]) is None


def _job(measuring: Measuring, id: str, when: float) -> Any:
    measuring._measures[id].when = when
    return SimpleNamespace(id=id, step=object(), brief=False, number=7)


def test_a_metric_that_fails_costs_no_job_and_is_logged_once(
    store: Store, add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("no measure")

    monkeypatch.setattr(measuring.Measuring, "_take", broken)
    monkeypatch.setattr(measuring, "OFTEN", 0.0)
    job = add(steps=50, work=8)
    with caplog.at_level(logging.ERROR):
        inline()
    assert store.jobs.get(job.id).state == "done"
    assert store.jobs.get(job.id).metrics == {}
    assert len([record for record in caplog.records if "could not be measured" in record.message]) == 1


def test_runs_on_one_exemplar_are_measured_against_it_once_prepared(
    add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = ExemplarMetrics.__init__
    monkeypatch.setattr(ExemplarMetrics, "__init__", lambda self, exemplar: made.append(1) or real(self, exemplar))
    for seed in range(3):
        add(steps=3, seed=seed)
    inline()
    assert len(made) == 1


def test_a_coarse_stage_is_measured_as_it_is_seen(store: Store, add: Add, inline: Start, plug: Plug) -> None:
    """A method that never gets beyond the coarse stage is as far from the exemplar as a blurred picture."""

    def coarse(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        image = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
        yield Step(1, 1, lambda: image, {}, dict)

    plug("coarse", coarse)
    small, large = add("coarse", size="32"), add("coarse", size="128")
    inline()
    assert store.jobs.get(large.id).metrics["spectrum"] > 1.5 * store.jobs.get(small.id).metrics["spectrum"]


def _measured(store: Store, job: Job) -> list[int]:
    return [i for i, point in enumerate(store.jobs.points(job.id)) if "patch" in point.values]
