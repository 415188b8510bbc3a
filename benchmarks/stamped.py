"""The real server, with two things more: what `benchmarks.stream` starts.

It writes down when each frame was made, and has a method whose pictures weigh as much as real ones.

python -m benchmarks.stamped LOG [what app.py takes]

A line of LOG is "frame JOB SEQ SECONDS", or "threads WORKER OTHERS…" with the system's numbers of those threads that
Python knows; the rest of the process's threads compute beside the worker. Seconds are those of the monotonic clock,
which all processes of a machine share.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import app
from texture.jobs.domain.events import Event, Framed, Listener
from texture.jobs.engines.protocol import Engine, open_engine
from texture.jobs.store import Store
from texture.methods.contract import State, Step
from texture.methods.counting import CountingParams
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.settings import Settings

if TYPE_CHECKING:
    import torch


@method("passing", title="Passing by", paper="none", params=CountingParams, listed=False)
def passing(p: CountingParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Takes the time of `counting` and shows the exemplar passing by; what `counting` comes to is flat, and no load."""
    import torch

    number = 0 if state is None else state["number"]
    picture = images.source[:, : p.size.height, : p.size.width].to(device)
    while number < p.steps:
        number += 1
        for _ in range(p.work):
            torch.rand(256, 256, device=device) @ torch.rand(256, 256, device=device)
        shown = picture.roll(number, dims=2)
        yield Step(number, p.steps, partial(_same, shown), {"distance": shown.mean()}, partial(dict, number=number))


def _same(image: torch.Tensor) -> torch.Tensor:
    return image


def _threads() -> list[threading.Thread]:
    """Those that Python knows. eventlet's pool makes its own with another copy of the module."""
    pool = sys.modules.get("eventlet.tpool")
    return threading.enumerate() + list(getattr(pool, "_threads", ()))


class Stamped:
    """A `Listener` in front of another one."""

    def __init__(self, listener: Listener, log: Path) -> None:
        self._listener = listener
        self._log = log.open("a", buffering=1)
        self._next = 0.0

    def publish(self, event: Event) -> None:
        """Write down, and pass on. The worker's thread calls it."""
        now = time.monotonic()
        if isinstance(event, Framed):
            self._log.write(f"frame {event.job} {event.seq} {now}\n")
        if now >= self._next:
            self._next = now + 1
            known = {thread.native_id for thread in _threads()} - {threading.get_native_id(), None}
            self._log.write(f"threads {threading.get_native_id()} {' '.join(map(str, known))}\n")
        self._listener.publish(event)

    def wants_frame(self, job: str) -> bool:
        """As the other one says."""
        return self._listener.wants_frame(job)


def main(log: str, *arguments: str) -> int:
    def engine(settings: Settings, store: Store, listener: Listener) -> Engine:
        return open_engine(settings, store, Stamped(listener, Path(log)))

    app.open_engine = engine  # the composition root's own seam: who listens to the engine
    return app.main(arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
