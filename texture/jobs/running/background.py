"""Work beside the worker's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import ParamSpec

P = ParamSpec("P")


class Background:
    """One piece of work at a time, which must not raise. Used on the worker's thread."""

    def __init__(self, executor: Executor | None) -> None:
        """executor: where the work is done; None: on this thread, at once."""
        self._executor = executor
        self._under_way: Future[None] | None = None

    @property
    def is_free(self) -> bool:
        """Whether the work before has been done."""
        return self._under_way is None or self._under_way.done()

    def do(self, work: Callable[P, None], *args: P.args, **more: P.kwargs) -> None:
        """Do some work, without waiting for it."""
        if self._executor is None:
            work(*args, **more)
        else:
            with suppress(RuntimeError):  # the process ends
                self._under_way = self._executor.submit(work, *args, **more)

    def wait(self) -> None:
        """Until the work has been done."""
        if self._under_way is not None:
            self._under_way.result()
