"""The items that `Viewers` receives, one at a time: messages of viewers, and events of the jobs that they watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from texture.jobs.domain.events import Event


@dataclass(frozen=True, slots=True)
class Joined:
    """A socket has connected for the session `owner`."""

    viewer: str
    owner: str


@dataclass(frozen=True, slots=True)
class Left:
    """A socket has disconnected."""

    viewer: str


@dataclass(frozen=True, slots=True)
class Watches:
    """What a viewer watches from now on.

    mine: also every other job of its session that changes; comparison: every job of that one, those to come included.
    """

    viewer: str
    jobs: frozenset[str]
    mine: bool = False
    comparison: str | None = None


@dataclass(frozen=True, slots=True)
class Corrects:
    """What was found since a viewer `said` what it watches: jobs that belong to it, and such that no longer do."""

    said: Watches
    more: frozenset[str] = frozenset()
    less: frozenset[str] = frozenset()


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
    """Events of `job` concern those who watch all jobs of `owner`; sent before it is deleted."""

    owner: str
    job: str


Said = Joined | Left | Watches | Corrects | Acknowledged  # by a viewer, or for one
Happened = Event | Concerns | WeightsChanged
Item = Said | Happened
