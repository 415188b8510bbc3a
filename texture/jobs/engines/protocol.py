"""The protocol of an engine, which runs the jobs: on a thread of this process, on other machines or, in tests, on the
caller's own thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from texture.errors import SetupProblem
from texture.jobs.domain.events import ComparisonChanged, Listener
from texture.jobs.engines.worker_state import WorkerState
from texture.jobs.store import Store
from texture.runs.machine import Known
from texture.settings import Settings

REQUIRED = "TEXTURE_BROKER needs TEXTURE_DATABASE and TEXTURE_BLOBS too: other machines cannot reach this one's folder"


class Engine(Protocol):
    """Runs the jobs of a store. Every method may be called from any thread."""

    def start(self) -> None:
        """Run what is queued, and what an earlier process left running.

        Raises:
            SetupProblem: another process is running the jobs of this folder.
        """

    def stop(self) -> None:
        """Checkpoint and release all jobs, to be continued at the next start; returns within 5 seconds."""

    def wake(self) -> None:
        """Look at the rows again: one of them has changed. Returns at once."""

    def prepare(self) -> bool:
        """Somebody may be about to start a job: load torch, and measure the machine for forecasts unless that is done.

        Returns at once: whether that is being done. It is not while jobs run.
        """

    def trouble(self) -> str | None:
        """Why no job gets on, in a few words; None where nothing is in the way. Returns at once."""

    def workers(self) -> Sequence[WorkerState]:
        """Who computes: the workers that are alive."""

    def tell(self, changed: ComparisonChanged) -> None:
        """Tell the viewers of other servers, if there are any. Returns at once."""

    def machines(self) -> Sequence[Known]:
        """What is known of the speed of their machines, one of each kind."""


def open_engine(settings: Settings, store: Store, listener: Listener) -> Engine:
    """The engine of a served process: where there is a broker, one that has workers elsewhere run the jobs; else one
    native thread, which imports torch when it is needed.

    Raises:
        SetupProblem: a package is missing, or another setting that a broker requires.
    """
    if settings.broker is not None:
        if settings.database is None or settings.blobs is None:
            raise SetupProblem(REQUIRED)
        from texture.jobs.engines.distributed.engine import Distributed

        return Distributed(settings, store, listener)
    from texture.jobs.engines.embedded import Embedded

    return Embedded(settings, store, listener)
