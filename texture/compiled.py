"""Loops compiled by numba, and the threads that they are spread over (docs/decisions/0013-numba.md)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

# mypy: disable-error-code="no-untyped-def,no-untyped-call"


def compiled(**options):
    """A decorator for loops that run without Python's lock. Imports numba.

    The compiled code is kept, beside the loop's file or in the user's own cache; where neither can be written it is
    not, and each process compiles for some seconds.
    """
    from numba import njit

    def decorate(loop):
        try:
            return njit(cache=True, nogil=True, error_model="numpy", **options)(loop)
        except RuntimeError:  # no folder that can be written
            return njit(nogil=True, error_model="numpy", **options)(loop)

    return decorate


def spread(loop: Callable[..., object], length: int, piece: int, *given: Any) -> None:
    """Call loop(first, end, *given) for pieces of 0..length on as many threads as PyTorch uses, and wait for them.

    Numba's own threads are not used: they may not be entered from two threads at once.
    """
    import torch

    threads = torch.get_num_threads()
    if threads == 1 or length <= piece:
        loop(0, length, *given)
        return
    for _ in _pool(threads).map(lambda first: loop(first, min(first + piece, length), *given), range(0, length, piece)):
        pass


@lru_cache(1)
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="compiled")
