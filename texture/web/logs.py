"""The log, on stderr: text or JSON lines, rate-limited for each place in the code."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

PLAIN = "%(levelname)s %(name)s: %(message)s"
MOST = 10  # lines from one place in the code …
WITHIN = 60.0  # … in so many seconds; then it is said how many were suppressed
JOB = re.compile(r"\bjob '?([0-9a-f]{32})\b")


def begin_log(form: Literal["text", "json"]) -> None:
    """Set up the log of this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(PLAIN))
    handler.addFilter(FewOfAKind())
    logging.basicConfig(handlers=[handler], force=True)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message; job and error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        message = record.getMessage()
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if found := JOB.search(message):
            told["job"] = found[1]
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


@dataclass
class _Kind:
    began: float
    count: int = 0


class FewOfAKind(logging.Filter):
    """Passes the first lines from each place in the code, and then one that says how many were suppressed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, str, int], _Kind] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        now = self._clock()
        with self._lock:
            kind = self._kinds.setdefault((record.name, record.pathname, record.lineno), _Kind(now))
            left_out = 0
            if now - kind.began >= WITHIN:
                left_out = max(0, kind.count - MOST)
                kind.began, kind.count = now, 0
            kind.count += 1
            passes = kind.count <= MOST
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like this were suppressed)", ()
        return passes
