"""Whether the clock can be trusted for removing old data."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

SETTLING = 3600.0  # seconds after a jump in which nothing is removed
BACK = 60.0  # seconds of an ordinary clock correction
OFF = 24 * 3600.0  # seconds for which a server may have been off


class Calendar:
    """Remembers across restarts when it last checked. A jump by a day, or backwards, has to settle first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked = 0.0  # by the monotonic clock; 0: not in this process

    def is_steady(self) -> bool:
        """Whether the clock has been regular for an hour. To be called periodically."""
        now, clock = time.time(), time.monotonic()
        seen, settled = self._read(now)
        most = clock - self._looked + SETTLING if self._looked else OFF
        if not seen - BACK <= now <= seen + most:
            settled = now + SETTLING
        self._looked = clock
        with suppress(OSError):
            self._path.write_text(json.dumps({"seen": now, "settled": settled}))
        return now >= settled

    def _read(self, now: float) -> tuple[float, float]:
        """When it was last looked at, and when its last jump will have settled."""
        try:
            kept = json.loads(self._path.read_text())
            return float(kept["seen"]), float(kept["settled"])
        except (OSError, ValueError, LookupError, TypeError):
            return now, now  # the first time, or torn
