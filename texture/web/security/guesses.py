"""Wrong tokens, counted by address: too many, and the address has to wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil

from texture.web.networks import customer

MOST_GUESSES = 10  # wrong tokens from one address …
WITHIN = 600.0  # … in so many seconds; another is not looked at until the first of them is that old
MOST_ADDRESSES = 10_000  # the one that guessed longest ago is forgotten first


class Guesses:
    """Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """The seconds until a token from `address` is looked at again; 0 when it may be now."""
        with self._lock:
            times = self._wrong.get(customer(address))
            full = times is not None and len(times) == MOST_GUESSES
            return max(0, ceil(times[0] + WITHIN - self._clock())) if times and full else 0

    def add(self, address: str) -> None:
        """Record a wrong token from there."""
        whose = customer(address)
        with self._lock:
            self._wrong.setdefault(whose, deque(maxlen=MOST_GUESSES)).append(self._clock())
            self._wrong.move_to_end(whose)
            if len(self._wrong) > MOST_ADDRESSES:
                self._wrong.popitem(last=False)
