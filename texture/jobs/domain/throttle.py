"""How often something may happen."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

SHARE = 0.05  # of the time, at most, goes into what is not the method's own work


class Throttle:
    """At most once in `interval` seconds, and less often where it would take up more than `share` of the time.

    What it costs is the middle of the last three: one that was held up, on a busy machine, must not silence the next.
    warms_up: the first one costs more than any after it, and says nothing of them.
    """

    def __init__(self, interval: float, share: float = SHARE, warms_up: bool = False) -> None:
        self._interval, self._share, self._warm = interval, share, not warms_up
        self._next = 0.0
        self._costs: deque[float] = deque(maxlen=3)

    @property
    def due(self) -> bool:
        """Whether it may happen now."""
        return time.monotonic() >= self._next

    @contextmanager
    def taken(self, sharing: int = 1) -> Iterator[None]:
        """It happens now. `sharing`: how many there are that take up that share of the time together."""
        began = time.monotonic()
        try:
            yield
        finally:
            if self._warm:
                self._costs.append(time.monotonic() - began)
            self._warm = True
            usual = median(self._costs) if self._costs else 0.0
            self._next = began + max(self._interval, usual * sharing / self._share)
