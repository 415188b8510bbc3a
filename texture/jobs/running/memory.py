"""The peak memory of a job: what it holds between its turns, plus what it takes during one.

On CUDA the allocator keeps the peak itself. On the processor glibc is asked what it has given out, at the beginning and
the end of a turn, and by a thread a hundred times a second in between: over many steps the largest that it has seen is
near the peak. (What the system says of the process would not do: freed memory stays with the process, for whichever
job is next.) What other threads take during a turn, to decode an upload for one, is counted in; networks that jobs
share are counted for the one that loaded them. Elsewhere (macOS, Windows, MPS) nobody can tell, and `peak` stays None.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch

OFTEN = 0.01  # seconds between two samples
COST = 0.01  # the largest share of time spent sampling, which takes longer the more fragmented the heap is
SMALL = 2**18  # bytes; by less, what a turn leaves differs by chance, which over a million turns would add up
FIRST = 5  # turns that are counted whatever it costs: what a job holds comes with them
IDLE = 5.0  # seconds without a turn after which the thread ends


class Gauge(Protocol):
    """Tracks the bytes in use from `begin` to `end`."""

    def begin(self) -> int:
        """In use now."""
        ...

    def end(self) -> tuple[int, int]:
        """In use now, and the peak since `begin`."""
        ...


class Memory:
    """The memory of one job. `peak` in bytes, None while nothing has been measured."""

    def __init__(self, device: torch.device, peak: int | None = None) -> None:
        self.peak = peak
        self._gauge = _gauge(device.type)
        self._held, self._next, self._turns = 0, 0.0, 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Count what is allocated inside as this job's."""
        self._turns += 1
        if self._gauge is None or (self._turns > FIRST and time.monotonic() < self._next):
            yield
            return
        before = self._gauge.begin()
        try:
            yield
        finally:
            began = time.thread_time()
            now, most = self._gauge.end()
            self._next = time.monotonic() + (time.thread_time() - began) / COST
            self.peak = max(self.peak or 0, self._held + most - before)
            if abs(now - before) > SMALL:
                self._held = max(0, self._held + now - before)


class _Cuda:
    """CUDA's own counters."""

    def begin(self) -> int:
        import torch

        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()

    def end(self) -> tuple[int, int]:
        import torch

        return torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated()


class _Heap:
    """glibc's counters, sampled by a thread."""

    def __init__(self, in_use: Callable[[], int]) -> None:
        self._in_use = in_use
        self._looks: list[int] = []  # of this turn: each has its own list, so that no late look counts for the next
        self._turn_ended = 0.0
        self._thread = threading.Thread()

    def begin(self) -> int:
        now = self._in_use()
        self._looks = [now]
        if not self._thread.is_alive():
            self._turn_ended = time.monotonic()
            self._thread = threading.Thread(target=self._watch, name="texture-memory", daemon=True)
            self._thread.start()
        return now

    def end(self) -> tuple[int, int]:
        now = self._in_use()
        self._turn_ended = time.monotonic()
        return now, max(now, *self._looks)

    def _watch(self) -> None:
        while time.monotonic() - self._turn_ended < IDLE:
            began = time.thread_time()  # not the clock on the wall: the machine may be busy with others
            looks = self._looks
            looks.append(self._in_use())
            time.sleep(max(OFTEN, (time.thread_time() - began) / COST))


class _MallInfo(ctypes.Structure):
    _fields_ = [  # of glibc's malloc.h
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    ]


@cache
def _gauge(device: str) -> Gauge | None:
    if device == "cuda":
        return _Cuda()
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if device != "cpu" or mallinfo is None:
        return None
    mallinfo.restype = _MallInfo

    def in_use() -> int:
        info = mallinfo()
        return int(info.uordblks + info.hblkhd)

    return _Heap(in_use)
