"""What looking may cost: whoever comes back all the time waits for the next snapshot, and the worker keeps its pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

BURST = 0.3  # seconds of processor time that a session's snapshots may take at once: thirty large ones, after a restart
SHARE = 0.002  # of a processor, that they may take from then on
LONGEST = 6.0  # seconds that one waits: a socket that waits answers no ping, and Engine.IO gives it 20
MOST_KEPT = 1000  # sessions


class Looks:
    """When each session's snapshots come to no more than its share. Safe to use from any thread."""

    def __init__(self, wait: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        """wait: lets so many seconds pass for this client only."""
        self._wait, self._clock = wait, clock
        self._even: dict[str, float] = {}  # of each session, by the clock
        self._lock = threading.Lock()

    def admit(self, owner: str) -> None:
        """Wait until a session may look again."""
        with self._lock:
            due = self._even.get(owner, 0.0) - BURST / SHARE
        if (wait := min(due - self._clock(), LONGEST)) > 0:
            self._wait(wait)

    def take(self, owner: str, look: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look, after `admit`; on a thread that does nothing else meanwhile."""
        began = time.thread_time()
        try:
            return look(*args, **kwargs)
        finally:
            self._spend(owner, time.thread_time() - began)

    def _spend(self, owner: str, seconds: float) -> None:
        with self._lock:
            now = self._clock()
            if len(self._even) >= MOST_KEPT:
                self._even = {owner: even for owner, even in self._even.items() if even > now}
            self._even[owner] = max(now, self._even.get(owner, 0.0)) + seconds / SHARE
