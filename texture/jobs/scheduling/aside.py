"""Jobs for which there was not enough memory or disk space: they wait a while and are retried."""

from __future__ import annotations

import time
from typing import NamedTuple

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0  # seconds; each pause is twice the one before
MANY = 3  # failed attempts after which it should run alone
REMEMBERED = 3600.0  # seconds after its pause for which a job's attempts count: it may have been cancelled meanwhile


class _Try(NamedTuple):
    until: float  # by the monotonic clock
    times: int
    full_disk: bool


class Aside:
    """The jobs that have been set aside, and until when."""

    def __init__(self) -> None:
        self._tries: dict[str, _Try] = {}

    def put(self, job: str, full_disk: bool) -> None:
        """Set aside a job for which there was no memory beside others, or no disk space."""
        now = time.monotonic()
        self._tries = {job: tried for job, tried in self._tries.items() if tried.until + REMEMBERED > now}
        count = self._tries[job].times + 1 if job in self._tries else 1
        pause = min(FIRST_PAUSE * 2 ** (count - 1), LONGEST_PAUSE)
        self._tries[job] = _Try(now + pause, count, full_disk)

    def waits(self, job: str, others: bool) -> bool:
        """Whether it is too early to retry. Without other jobs it has all the memory there is."""
        tried = self._tries.get(job)
        return tried is not None and time.monotonic() < tried.until and (others or tried.full_disk)

    def keeps_failing(self, job: str) -> bool:
        """Whether it has run out of memory so often that it needs the device to itself."""
        tried = self._tries.get(job)
        return tried is not None and tried.times >= MANY and not tried.full_disk

    def forget(self, job: str) -> None:
        """Forget a job that has ended."""
        self._tries.pop(job, None)
