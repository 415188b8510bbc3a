"""Pictures are drawn when somebody needs one, and large ones without filling the memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from tests.jobs.listening import Recorder
from texture.images.decoding import reopen
from texture.jobs.domain.events import Changed, Framed, Stepped
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running.run import Run
from texture.jobs.store import Store
from texture.methods.contract import Step

pytestmark = pytest.mark.folder

Add = Callable[..., Job]
Start = Callable[..., Inline]
Plug = Callable[..., None]


@pytest.fixture
def drawn(plug: Plug) -> list[int]:
    """The steps whose pictures were drawn, of a method that says nothing of how many there will be."""
    drawn = []

    def endless(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1 + (state["number"] if state else 0), p.steps + 1):

            def draw(number: int = number) -> torch.Tensor:
                drawn.append(number)
                return torch.full((3, 32, 32), number / p.steps)

            total = number if number == p.steps else None
            keep = {"number": number}
            yield Step(number, total, draw, {"loss": torch.tensor(1.0)}, lambda keep=keep: keep, number / p.steps)

    plug("endless", endless)
    return drawn


def test_never_for_each_step(drawn: list[int], store: Store, add: Add, inline: Start) -> None:
    job = add("endless", steps=2000)
    inline()
    assert drawn[0] == 1
    assert drawn[-1] == 2000
    assert len(drawn) == len(set(drawn)) < 200
    assert store.jobs.get(job.id).state == "done"


def test_the_picture_that_stays_is_that_of_the_last_step(
    drawn: list[int], store: Store, add: Add, inline: Start
) -> None:
    job = add("endless", steps=1000)
    engine = inline(rounds=300)
    store.jobs.pause(job.id)
    engine.wake()
    paused = store.jobs.get(job.id)
    assert paused.number == drawn[-1]
    assert reopen(store.artifacts.get(job.id, "result.png"), "result.png")[0, 0, 0] == round(255 * paused.number / 1000)


def test_a_checkpoint_keeps_the_picture_too(
    drawn: list[int], store: Store, add: Add, inline: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken up and cancelled before the next step: what there is to see is from the checkpoint."""
    job = add("endless", steps=1000)
    first = inline(rounds=300)
    first.stop()
    number = store.jobs.get(job.id).number
    monkeypatch.setattr(Run, "advance", lambda *_, **__: store.jobs.cancel(job.id) or True)
    inline(rounds=3)
    cancelled = store.jobs.get(job.id)
    assert (cancelled.state, cancelled.number) == ("cancelled", number)
    assert reopen(store.artifacts.get(job.id, "result.png"), "result.png")[0, 0, 0] == round(255 * number / 1000)


def test_steps_are_told_without_a_total(drawn: list[int], listener: Recorder, add: Add, inline: Start) -> None:
    job = add("endless", steps=2000)
    inline()
    steps = listener.of(Stepped, job.id)
    assert {step.total for step in steps[:-1]} == {None}
    assert (steps[-1].total, steps[-1].done) == (2000, 1.0)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert all(0 < step.seconds <= step.wall for step in steps)
    assert [event.row.done for event in listener.of(Changed, job.id)][-1] == 1.0


def test_estimate_goes_by_what_is_done(drawn: list[int], store: Store, add: Add, inline: Start) -> None:
    job = add("endless", steps=1_000_000)
    engine = inline(rounds=300)
    until = time.monotonic() + 10
    while not store.jobs.get(job.id).eta and time.monotonic() < until:
        engine.wake()
    half_way = store.jobs.get(job.id)
    assert half_way.total is None
    assert half_way.eta is not None
    assert half_way.eta > 0


def test_large_pictures_of_eight_bits_stay_as_they_are(
    store: Store, add: Add, inline: Start, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No step of what is done with a picture makes floats of all of it."""
    converted = []
    real = torch.Tensor.float
    monkeypatch.setattr(torch.Tensor, "float", lambda self: converted.append(self.numel()) or real(self))

    def large(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        canvas = torch.arange(2500 * 2400 * 3, dtype=torch.int64).remainder(251).to(torch.uint8).view(2400, 2500, 3)
        for number in (1, 2):
            yield Step(number, 2, lambda: canvas.permute(2, 0, 1), {}, lambda: {"canvas": canvas})

    plug("large", large)
    job = add("large")
    inline()
    assert store.jobs.get(job.id).state == "done"
    assert reopen(store.artifacts.get(job.id, "result.png"), "result.png").shape == (2400, 2500, 3)
    assert max(converted) <= 3 * 1024**2
    assert store.jobs.get(job.id).metrics["seam"] > 0


def test_four_panels_get_no_more_than_one(
    listener: Recorder, store: Store, settings: Any, add: Add, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that takes 20 ms to encode goes out less often, and less often still where there are four of them."""
    spent = [0.0]

    def jpeg(self: Any) -> bytes:
        time.sleep(0.02)
        spent[0] += 0.02
        return b"jpeg"

    monkeypatch.setattr(Run, "jpeg", jpeg)
    listener.wanted = True
    for seed in range(4):
        add(steps=10_000_000, seed=seed)
    engine = Inline(settings.model_copy(update={"active": 4}), store, listener, rounds=50)
    engine.start()
    began, spent[0] = time.monotonic(), 0.0
    while time.monotonic() - began < 8:
        engine.wake()
    assert spent[0] / (time.monotonic() - began) < 0.05
    assert len({event.job for _, event in listener.events if isinstance(event, Framed)}) == 4
    engine.stop()
