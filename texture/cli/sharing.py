"""Several runs sharing one device in this process: the jobs' own worker, with a bar for each run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from sqlalchemy.exc import DatabaseError

from texture.cli.progress_bar import WorkBar, short
from texture.jobs.domain.events import Changed, Event, Stepped
from texture.jobs.domain.faults import NO_ROOM, is_disk_full
from texture.jobs.domain.job import ENDED, Comparison, Job, State
from texture.jobs.running.worker import Worker
from texture.jobs.store import Store
from texture.settings import Settings

NAMED = 28  # terminal columns for the name of a run
FULL = (
    "the disk for temporary files is full, so the runs were stopped: free some of it, or set TMPDIR to another folder"
)
TOLD = ("patch", "seam")  # metrics that stand behind a bar, the first that there is


class RunBar(WorkBar):
    """One bar of several: the elapsed time is the same for all, so each shows only its own."""

    SHAPE = "{desc}{percentage:3.0f}%|{bar:12}| {steps}{postfix}"
    LINE = SHAPE.replace("|{bar:12}|", "")


class Board:
    """A `Listener`: how far each run is, as the worker last told, and a bar for each where there is a terminal.

    full: a run has found no room on the disk.
    """

    def __init__(self, comparison: Comparison, bars: Mapping[str, RunBar]) -> None:
        self.states: dict[str, State] = {job.id: job.state for job in comparison.jobs}
        self.seconds: dict[str, float] = {job.id: job.seconds for job in comparison.jobs}
        self.full = False
        self._bars = bars

    @property
    def unfinished(self) -> list[str]:
        """The runs that have not ended."""
        return [job for job, state in self.states.items() if state not in ENDED]

    def publish(self, event: Event) -> None:
        """Update the bars."""
        match event:
            case Changed(job, _, row):
                self.states[job], self.seconds[job] = row.state, row.seconds
                self.full = self.full or row.message == NO_ROOM
                self._show(row)
            case Stepped(job):
                self.seconds[job] = event.seconds
                self._show(event)

    def wants_frame(self, job: str) -> bool:
        """Never: there are no pictures in a terminal."""
        return False

    def watched(self) -> Collection[str]:
        """All of them, if only their numbers."""
        return self.states

    def _show(self, told: Job | Stepped) -> None:
        bar = self._bars[told.id if isinstance(told, Job) else told.job]
        bar.show(told.done, told.number, told.total)
        found = next((name for name in TOLD if name in told.metrics), None)
        figures = f", {found} {short(told.metrics)[found]}" if found else ""
        bar.set_postfix_str(f"{told.seconds:.1f} s{figures}", refresh=sys.stderr.isatty())


@contextmanager
def board(comparison: Comparison) -> Iterator[Board]:
    """A board whose bars stay as they were last."""
    with ExitStack() as stack:
        bars = {}
        for position, job in reversed(list(enumerate(comparison.jobs))):  # closed in order, so they stay in order
            name = comparison.labels[job.id][:NAMED].ljust(NAMED)
            bars[job.id] = stack.enter_context(RunBar(f"{name} ", position=position))
        yield Board(comparison, bars)


def share(
    settings: Settings,
    store: Store,
    comparison: Comparison,
    limits: Mapping[str, float],
    stopped: Callable[[], bool],
) -> list[str]:
    """Run a comparison to its end, or until `stopped`. Its rows and files then say what has come of it.

    limits: seconds of device time, by run, after which a run is stopped as it is. Returns what else has stopped them.
    """
    with board(comparison) as told:
        worker = Worker(settings, store, told)
        with _noting_a_full_disk(told):
            _work(store, worker, told, limits, stopped)
        if told.full:
            store.reserve.give_up()
            store.reserve.short = False  # nothing comes after these runs: the room is for their last pictures
        with _noting_a_full_disk(told):
            _stop(store, worker, told.unfinished)
            worker.put_all_down()
    return [FULL] if told.full else []


@contextmanager
def _noting_a_full_disk(told: Board) -> Iterator[None]:
    """Note that the database has found no room, instead of raising it."""
    try:
        yield
    except DatabaseError as error:
        if not is_disk_full(error):
            raise
        told.full = True


def _work(store: Store, worker: Worker, told: Board, limits: Mapping[str, float], stopped: Callable[[], bool]) -> None:
    worker.begin()
    while told.unfinished and not (told.full or stopped()):
        pause = worker.round()
        _stop(store, worker, [job for job in told.unfinished if told.seconds[job] >= limits.get(job, float("inf"))])
        if pause:
            time.sleep(min(pause, 0.1))


def _stop(store: Store, worker: Worker, jobs: list[str]) -> None:
    """Stop runs where they are: their pictures are kept."""
    for job in jobs:
        if store.jobs.get(job).state not in ENDED:
            store.jobs.cancel(job)
            worker.woken.set()
