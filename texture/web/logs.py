"""The log, on stderr: text or JSON lines, rate-limited for each place in the code.

What would print by itself is led here too: threads, finalizers, warnings, Engine.IO and eventlet's hub.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from contextlib import nullcontext
from copy import copy
from datetime import UTC, datetime
from typing import Literal, TextIO

PLAIN = "%(levelname)s %(name)s: %(message)s"
MOST = 10  # lines from one place in the code …
WITHIN = 60.0  # … in so many seconds; then it is said how many were suppressed
JOB = re.compile(r"\bjob '?([0-9a-f]{32})\b")
Kind = tuple[str, str, int, tuple[str, int] | None]

log = logging.getLogger(__name__)


def begin_log(form: Literal["text", "json"]) -> None:
    """Set up the log of this process."""
    handler = FewOfAKind()
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(PLAIN))
    logging.basicConfig(handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in ("engineio.server", "socketio.server"):
        logging.getLogger(name).setLevel(logging.ERROR)  # those without a level get a handler of their own
    threading.excepthook = _tell_of_thread
    sys.unraisablehook = lambda failed: _tell(failed.object, failed)


def _tell_of_thread(failed: threading.ExceptHookArgs) -> None:
    """But for Engine.IO's thread that sends: a client that has gone is no error of ours."""
    sends = failed.thread is not None and failed.thread.name.endswith("(writer)")
    if not (sends and isinstance(failed.exc_value, OSError)):
        _tell(failed.thread, failed)


def _tell(where: object, failed: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
    log.error("unhandled error in %r", where, exc_info=failed.exc_value)


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


class FewOfAKind(logging.StreamHandler[TextIO]):
    """Writes the first lines of each kind; once a minute, and at the end, it says how many more there were."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._seen: dict[Kind, tuple[int, logging.LogRecord]] = {}
        self._over = threading.Event()
        threading.Thread(target=self._tell_now_and_then, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, unless there have been enough of its kind."""
        kind = _kind(record)
        before, _ = self._seen.get(kind, (0, None))
        self._seen[kind] = before + 1, record
        if before < MOST:
            super().emit(record)

    def tell(self) -> None:
        """Say how many lines were suppressed, and begin anew."""
        with self.lock or nullcontext():
            seen, self._seen = self._seen, {}
            for count, last in seen.values():
                if count > MOST:
                    super().emit(_with_words(last, f"({count - MOST} more like this were suppressed)"))

    def close(self) -> None:
        """The log ends."""
        self._over.set()
        self.tell()
        super().close()

    def _tell_now_and_then(self) -> None:
        while not self._over.wait(WITHIN):
            self.tell()


def _kind(record: logging.LogRecord) -> Kind:
    """Where a line was written, and where the error arose that it tells of."""
    traceback = record.exc_info[2] if record.exc_info else None
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    origin = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno) if traceback else None
    return record.name, record.pathname, record.lineno, origin


def _with_words(record: logging.LogRecord, more: str) -> logging.LogRecord:
    """The same line with more at its end, and without its traceback."""
    changed = copy(record)
    changed.msg, changed.args = f"{record.getMessage()} {more}", ()
    changed.exc_info = changed.exc_text = None
    return changed
