"""How often something may happen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.05  # of the time, at most, goes into what is not the method's own work


class Pace:
    """At most once in `interval` seconds, and less often where it is so slow that it would take up the time."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._next = 0.0

    @property
    def due(self) -> bool:
        """Whether it may happen now."""
        return time.monotonic() >= self._next

    @contextmanager
    def taken(self) -> Iterator[None]:
        """It happens now."""
        began = time.monotonic()
        yield
        cost = time.monotonic() - began
        self._next = began + max(self._interval, cost / SHARE)
