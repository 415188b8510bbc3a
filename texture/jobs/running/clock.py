"""A job's compute time so far, and an estimate of what it still needs."""

from __future__ import annotations

AVERAGED_OVER = 5.0  # seconds at least, for the pace
STEADY = 1 / 3  # share of the time so far over which it is averaged later: what is said to be left must not jump


class Clock:
    """`seconds` of device time so far, and the recent pace of the work."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._whole: float | None = None  # seconds for the whole work, going by lately
        self._steps = 0

    def count(self, seconds: float, gained: float) -> None:
        """Add a step's time and progress; the very first step prepares, and predicts little of the rest."""
        self.seconds += seconds
        self._steps += 1
        if gained <= 0 or self._steps == 1:
            return
        whole = seconds / gained
        weight = max(1 / (self._steps - 1), min(1.0, seconds / max(AVERAGED_OVER, STEADY * self.seconds)))
        self._whole = whole if self._whole is None else self._whole + weight * (whole - self._whole)

    def need(self, done: float) -> float | None:
        """Seconds that the rest will take when the fraction `done` (0..1) is done; None while unknown."""
        return None if self._whole is None else self._whole * (1 - done)
