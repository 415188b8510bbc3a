"""How long a job has had the device to itself, and how long it will still need it."""

from __future__ import annotations

AVERAGED_OVER = 5.0  # seconds, for the pace


class Clock:
    """`seconds` of device time so far, and the pace at which the work has gone lately."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._whole: float | None = None  # seconds for the whole work, going by lately
        self._steps = 0

    def count(self, seconds: float, gained: float) -> None:
        """Add a step's time, and what it gained of the whole; the very first prepares, and says little of the rest."""
        self.seconds += seconds
        self._steps += 1
        if gained <= 0 or self._steps == 1:
            return
        whole = seconds / gained
        weight = max(1 / (self._steps - 1), min(1.0, seconds / AVERAGED_OVER))
        self._whole = whole if self._whole is None else self._whole + weight * (whole - self._whole)

    def need(self, done: float) -> float | None:
        """Seconds for what is left when a share of `done` (0..1) is done; None where nobody can know."""
        return None if self._whole is None else self._whole * (1 - done)
