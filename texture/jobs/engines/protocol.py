"""The protocol of an engine, which runs the jobs: on a thread of this process or, in tests, on the caller's."""

from __future__ import annotations

from typing import Protocol

from texture.jobs.domain.events import Listener
from texture.jobs.store import Store
from texture.settings import Settings


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


def open_engine(settings: Settings, store: Store, listener: Listener) -> Engine:
    """The engine of a served process: one native thread, which imports torch when it is needed."""
    from texture.jobs.engines.embedded import Embedded

    return Embedded(settings, store, listener)
