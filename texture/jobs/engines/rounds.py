"""The rounds of a worker, one after the other, whatever happens in one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from texture.jobs.domain.faults import NO_ROOM, is_disk_full
from texture.jobs.domain.throttle import Throttle
from texture.jobs.running.worker import Worker

log = logging.getLogger(__name__)

RECOVERY = 1.0  # seconds to wait after an error outside any job
LOG_EVERY = 60.0  # seconds between two lines that say so
STUCK = 120.0  # seconds after which a round is no longer just long: weights are loaded in one, and results are measured


class Rounds:
    """Drives a worker; used from its thread, but for `trouble`."""

    def __init__(self, worker: Worker, begin: Callable[[], None]) -> None:
        """begin: begins the worker; it is repeated until it succeeds."""
        self._worker, self._begin, self._begun = worker, begin, False
        self._stumbled: Exception | None = None
        self._logging = Throttle(LOG_EVERY)
        self._round_began: float | None = None  # None: between two rounds

    def begin(self) -> None:
        """Begin the worker. Whatever that raises."""
        self._begin()
        self._begun = True

    def stumble(self, error: Exception) -> None:
        """Note an error outside any job: the next round tries to recover."""
        self._log(error)
        self._stumbled = error

    def once(self) -> float | None:
        """One round. Returns seconds to wait; None: until woken."""
        self._round_began = time.monotonic()
        try:
            if self._stumbled is not None:
                if not self._begun:
                    self.begin()
                self._worker.recover(self._stumbled)  # until it succeeds: what was lost would never be claimed again
                self._stumbled = None
            return self._worker.round()
        except Exception as error:  # a full disk under the database, say: no job's fault, and it may pass
            self.stumble(error)
            return RECOVERY
        finally:
            self._round_began = None

    @property
    def has_stumbled(self) -> bool:
        """Whether the last round ended in an error: not even being woken is a reason to hurry."""
        return self._stumbled is not None

    def trouble(self) -> str | None:
        """Why no job gets on, in a few words; None where nothing is in the way. From any thread."""
        stumbled, began = self._stumbled, self._round_began
        if stumbled is not None:
            return NO_ROOM if is_disk_full(stumbled) else "the worker hit an error and tries again; see the server log"
        if began is not None and (seconds := time.monotonic() - began) > STUCK:
            return f"a step of a job has taken {seconds:.0f} seconds so far"
        return None

    def _log(self, error: Exception) -> None:
        """Once, and where it goes on a line now and then."""
        if self._stumbled is None and self._logging.due:
            with self._logging.taken():
                if is_disk_full(error):
                    log.error("the worker waits: %s", NO_ROOM)
                else:
                    log.error("the worker hit an error and is restarting", exc_info=error)
