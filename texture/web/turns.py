"""Limits on expensive calls: few at once of each kind, and one of each session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakValueDictionary

Lane = Literal["uploads", "pictures", "sheets"]
# 25 megapixels are 75 MB each, and a few times that while decoding. What strangers bring holds up nobody who looks at
# pictures, and neither do sheets.
LANES: dict[Lane, int] = {"uploads": 2, "pictures": 2, "sheets": 1}


class Gone(Exception):
    """The client has disconnected; nothing is done."""


@dataclass(frozen=True)
class Turn:
    """What is to be waited for: a place in `lane`, for the person `whose`; `gone` tells whether they have hung up."""

    lane: Lane
    whose: str
    gone: Callable[[], bool] = lambda: False


class Turns:
    """semaphore: of the kind that the server waits by."""

    def __init__(self, semaphore: Callable[[int], Any]) -> None:
        self._semaphore = semaphore
        self._lanes = {lane: semaphore(places) for lane, places in LANES.items()}
        self._persons: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, turn: Turn) -> Iterator[None]:
        """Wait for it. Raises Gone."""
        with self._lock:
            own = self._persons.setdefault((turn.lane, turn.whose), self._semaphore(1))
        with own, self._lanes[turn.lane]:
            if turn.gone():
                raise Gone
            yield
