"""The events that the engine publishes, and the protocol of their listener."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from texture.jobs.domain.job import Job


@dataclass(frozen=True, slots=True)
class Changed:
    """A job's row has changed; `row` is the new one."""

    job: str
    seq: int
    row: Job


@dataclass(frozen=True, slots=True)
class Deleted:
    """A job and its files are gone."""

    job: str
    seq: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """Progress of a running job, a few times a second."""

    job: str
    seq: int
    number: int
    total: int | None  # None while the method cannot know
    done: float  # share of the whole work, 0..1
    seconds: float  # of compute time
    wall: float  # since the job was made
    eta: float | None
    losses: Mapping[str, float]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Framed:
    """The newest picture of a running job, as a JPEG of at most 512 pixels a side."""

    job: str
    seq: int
    number: int
    width: int
    height: int
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ComparisonChanged:
    """A comparison has got another run or name, or is shared or hidden from now on. `jobs` are those that it has."""

    comparison: str
    owner: str
    jobs: frozenset[str]
    shared: bool

    @property
    def job(self) -> str:
        """What it is about, among events of jobs."""
        return self.comparison


Event = Changed | Deleted | Stepped | Framed | ComparisonChanged


class Listener(Protocol):
    """Receives events. Called on the worker's thread: it must not block and must not raise."""

    def publish(self, event: Event) -> None:
        """Receive an event."""
        ...

    def wants_frame(self, job: str) -> bool:
        """Whether anybody would look at a picture of this job now: pictures are pulled, not pushed."""
        ...

    def watched(self) -> Collection[str]:
        """The jobs that anybody watches now."""
        ...


class Silence:
    """A listener that ignores everything: for tests and the command line."""

    def publish(self, event: Event) -> None:
        """Ignore it."""

    def wants_frame(self, job: str) -> bool:
        """Never."""
        return False

    def watched(self) -> Collection[str]:
        """None."""
        return ()
