"""What the worker learns of how fast the machine is, for forecasts: by a calibration, and by the runs that end."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from texture.runs.machine import Machine
from texture.settings import Settings

if TYPE_CHECKING:
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)


class Speed:
    """The machine's, as one device. idle: whether no job runs, as the worker says; else nothing is measured."""

    def __init__(self, settings: Settings) -> None:
        self.idle = True
        self._device = settings.device
        self._machine = Machine(settings.cache, settings.device)
        self._wanted, self._prepared = threading.Event(), False

    def want(self) -> bool:
        """Have `prepare` do its work; whether it is about to, or at it. From any thread."""
        if not self._prepared:
            self._wanted.set()
        return self.idle and self._wanted.is_set()

    def prepare(self) -> None:
        """If it is wanted, and no job runs, load torch and calibrate the machine where that has not been done."""
        if self.idle and self._wanted.is_set():
            from texture.runs.calibration import calibrated  # imports torch

            calibrated(self._machine, self._device)
            self._prepared = True
            self._wanted.clear()

    def learn(self, run: Run) -> None:
        """Keep what a run took that has just ended."""
        made, told = run.prepared, run.standing()
        try:
            self._machine.learn(made.method, made.params, made.outline, told.seconds, told.memory)
        except Exception:  # a forecast is a help; the job is done all the same
            log.warning("what job %s took could not be kept", run.id, exc_info=True)
