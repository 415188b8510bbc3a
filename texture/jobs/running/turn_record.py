"""Which job crashed the process, determined from files that survive it.

Before the worker does something for a job it writes the job's id into a small file, and takes it out afterwards. A
death counts against a job only where its id still stands there, and the process died by itself: of a fatal signal (then
Python's faulthandler has written to a second file), or because the kernel was out of memory (then its count of such
kills has grown). A kill from outside, a restart or a power cut leaves neither, whatever was running.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

VMSTAT = Path("/proc/vmstat")  # Linux; elsewhere nobody tells of kills for memory
NOBODY = ""
WIDTH = 64  # bytes of the record; it is overwritten in place, which needs no room on the disk


class TurnRecord:
    """The record of one data folder. Use `turn` from the worker's thread only."""

    def __init__(self, turn: Path, signals: Path) -> None:
        """turn: the file that names the job; signals: the file to which a fatal signal is written."""
        self._turn, self._signals = turn, signals
        self._kills = 0
        self._file: int | None = None  # its descriptor
        self._crash: IO[bytes] | None = None

    def culprit(self) -> str | None:
        """The job that crashed the previous process; None if no job did."""
        kills, job = self._read()
        signal = self._signals.read_text(errors="replace") if self._signals.exists() else ""
        if signal:
            log.error("the process before this one crashed:\n%s", signal)
        out_of_memory = _memory_kills() > kills
        return job if job and (signal or out_of_memory) else None

    def open(self) -> None:
        """Start a new record: this process is alive and works for no job yet."""
        self._kills = _memory_kills()
        with suppress(OSError):  # a full disk: then no job is blamed
            self._signals.unlink(missing_ok=True)
            self._turn.write_bytes(self._record(NOBODY))
            self._file = os.open(self._turn, os.O_WRONLY)

    def watch_signals(self) -> None:
        """From now on a fatal signal leaves a trace in the folder. For a process that has one worker."""
        with suppress(OSError):
            self._crash = self._signals.open("wb")
            faulthandler.enable(self._crash)

    def close(self) -> None:
        """The worker has ended normally."""
        if self._crash is not None:
            faulthandler.enable(sys.__stderr__) if sys.__stderr__ else faulthandler.disable()
            self._crash.close()
            self._crash = None
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextmanager
    def turn(self, job: str) -> Iterator[None]:
        """Attribute what happens inside to this job."""
        self._write(job)
        try:
            yield
        finally:
            self._write(NOBODY)

    def _write(self, job: str) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.lseek(self._file, 0, os.SEEK_SET)
                os.write(self._file, self._record(job))

    def _record(self, job: str) -> bytes:
        return f"{self._kills} {job} ".encode().ljust(WIDTH)

    def _read(self) -> tuple[int, str]:
        """The kernel's count when that process began, and the job for which it was at work."""
        try:
            kills, job = self._turn.read_text().split(" ")[:2]
            return int(kills), job
        except (OSError, ValueError):  # the first start, or torn
            return sys.maxsize, NOBODY


def _memory_kills() -> int:
    """How many processes this machine has killed since it was started because it, or a container, had no memory."""
    try:
        found = re.search(r"^oom_kill (\d+)$", VMSTAT.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0
