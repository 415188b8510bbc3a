"""Choosing the device to compute on: an accelerator if there is one, or the CPU."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from texture.errors import SetupProblem

if TYPE_CHECKING:
    import torch

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
KEPT = 2**30  # bytes, from which on what is freed goes back to the system in spite of `keep_freed_memory`
_keeping = threading.Event()


def choose(name: str = "auto") -> torch.device:
    """The device of that name; `auto` takes CUDA, then MPS, then the CPU.

    Raises:
        SetupProblem: this machine, or this build of PyTorch, has no such device.
    """
    import torch

    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available.get(name):
        there = ", ".join(device for device, there in available.items() if there)
        raise SetupProblem(f"device {name!r}: not on this machine; there is {there}, or auto")
    if name == "cuda":
        torch.backends.cudnn.deterministic = True  # the same seed gives the same picture
        torch.backends.cudnn.allow_tf32 = False  # where float32 is asked for, ten bits of it are not enough
    return torch.device(name)


def wait_for(device: torch.device) -> None:
    """Wait until the device has done all queued work; a CPU always has."""
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def keep_freed_memory() -> None:
    """Have glibc keep what is freed for the next step, instead of giving it back to the kernel page by page.

    A step frees and takes the same hundreds of megabytes again; from 512 pixels on that saves a fifth of its time. For
    threads that begin after the call; without effect where the C library is another one.
    """
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        for option, value in ((M_ARENA_MAX, 1), (M_MMAP_THRESHOLD, KEPT), (M_TRIM_THRESHOLD, 2**31 - 1)):
            mallopt(option, value)
        _keeping.set()


@contextmanager
def returned_once_freed() -> Iterator[None]:
    """Have glibc take what is allocated inside from the system, and give it back once it is freed: from 4 MiB on.

    For what is large and long held, in spite of `keep_freed_memory`; without that glibc does so anyway. What has room
    among what was freed before still goes there.
    """
    mallopt = _glibc("mallopt") if _keeping.is_set() else None
    if mallopt is None:
        yield
        return
    mallopt(M_MMAP_THRESHOLD, 2**22)
    try:
        yield
    finally:
        mallopt(M_MMAP_THRESHOLD, KEPT)


def return_freed_memory() -> None:
    """Give back to the system what `keep_freed_memory` kept: nothing large is to come soon."""
    malloc_trim = _glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _glibc(function: str) -> Callable[..., int] | None:
    """A function of the C library that this process runs on, where it is one that has it."""
    return getattr(ctypes.CDLL(None), function, None) if sys.platform == "linux" else None
