"""A listener that remembers, and can be waited on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from texture.jobs.domain.events import Changed, Deleted, Event, Framed, Stepped

PATIENCE = 60.0  # seconds; only a test that fails waits so long

E = TypeVar("E", Changed, Deleted, Framed, Stepped)


class Recorder:
    """Remembers every event with the time at which it came. `wanted` says whether pictures are looked at."""

    def __init__(self) -> None:
        self.events: list[tuple[float, Event]] = []
        self.wanted = False
        self._progress = threading.Condition()

    def publish(self, event: Event) -> None:
        with self._progress:
            self.events.append((time.monotonic(), event))
            self._progress.notify_all()

    def wants_frame(self, job: str) -> bool:
        return self.wanted

    def watched(self) -> frozenset[str]:
        """All that it has heard of."""
        with self._progress:
            return frozenset(event.job for _, event in self.events)

    def of(self, kind: type[E], job: str) -> list[E]:
        return [event for _, event in self.events if isinstance(event, kind) and event.job == job]

    def states(self, job: str) -> list[str]:
        """The states that a job was told to be in, each once for as long as it stayed."""
        states = [event.row.state for event in self.of(Changed, job)]
        return [state for i, state in enumerate(states) if i == 0 or states[i - 1] != state]

    def wait(self, happened: Callable[[], bool]) -> None:
        """Until `happened()`, which is asked after every event."""
        with self._progress:
            assert self._progress.wait_for(happened, PATIENCE), "it did not happen"

    def wait_state(self, job: str, state: str) -> None:
        self.wait(lambda: self.states(job)[-1:] == [state])

    def wait_step(self, job: str, number: int = 1) -> None:
        self.wait(lambda: any(event.number >= number for event in self.of(Stepped, job)))
