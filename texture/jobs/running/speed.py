"""What the worker learns of how fast the machine is, for forecasts: by a calibration, and by the runs that end."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from texture.runs.forecast import Example
from texture.runs.machine import Machine
from texture.settings import Settings

if TYPE_CHECKING:
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)


class Speed:
    """The machine's, as one device."""

    def __init__(self, settings: Settings) -> None:
        self._device = settings.device
        self._machine = Machine(settings.cache, settings.device)
        self._wanted, self._prepared = threading.Event(), False

    def want(self) -> bool:
        """Have `prepare` do its work at the next occasion; False where it has. From any thread."""
        if not self._prepared:
            self._wanted.set()
        return self._wanted.is_set()

    def prepare(self) -> None:
        """If it is wanted, load torch, and calibrate the machine where that has not been done."""
        if not self._wanted.is_set():
            return
        self._prepared = True
        self._wanted.clear()
        try:
            from texture.device import choose  # imports torch, as the next does
            from texture.runs.calibration import calibrate

            device = choose(self._device)
            if not self._machine.known().calibration:
                self._machine.set_calibration(calibrate(device))
        except Exception:  # a forecast is a help; jobs run without it
            log.warning("this machine could not be measured for forecasts", exc_info=True)

    def learn(self, run: Run) -> None:
        """Keep what a run that has just ended took, where its parameters decided how long it was."""
        method, params, outline = run.prepared.method, run.prepared.params, run.prepared.outline
        if method.listed and not method.brief and outline.seconds is None:
            told = run.standing()
            self._machine.add_run(Example.of(method, params, outline, told.seconds, told.memory))
