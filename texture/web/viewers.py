"""Who watches which jobs, and which frame each of them gets next: at most two unacknowledged, the newest wins.

`Viewers.deliver` is called for one item at a time (see `concurrency.bridge`), so nothing here needs a lock. Only
`wants_frame` is asked by other threads, and reads no more than copies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from texture.jobs.events import Changed, Deleted, Event, Framed, Stepped
from texture.jobs.job import Job

MOST_IN_FLIGHT = 2  # frames on their way to one viewer; more would only queue up and grow old


@dataclass(frozen=True, slots=True)
class Joined:
    """A socket has connected for the session `owner`."""

    viewer: str
    owner: str


@dataclass(frozen=True, slots=True)
class Left:
    """A socket has gone."""

    viewer: str


@dataclass(frozen=True, slots=True)
class Watches:
    """What a viewer looks at from now on. `mine`: also every other job of its session that changes."""

    viewer: str
    jobs: frozenset[str]
    mine: bool


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A viewer has drawn a frame."""

    viewer: str


@dataclass(frozen=True, slots=True)
class WeightsChanged:
    """The state of the network weights, for every viewer; `status` is ready for JSON."""

    status: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Concerns:
    """What happens to `job` concerns those who watch all jobs of `owner`; said before it is deleted."""

    owner: str
    job: str


Item = Event | Joined | Left | Watches | Acknowledged | Concerns | WeightsChanged


class Send(Protocol):
    """Hands one event to one socket; `drawn` is called when the client acknowledges it."""

    def __call__(
        self, viewer: str, name: str, message: Mapping[str, Any], drawn: Callable[..., None] | None = None
    ) -> None:
        """Queue it; returns at once."""
        ...


@dataclass(slots=True)
class _Viewer:
    owner: str
    jobs: set[str] = field(default_factory=set)
    mine: bool = False
    in_flight: int = 0
    waiting: dict[str, Framed] = field(default_factory=dict)  # the newest of each job, longest waiting first

    @property
    def has_room(self) -> bool:
        return self.in_flight < MOST_IN_FLIGHT


class Viewers:
    """All connected sockets."""

    def __init__(self, send: Send) -> None:
        """`post` has to be set, to the bridge that leads to `deliver`, before the first item arrives."""
        self._send = send
        self._viewers: dict[str, _Viewer] = {}
        self.post: Callable[[Item], None] = self.deliver

    def publish(self, event: Event) -> None:
        """Tell whoever watches; from any thread."""
        self.post(event)

    def wants_frame(self, job: str) -> bool:
        """Whether somebody who watches this job has room for a frame; from any thread."""
        return any(viewer.has_room and job in viewer.jobs for viewer in tuple(self._viewers.values()))

    def deliver(self, item: Item) -> None:
        """Take one item, and send what follows from it."""
        match item:
            case Joined(name, owner):
                self._viewers[name] = _Viewer(owner)
            case Left(name):
                self._viewers.pop(name, None)
            case Watches(name, jobs, mine):
                self._watch(name, jobs, mine)
            case Acknowledged(name):
                self._acknowledged(name)
            case Framed():
                self._frame(item)
            case Changed(job, seq, row):
                self._enrol(row.owner, job)
                self._tell(job, "job", {"job": job, "seq": seq, "row": row_message(row)})
            case Stepped(job):
                self._tell(job, "step", step_message(item))
            case Deleted(job, seq):
                self._delete(job, seq)
            case Concerns(owner, job):
                self._enrol(owner, job)
            case WeightsChanged(status):
                for name in self._viewers:
                    self._send(name, "weights", status)

    def _watch(self, name: str, jobs: frozenset[str], mine: bool) -> None:
        if viewer := self._viewers.get(name):
            viewer.jobs, viewer.mine = set(jobs), mine
            viewer.waiting = {job: frame for job, frame in viewer.waiting.items() if job in jobs}

    def _enrol(self, owner: str, job: str) -> None:
        for viewer in self._viewers.values():
            if viewer.mine and viewer.owner == owner:
                viewer.jobs.add(job)

    def _tell(self, job: str, name: str, message: Mapping[str, Any]) -> None:
        for viewer in self._watching(job):
            self._send(viewer, name, message)

    def _delete(self, job: str, seq: int) -> None:
        self._tell(job, "deleted", {"job": job, "seq": seq})
        for viewer in self._viewers.values():
            viewer.jobs.discard(job)
            viewer.waiting.pop(job, None)

    def _frame(self, frame: Framed) -> None:
        for name in self._watching(frame.job):
            viewer = self._viewers[name]
            if viewer.has_room:
                self._send_frame(name, viewer, frame)
            else:
                viewer.waiting[frame.job] = frame

    def _acknowledged(self, name: str) -> None:
        viewer = self._viewers.get(name)
        if viewer is None:
            return
        viewer.in_flight -= 1
        if viewer.waiting:
            self._send_frame(name, viewer, viewer.waiting.pop(next(iter(viewer.waiting))))

    def _send_frame(self, name: str, viewer: _Viewer, frame: Framed) -> None:
        viewer.in_flight += 1
        self._send(name, "frame", frame_message(frame), lambda *_: self.post(Acknowledged(name)))

    def _watching(self, job: str) -> list[str]:
        return [name for name, viewer in self._viewers.items() if job in viewer.jobs]


def row_message(row: Job) -> dict[str, Any]:
    """A job's row for JSON, its numbers finite."""
    return {**row.model_dump(mode="json"), "losses": finite(row.losses), "metrics": finite(row.metrics)}


def step_message(event: Stepped) -> dict[str, Any]:
    """What "step" carries."""
    return {
        "job": event.job,
        "seq": event.seq,
        "number": event.number,
        "total": event.total,
        "seconds": event.seconds,
        "eta": event.eta,
        "losses": finite(event.losses),
        "metrics": finite(event.metrics),
    }


def frame_message(frame: Framed) -> dict[str, Any]:
    """What "frame" carries; `data` is a JPEG."""
    return {
        "job": frame.job,
        "seq": frame.seq,
        "number": frame.number,
        "width": frame.width,
        "height": frame.height,
        "data": frame.jpeg,
    }


def finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN and no infinity: null instead, or a browser would refuse the whole message."""
    return {name: value if abs(value) < float("inf") else None for name, value in values.items()}
