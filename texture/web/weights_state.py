"""The networks' weights on the server: downloaded in the background, with their state reported to terminal and page."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from texture.errors import TextureError
from texture.features import weights
from texture.jobs.engines.worker_state import WorkerState
from texture.settings import Settings
from texture.web.items import WeightsChanged

LOOK_AGAIN = 2.0  # seconds between two checks for weights that somebody may install by hand
TELL = 0.25  # seconds between two reports of progress

State = Literal["ready", "fetching", "missing", "damaged"]
BEST: tuple[State, ...] = get_args(State)
NOBODY = "no worker is running"
ELSEWHERE: dict[State, str] = {
    "ready": "the workers have the weights",
    "fetching": "the workers are fetching the weights",
    "missing": "no worker has the weights: type `python -m texture weights` on their machines",
    "damaged": "the workers’ weights are damaged: type `python -m texture weights` on their machines",
}

log = logging.getLogger(__name__)


class WeightsState(BaseModel):
    """The state of a network's weights on this machine."""

    model_config = ConfigDict(frozen=True)

    state: State
    message: str = Field(description="one sentence for the user: what to do when they are missing")
    fraction: float | None = Field(None, description="0..1 while they are being downloaded and the size is known")


class Weights:
    """Downloads, checks and reports on one background thread; asking for the state never waits for it."""

    def __init__(
        self,
        settings: Settings,
        tell: Callable[[WeightsChanged], None],
        ready: Callable[[], None],
        workers: Callable[[], Sequence[WorkerState]] | None = None,
    ) -> None:
        """`tell` hears every change; `ready` is called when they have come, so that waiting jobs start.

        workers: those that compute elsewhere, each with weights of its own; None where it is done here.
        """
        self._settings, self._workers = settings, workers
        self._tell = tell
        self._ready = ready
        self._again = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._told: WeightsState | None = None
        self._next_tell = 0.0
        self._terminal = Terminal()

    def start(self) -> None:
        """Begin to look, and to fetch what is not there; or do it again at once."""
        self._again.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="weights", daemon=True)
                self._thread.start()

    def state(self) -> WeightsState:
        """The state now; cheap. Of workers elsewhere the best, as a job goes to one that can run it."""
        if self._workers is not None:
            return _best([worker.weights for worker in self._workers()])
        found = weights.status(self._settings)
        return WeightsState(state=found.state, message=found.message, fraction=found.fraction)

    def fetch_again(self) -> WeightsState:
        """Retry in the background; does nothing while a download is under way or when they are there."""
        self.start()
        return self.state()

    def _run(self) -> None:
        """Look whether they are there, brought by whomever; fetch them when asked to, and when they no longer are."""
        before = False
        while True:
            asked, found = self._again.wait(LOOK_AGAIN), self._are_ready
            if self._workers is None and not found and (asked or before):
                self._fetch()
            self._again.clear()
            self._publish()
            ready = self._are_ready
            if ready and not (before and found):
                self._ready()
            before = ready

    @property
    def _are_ready(self) -> bool:
        return self.state().state == "ready"

    def _fetch(self) -> None:
        try:
            weights.ensure(self._settings, self._progress)
            self._terminal.show("the VGG-19 weights are there")
        except TextureError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("the VGG-19 weights could not be fetched")
        finally:
            self._terminal.end()

    def _progress(self, progress: weights.Progress) -> None:
        if time.monotonic() >= self._next_tell:
            self._next_tell = time.monotonic() + TELL
            self._publish()
            self._terminal.show(progress.message, progress.fraction)

    def _publish(self) -> None:
        if (state := self.state()) != self._told:
            self._told = state
            self._tell(WeightsChanged(state.model_dump(mode="json")))


def _best(states: Sequence[State]) -> WeightsState:
    state: State = min(states, key=BEST.index) if states else "missing"
    return WeightsState(state=state, message=ELSEWHERE[state] if states else NOBODY)


class Terminal:
    """Progress on stderr: a line that rewrites itself on a terminal; elsewhere one line for each new message."""

    def __init__(self) -> None:
        self._message = ""

    def show(self, message: str, fraction: float | None = None) -> None:
        """Show the progress."""
        if sys.stderr.isatty():
            share = "" if fraction is None else f" {fraction:4.0%}"
            sys.stderr.write(f"\r\x1b[K{message}{share}")
        elif message != self._message:
            sys.stderr.write(f"{message}\n")
        self._message = message
        sys.stderr.flush()

    def end(self) -> None:
        """End the line, if one was begun."""
        if self._message and sys.stderr.isatty():
            sys.stderr.write("\n")
        self._message = ""
