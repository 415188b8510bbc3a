"""Pictures for viewers are encoded beside the worker's thread, and keep their order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.jobs.listening import PATIENCE, Recorder
from texture.images.encoding import encode_jpeg
from texture.jobs.domain.events import Framed
from texture.jobs.domain.job import Job
from texture.jobs.running import frames
from texture.jobs.running.run import FRAMES_SHARE, Run
from texture.jobs.store import Store

Add = Callable[..., Job]
Threaded = Callable[..., Any]


class Gate:
    """Stands in for `encode_jpeg`, and holds it up while it is closed."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        self.threads: set[str] = set()
        self.under_way, self.most = 0, 0

    def __call__(self, pixels: Any) -> bytes:
        self.threads.add(threading.current_thread().name)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.entered.set()
        assert self.opened.wait(PATIENCE)
        self.under_way -= 1
        return encode_jpeg(pixels)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, listener: Recorder) -> Gate:
    gate = Gate()
    monkeypatch.setattr(frames, "encode_jpeg", gate)
    listener.wanted = True
    return gate


def test_the_worker_goes_on_while_a_picture_is_encoded(
    listener: Recorder, add: Add, threaded: Threaded, gate: Gate
) -> None:
    job, other = add(steps=10_000_000), add(steps=10_000_000)
    threaded()
    assert gate.entered.wait(PATIENCE)
    for id in (job.id, other.id):
        listener.wait_step(id, 1000)
    assert max(len(listener.of(Framed, id)) for id in (job.id, other.id)) == 1  # the first, which lies in a file too
    gate.opened.set()
    listener.wait(lambda: all(len(listener.of(Framed, id)) >= 4 for id in (job.id, other.id)))
    assert gate.most == 1
    assert all(name.startswith("texture-frames") for name in gate.threads)


def test_methods_that_draw_with_a_network_draw_seldom(
    listener: Recorder, add: Add, threaded: Threaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, costs = Run.screen_pixels, 0.05

    def slow(run: Run) -> Any:
        time.sleep(costs)
        return draw(run)

    monkeypatch.setattr(Run, "screen_pixels", slow)
    listener.wanted = True
    job = add(steps=10_000_000)
    threaded()
    listener.wait(lambda: len(listener.of(Framed, job.id)) >= 4)
    times = [when for when, event in listener.events if isinstance(event, Framed)]
    assert times[3] - times[2] >= costs / FRAMES_SHARE * 0.9  # the first of its pictures warms up


def test_no_picture_comes_after_a_newer_one(
    store: Store, listener: Recorder, add: Add, threaded: Threaded, gate: Gate
) -> None:
    job = add(steps=10_000_000)
    threaded()
    assert gate.entered.wait(PATIENCE)
    store.jobs.cancel(job.id)
    listener.wait_state(job.id, "cancelled")
    gate.opened.set()
    listener.wait(lambda: len(listener.of(Framed, job.id)) == 3)  # the first, the one that was held up, the last
    numbers = [(frame.seq, frame.number) for frame in listener.of(Framed, job.id)]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 3


def test_a_picture_that_cannot_be_encoded_is_logged_and_harms_no_job(
    store: Store,
    listener: Recorder,
    add: Add,
    threaded: Threaded,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(pixels: Any) -> bytes:
        raise ValueError("no such picture")

    monkeypatch.setattr(frames, "encode_jpeg", fail)
    listener.wanted = True
    job = add(steps=3000)
    threaded()
    listener.wait_state(job.id, "done")
    listener.wait(lambda: len(listener.of(Framed, job.id)) == 2)  # the first and the last, which lie in files too
    assert "a picture could not be encoded for viewers" in caplog.text
