"""Reporting progress: numbers into the table and to listeners, pictures to viewers. Used on the worker's thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from texture.jobs.running.frames import Frames
from texture.jobs.running.iterations import IterationKeeper
from texture.jobs.running.publisher import Publisher
from texture.jobs.scheduling.queue import JobQueue
from texture.jobs.scheduling.scheduler import Scheduler

if TYPE_CHECKING:
    from texture.jobs.running.run import Run


class ProgressReporter:
    """Reports steps, throttled so that it costs little however many jobs there are."""

    def __init__(
        self,
        queue: JobQueue,
        scheduler: Scheduler,
        publisher: Publisher,
        frames: Frames,
        iterations: IterationKeeper,
    ) -> None:
        self._queue, self._scheduler, self._publisher = queue, scheduler, publisher
        self._frames, self._iterations = frames, iterations

    def after_step(self, run: Run, others: Sequence[Run]) -> bool:
        """Report numbers and a picture if they are due. False if the row says that the job should no longer run."""
        first, running = not run.shown, True
        if first or run.steps_throttle.due:
            with run.steps_throttle.taken(len(others)):
                running = self.numbers(run, others)
        if first:
            self._frames.show(run, run.keep_preview())
        else:
            self._frames.offer(run, len(others))
        self._iterations.offer(run, len(others))
        run.shown = True
        return running

    def numbers(self, run: Run, others: Sequence[Run], last: bool = False) -> bool:
        """Report its progress now. False if the row says that the job should no longer run."""
        run.progress.read(run.step)
        progress = run.standing(self._scheduler.eta(run, others))
        if not self._queue.note(run.id, progress, run.progress.take_points(run.mark, last), run.message):
            return False
        self._publisher.stepped(run.id, progress, run.mark.wall)
        self._publisher.changes()
        return True
