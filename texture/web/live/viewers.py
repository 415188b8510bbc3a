"""Who watches which jobs, and which frame each of them gets next: at most two unacknowledged, the newest wins.

`Viewers.deliver` is called for one item at a time (see `concurrency.bridge`), so nothing here needs a lock. Only
`wants_frame` is asked by other threads, and reads no more than copies.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from texture.jobs.domain.events import Changed, ComparisonChanged, Deleted, Event, Framed, Stepped
from texture.web.items import (
    Acknowledged,
    Concerns,
    Corrects,
    Item,
    Joined,
    Left,
    Watches,
    WeightsChanged,
)
from texture.web.live.messages import frame_message, row_message, step_message

MOST_FRAMES = 100  # a second, to all viewers together: sending them takes the processor from the worker
MOST_STEPS = 20  # a second, of the numbers of one job: the more there are who watch, the less often they are sent
MOST_IN_FLIGHT = 2  # frames on their way to one viewer; more would only queue up and grow old


class Send(Protocol):
    """Hands one event to one or more sockets; `drawn` is called when a client acknowledges it."""

    def __call__(
        self, viewers: Sequence[str], name: str, message: Mapping[str, Any], drawn: Callable[..., None] | None = None
    ) -> None:
        """Queue it; returns at once."""
        ...


@dataclass(slots=True)
class _Viewer:
    owner: str
    said: Watches | None = None
    jobs: set[str] = field(default_factory=set)
    in_flight: int = 0
    waiting: dict[str, Framed] = field(default_factory=dict)  # the newest of each job, longest waiting first

    @property
    def has_room(self) -> bool:
        return self.in_flight < MOST_IN_FLIGHT

    def follows(self, owner: str, comparison: str | None) -> bool:
        """Whether it watches all jobs of that owner, whose session it is, or of that comparison."""
        if self.said is None:
            return False
        return (self.said.mine and self.owner == owner) or (
            comparison is not None and self.said.comparison == comparison
        )

    def drop(self, jobs: Collection[str]) -> None:
        """Stop watching them."""
        self.jobs.difference_update(jobs)
        for job in jobs:
            self.waiting.pop(job, None)


class Viewers:
    """All connected sockets."""

    def __init__(self, send: Send, clock: Callable[[], float] = time.monotonic) -> None:
        """`post` has to be set, to the bridge that leads to `deliver`, before the first item arrives."""
        self._send, self._clock = send, clock
        self._viewers: dict[str, _Viewer] = {}
        self._next_step: dict[str, float] = {}  # when the numbers of a job may go out again, by the clock
        self._rest = 0.0  # until when, by the clock, no new frame is wanted
        self.post: Callable[[Item], None] = self.deliver

    def __len__(self) -> int:
        return len(self._viewers)

    def publish(self, event: Event) -> None:
        """Publish an event to its viewers; from any thread."""
        self.post(event)

    def wants_frame(self, job: str) -> bool:
        """Whether a viewer of this job has room for a frame, and one is due; from any thread."""
        if self._clock() < self._rest:
            return False
        return any(viewer.has_room and job in viewer.jobs for viewer in tuple(self._viewers.values()))

    def watched(self) -> frozenset[str]:
        """The jobs that anybody watches now; from any thread."""
        return frozenset().union(*(viewer.jobs for viewer in tuple(self._viewers.values())))

    def deliver(self, item: Item) -> None:
        """Handle one item, and send the messages that follow from it."""
        match item:
            case Joined(name, owner):
                self._viewers[name] = _Viewer(owner)
            case Left(name):
                self._viewers.pop(name, None)
            case Watches():
                self._watch(item)
            case Corrects():
                self._correct(item)
            case Acknowledged(name):
                self._acknowledged(name)
            case Framed():
                self._frame(item)
            case Changed(job, seq, row):
                self._next_step.pop(job, None)
                self._enrol(row.owner, row.comparison, job)
                self._tell(job, "job", {"job": job, "seq": seq, "row": row_message(row)})
            case Stepped():
                self._step(item)
            case Deleted(job, seq):
                self._delete(job, seq)
            case Concerns(owner, job):
                self._enrol(owner, None, job)
            case ComparisonChanged():
                self._tell_comparison(item)
            case WeightsChanged(status):
                self._send_all(list(self._viewers), "weights", status)

    def _watch(self, said: Watches) -> None:
        if viewer := self._viewers.get(said.viewer):
            viewer.said, viewer.jobs = said, set(said.jobs)
            viewer.waiting = {job: frame for job, frame in viewer.waiting.items() if job in said.jobs}

    def _correct(self, found: Corrects) -> None:
        viewer = self._viewers.get(found.said.viewer)
        if viewer and viewer.said is found.said:  # else it has said something new meanwhile
            viewer.jobs.update(found.more)
            viewer.drop(found.less)

    def _enrol(self, owner: str, comparison: str | None, job: str) -> None:
        for viewer in self._viewers.values():
            if viewer.follows(owner, comparison):
                viewer.jobs.add(job)

    def _tell_comparison(self, changed: ComparisonChanged) -> None:
        """Viewers who may no longer watch are told so once, and nothing after that."""
        for name, viewer in self._viewers.items():
            if viewer.follows(changed.owner, changed.comparison):
                self._send([name], "comparison", {"id": changed.comparison})
            if viewer.owner != changed.owner and not changed.shared:
                viewer.drop(changed.jobs)
                if viewer.said and viewer.said.comparison == changed.comparison:
                    viewer.said = None

    def _tell(self, job: str, name: str, message: Mapping[str, Any]) -> None:
        self._send_all(self._watching(job), name, message)

    def _send_all(self, viewers: Sequence[str], name: str, message: Mapping[str, Any]) -> None:
        """In one call: it is then put into bytes once."""
        if viewers:
            self._send(viewers, name, message)

    def _step(self, step: Stepped) -> None:
        """The newest numbers; skipped ones are soon followed by newer ones, or by the row of an ended job."""
        if self._clock() >= self._next_step.get(step.job, 0.0):
            self._tell(step.job, "step", step_message(step))
            self._next_step[step.job] = self._clock() + len(self._watching(step.job)) / MOST_STEPS

    def _delete(self, job: str, seq: int) -> None:
        self._tell(job, "deleted", {"job": job, "seq": seq})
        for viewer in self._viewers.values():
            viewer.drop([job])

    def _frame(self, frame: Framed) -> None:
        for name in self._watching(frame.job):
            viewer = self._viewers[name]
            if viewer.has_room:
                self._send_frame(name, viewer, frame)
            else:
                viewer.waiting[frame.job] = frame
        self._rest_after(random.random())  # uneven: or it might be the same job's turn whenever the rest is over

    def _acknowledged(self, name: str) -> None:
        viewer = self._viewers.get(name)
        if viewer is None:
            return
        viewer.in_flight -= 1
        if viewer.waiting:
            self._send_frame(name, viewer, viewer.waiting.pop(next(iter(viewer.waiting))))

    def _send_frame(self, name: str, viewer: _Viewer, frame: Framed) -> None:
        viewer.in_flight += 1
        self._rest_after(1)
        self._send([name], "frame", frame_message(frame), lambda *_: self.post(Acknowledged(name)))

    def _rest_after(self, frames: float) -> None:
        """Want no frames for as long as this many may take."""
        self._rest = max(self._rest, self._clock()) + frames / MOST_FRAMES

    def _watching(self, job: str) -> list[str]:
        return [name for name, viewer in self._viewers.items() if job in viewer.jobs]
