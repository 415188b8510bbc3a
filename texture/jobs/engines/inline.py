"""The engine for tests: `wake()` does the work on the caller's thread and returns when none is left."""

from __future__ import annotations

from texture.jobs.domain.events import ComparisonChanged, Listener
from texture.jobs.running.worker import Worker
from texture.jobs.store import Store
from texture.settings import Settings


class Inline:
    """An `Engine` without a thread. `rounds` bounds the work of one `wake()`: None until nothing is left to do."""

    def __init__(self, settings: Settings, store: Store, listener: Listener, rounds: int | None = None) -> None:
        self._worker = Worker(settings, store, listener)
        self._rounds = rounds

    def start(self) -> None:
        """Pick up what an earlier one left running, and do all the work there is."""
        self._worker.begin()
        self.wake()

    def wake(self) -> None:
        """Do the work there is."""
        self._worker.woken.set()
        done = 0
        while self._worker.round() == 0 and (self._rounds is None or done < self._rounds):
            done += 1

    def prepare(self) -> bool:
        """Get ready now; nothing is left to do after that."""
        if self._worker.speed.want():
            self.wake()
        return False

    def trouble(self) -> None:
        """Nothing: what is in the way is raised."""

    def workers(self) -> tuple[()]:
        """None but the caller."""
        return ()

    def tell(self, changed: ComparisonChanged) -> None:
        """There is no other server."""

    def machines(self) -> tuple[()]:
        """Nothing is known of the caller's."""
        return ()

    def stop(self) -> None:
        """Release the claimed jobs."""
        self._worker.put_all_down()
