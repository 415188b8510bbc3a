"""Periodic clean-up: not within an hour of a clock jump, sooner if the disk is full."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from texture.jobs.domain.throttle import Throttle
from texture.jobs.store import Store
from texture.jobs.store.usage import Amount

KEPT_IN_TRASH = timedelta(days=1)
KEPT_IN_TRASH_WHEN_FULL = timedelta(minutes=1)  # as long as Undo is offered
KEPT_UNUSED = timedelta(days=30)  # how long a picture that no job uses is kept: the page may still show it in a slot
KEPT_LOST = timedelta(days=30)
EVERY, EVERY_WHEN_FULL = 600.0, 10.0  # seconds


class Due(NamedTuple):
    """What a clean-up would take: expired goes to the trash, the others are removed."""

    expired: Amount
    trash: Amount
    pictures: Amount
    lost: Amount


def due(store: Store) -> Due:
    """What a clean-up would take at this moment."""
    return Due(
        store.retention.expired(),
        store.trash.old(KEPT_IN_TRASH),
        store.pictures.unused(KEPT_UNUSED),
        store.lost.old(KEPT_LOST),
    )


class Tidying:
    """Cleans up a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._usual, self._urgent = Throttle(EVERY), Throttle(EVERY_WHEN_FULL)

    @property
    def pause(self) -> float:
        """Seconds until the next clean-up."""
        return EVERY_WHEN_FULL if self._store.reserve.short else EVERY

    def tidy(self, full: bool) -> None:
        """Clean up if it is due. full: a job has no disk space left, so the trash must be emptied at once."""
        if self._usual.due:
            with self._usual.taken():
                self._store.reserve.fill()
                if self._store.calendar.is_steady():
                    self._remove_old()
        if (full or self._store.reserve.short) and self._urgent.due:
            with self._urgent.taken():
                self._store.trash.purge(KEPT_IN_TRASH_WHEN_FULL)
                self._store.reserve.fill()

    def _remove_old(self) -> None:
        self._store.retention.expire()
        self._store.trash.purge(KEPT_IN_TRASH)
        self._store.pictures.purge(KEPT_UNUSED)
        self._store.lost.purge(KEPT_LOST)
