"""The growing numbers of a job's events."""

from __future__ import annotations

import threading
from collections.abc import Callable

GAP = 1_000  # more than the events that can go out between two writes of a row (a second or so)


class Sequence:
    """Hands out growing numbers for each job. They count in memory; each write of a row keeps the newest.

    A crash loses the last few, so an engine that starts raises what all rows have kept by GAP.
    """

    def __init__(self, kept: Callable[[str], int]) -> None:
        self._kept = kept
        self._newest: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, job: str) -> int:
        """The next number of this job."""
        with self._lock:
            number = 1 + (self._newest[job] if job in self._newest else self._kept(job))
            self._newest[job] = number
            return number

    def forget(self, job: str) -> None:
        """The job is gone."""
        with self._lock:
            self._newest.pop(job, None)

    def forget_all(self) -> None:
        """Go on from what the rows have kept, which has been raised."""
        with self._lock:
            self._newest.clear()
