"""Jobs for which there was no room: they wait a while, and try again, for what took the room may be gone by then."""

from __future__ import annotations

import time
from typing import NamedTuple

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0  # seconds; each pause is twice the one before
MANY = 3  # times that it found no room; then it had better be alone


class _Try(NamedTuple):
    until: float  # by the monotonic clock
    times: int
    full_disk: bool


class Aside:
    """Who has been set aside, and until when."""

    def __init__(self) -> None:
        self._tries: dict[str, _Try] = {}

    def put(self, job: str, full_disk: bool) -> None:
        """It has found no room: in memory beside others, or on a disk that is full."""
        count = self._tries[job].times + 1 if job in self._tries else 1
        pause = min(FIRST_PAUSE * 2 ** (count - 1), LONGEST_PAUSE)
        self._tries[job] = _Try(time.monotonic() + pause, count, full_disk)

    def waits(self, job: str, others: bool) -> bool:
        """Whether it is too early to try again. Without others it has all the memory that there can be."""
        tried = self._tries.get(job)
        return tried is not None and time.monotonic() < tried.until and (others or tried.full_disk)

    def keeps_failing(self, job: str) -> bool:
        """Whether it has found no memory so often that it needs the device to itself."""
        tried = self._tries.get(job)
        return tried is not None and tried.times >= MANY and not tried.full_disk

    def forget(self, job: str) -> None:
        """It has ended."""
        self._tries.pop(job, None)
