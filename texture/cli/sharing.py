"""Several runs sharing one device in this process: the jobs' own worker, with a bar for each run."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from texture.cli.progress_bar import WorkBar, short
from texture.errors import TextureError
from texture.jobs.domain.events import Changed, Event, Stepped
from texture.jobs.domain.faults import NO_ROOM, is_disk_full
from texture.jobs.domain.job import ENDED, Comparison, Job, State
from texture.jobs.running.worker import Worker
from texture.jobs.store import Store
from texture.settings import Settings

NEVER = float("inf")
ROUND = 0.1  # seconds; no wait is longer
NAMED = 28  # terminal columns for the name of a run
TOLD = ("patch", "seam")  # metrics that stand behind a bar, the first that there is


class RunBar(WorkBar):
    """One bar of several: the elapsed time is the same for all, so each shows only its own."""

    SHAPE = "{desc}{percentage:3.0f}%|{bar:12}| {steps}{postfix}"
    LINE = SHAPE.replace("|{bar:12}|", "")


class Board:
    """A `Listener`: how far each run is, as the worker last told, and a bar for each where there is a terminal."""

    def __init__(self, comparison: Comparison, bars: Mapping[str, RunBar], place: Path) -> None:
        """place: of the temporary files."""
        self.states: dict[str, State] = {job.id: job.state for job in comparison.jobs}
        self.seconds: dict[str, float] = {job.id: job.seconds for job in comparison.jobs}
        self._bars, self._place, self._full = bars, place, False

    @property
    def unfinished(self) -> list[str]:
        """The runs that have not ended."""
        return [job for job, state in self.states.items() if state not in ENDED]

    def publish(self, event: Event) -> None:
        """Update the bars."""
        match event:
            case Changed(job, _, row):
                self.states[job], self.seconds[job] = row.state, row.seconds
                self._show(row)
                if row.message == NO_ROOM:
                    self.tell_of_full_disk()
            case Stepped(job):
                self.seconds[job] = event.seconds
                self._show(event)

    def wants_frame(self, job: str) -> bool:
        """Never: there are no pictures in a terminal."""
        return False

    def tell_of_full_disk(self) -> None:
        """Once."""
        if not self._full:
            words = f"{self._place} is full: free some space there, and the runs go on; Ctrl-C ends them"
            RunBar.write(words, file=sys.stderr)
        self._full = True

    def _show(self, told: Job | Stepped) -> None:
        bar = self._bars[told.id if isinstance(told, Job) else told.job]
        bar.show(told.done, told.number, told.total)
        found = next((name for name in TOLD if name in told.metrics), None)
        figures = f", {found} {short(told.metrics)[found]}" if found else ""
        bar.set_postfix_str(f"{told.seconds:.1f} s{figures}", refresh=sys.stderr.isatty())


@contextmanager
def board(comparison: Comparison, place: Path) -> Iterator[Board]:
    """A board whose bars stay as they were last."""
    with _logged(), ExitStack() as stack:
        bars = {}
        for position, job in reversed(list(enumerate(comparison.jobs))):  # closed in order, so they stay in order
            name = comparison.labels[job.id][:NAMED].ljust(NAMED)
            bars[job.id] = stack.enter_context(RunBar(f"{name} ", position=position))
        yield Board(comparison, bars, place)


@contextmanager
def _logged() -> Iterator[None]:
    """What the worker logs goes to stderr, but for what is told otherwise."""
    log, handler = logging.getLogger("texture.jobs"), logging.StreamHandler()
    handler.addFilter(_is_news)
    log.addHandler(handler)
    before, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = before


def _is_news(record: logging.LogRecord) -> bool:
    """Not of errors that a run's row has in words, nor of a full disk, which the board tells."""
    error = record.exc_info[1] if record.exc_info else None
    told = isinstance(error, TextureError | OSError) or is_disk_full(error)
    return record.levelno >= logging.WARNING and not told and NO_ROOM not in (record.args or ())


def share(
    settings: Settings,
    store: Store,
    comparison: Comparison,
    limits: Mapping[str, float],
    stopped: Callable[[], bool],
) -> None:
    """Run a comparison to its end, or until `stopped`. Its rows and files then say what has come of it.

    limits: seconds of device time, by run, after which a run is stopped as it is.
    """
    with board(comparison, store.files.database.parent.parent) as told:
        worker = Worker(settings, store, told)
        worker.begin()
        full: SQLAlchemyError | None = None
        while told.unfinished and not stopped():
            try:
                if full:
                    worker.recover(full)
                full, pause = None, worker.round()
                _stop(store, worker, [job for job in told.unfinished if told.seconds[job] >= limits.get(job, NEVER)])
            except SQLAlchemyError as error:
                if not is_disk_full(error):
                    raise
                told.tell_of_full_disk()
                full, pause = error, ROUND
            if pause:
                time.sleep(min(pause, ROUND))
        _stop(store, worker, told.unfinished)
        worker.put_all_down()


def _stop(store: Store, worker: Worker, jobs: list[str]) -> None:
    """Stop runs where they are: their pictures are kept."""
    for job in jobs:
        if store.jobs.get(job).state not in ENDED:
            store.jobs.cancel(job)
            worker.woken.set()
