"""What looking may cost: whoever comes back all the time waits for the next snapshot, and the worker keeps its pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from texture.web.api.problems import Refused, problem

P = ParamSpec("P")
T = TypeVar("T")

BURST = 0.3  # seconds of processor time that a session's snapshots may take at once: thirty large ones, after a restart
SHARE = 0.002  # of a processor, that they may take from then on
USUAL = 0.01  # seconds, of the first one
LONGEST = 15.0  # seconds that one waits; Engine.IO gives up a client that is silent for 20
MOST_KEPT = 1000  # sessions


class Looks:
    """The snapshots that each session has been given, and when the next one is due. Safe to use from any thread."""

    def __init__(self, wait: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        """wait: lets so many seconds pass for this client only."""
        self._wait, self._clock = wait, clock
        self._paid: dict[str, float] = {}  # when the time that a session has used comes to no more than its share
        self._cost: dict[str, float] = {}  # of its last one, seconds

    def admit(self, owner: str) -> None:
        """Wait until a session may look again.

        Raises:
            Refused: others of its own are waiting, for too long already.
        """
        now = self._clock()
        self._forget(now)
        due = self._paid.get(owner, now) - BURST / SHARE
        if due - now > LONGEST:
            raise Refused(problem(429, f"too many connections one after another: try again in {due - now:.0f} s"))
        self._spend(owner, self._cost.get(owner, USUAL))
        if due > now:
            self._wait(due - now)

    def take(self, owner: str, look: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look, after `admit`; on a thread that does nothing else meanwhile."""
        began, expected = time.thread_time(), self._cost.get(owner, USUAL)
        try:
            return look(*args, **kwargs)
        finally:
            self._cost[owner] = time.thread_time() - began
            self._spend(owner, self._cost[owner] - expected)

    def _spend(self, owner: str, seconds: float) -> None:
        self._paid[owner] = max(self._clock(), self._paid.get(owner, 0.0)) + seconds / SHARE

    def _forget(self, now: float) -> None:
        """Those who have used no more than their share."""
        if len(self._paid) > MOST_KEPT:
            self._paid = {owner: paid for owner, paid in self._paid.copy().items() if paid > now}
            self._cost = {owner: cost for owner, cost in self._cost.copy().items() if owner in self._paid}
