"""The worker: claims jobs, gives them turns on the device, checkpoints them, and releases them when asked to.

Used from one thread, which calls `round()` repeatedly. A round obeys the rows, fills free places and computes one
step of one job. Torch is imported when the first job is claimed or foreseen, so that an idle server starts quickly.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from texture.errors import Diverged, TextureError, is_out_of_memory
from texture.jobs.domain.events import Listener
from texture.jobs.domain.faults import explain, obstacle
from texture.jobs.domain.job import Job, State
from texture.jobs.running.frames import Frames
from texture.jobs.running.iterations import IterationKeeper
from texture.jobs.running.measuring import Measuring
from texture.jobs.running.progress import ProgressReporter
from texture.jobs.running.publisher import Publisher
from texture.jobs.running.saving import keep, keep_last_look
from texture.jobs.running.speed import Speed
from texture.jobs.running.tidying import Tidying
from texture.jobs.running.turn_record import TurnRecord
from texture.jobs.scheduling.leases import Lease
from texture.jobs.scheduling.queue import JobQueue, Progress
from texture.jobs.scheduling.scheduler import Scheduler
from texture.jobs.store import Store
from texture.settings import Settings

if TYPE_CHECKING:
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)

ROOM_EVERY = 5.0  # seconds between two tries to write what a full disk had no room for
NO_MEMORY_NOW = "waiting for memory: there was not enough beside the other jobs; it is retried automatically"


class Worker:
    """Runs the jobs of one store, or of the one entry that it holds by a lease.

    Other threads may touch nothing but `woken` and `speed.want`.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        listener: Listener,
        encoder: Executor | None = None,
        lease: Lease | None = None,
        measuring: Measuring | None = None,
    ) -> None:
        """encoder: where pictures for viewers are encoded; None: on this thread. lease: on the only entry to run.

        measuring: of the worker before, which knows exemplars.
        """
        self.woken = threading.Event()
        self._settings, self._store, self._lease = settings, store, lease
        self._queue = JobQueue(store, lease)
        self._scheduler = Scheduler(settings, store, self._queue)
        self._publisher = Publisher(store, listener)
        self._frames = Frames(self._publisher, encoder)
        self._iterations = IterationKeeper(store.iterations, encoder)
        self._measuring = measuring or Measuring()
        self._progress = ProgressReporter(self._queue, self._scheduler, self._publisher, self._frames, self._iterations)
        self._tidying = Tidying(store)
        self.speed = Speed(settings)
        self._record = TurnRecord(store.files.turn, store.files.signals)
        self._runs: list[Run] = []
        self._begun = False
        self._room = True  # a place may be free, or newly taken

    def begin(self, *, watch_signals: bool = False) -> None:
        """Requeue what an earlier process was running, before anybody else uses the store.

        watch_signals: whether this process is the worker's own, so that a fatal signal in it may be noted.
        """
        if self._lease is not None:  # others work beside this one, and see to the store
            self._queue.begin()
            self.woken.set()
            return
        if not self._begun:  # a second try, after a full disk, has others beside it
            self._begun = True
            self._store.lost.collect()
            self._store.usage.measure()
        for job in self._queue.begin(self._record.culprit()):
            self._store.artifacts.sweep(job)
        self._record.open()
        if watch_signals:
            self._record.watch_signals()
        self.woken.set()

    def recover(self, error: Exception) -> None:
        """Continue after an error outside any job: the claimed jobs that are lost go back into the queue."""
        if not isinstance(error, SQLAlchemyError | OSError):  # those may pass; of others nobody knows what they broke
            for run in self._runs:
                self._close(run)
            self._runs.clear()
        if trouble := obstacle(error):
            for run in self._runs:
                run.trouble = trouble
        self._queue.requeue([run.id for run in self._runs])
        self.woken.set()

    def round(self) -> float | None:
        """Obey the rows, fill free places, compute one step. Returns seconds to wait; None: until woken."""
        if self.woken.is_set():
            self.woken.clear()
            self._obey()
        if self._lease is None:
            self._tidying.tidy(full=any(run.trouble for run in self._runs))
        if self._room or self._scheduler.due:
            self._fill()
        ready = [run for run in self._runs if run.ready]
        self.speed.idle = not self._runs
        self.speed.prepare()
        if not ready:
            return ROOM_EVERY if self._runs else self._scheduler.pause or self._tidying.pause
        self._turn(min(ready, key=lambda run: run.share))
        self._keep_safe()
        self._measure()
        return 0.0

    def put_all_down(self) -> None:
        """Shut down: every running job goes back into the queue, to be continued at the next start."""
        self._obey()
        for run in list(self._runs):
            self._put_down(run, "running")
        self._publisher.changes()
        self._record.close()

    @property
    def is_done(self) -> bool:
        """Whether nothing runs, and nothing waits to."""
        return not self._runs and not self._queue.front(1)

    def drop(self) -> None:
        """Let go of all jobs without a word: they are another worker's."""
        with suppress(BaseException):  # what is still written beside this thread is refused as well
            self._iterations.wait()
        for run in self._runs:
            self._close(run)
        self._runs.clear()

    def abandon(self) -> None:
        """Like `put_all_down`, but from another thread while this one is stuck in a step."""
        self._queue.abandon()

    def _obey(self) -> None:
        """Release what the rows no longer want to run, and publish all changes."""
        states = self._queue.states([run.id for run in self._runs])
        for run in list(self._runs):
            if states[run.id] != "running":
                self._put_down(run, states[run.id])
        self._room = True
        self._publisher.changes()

    def _fill(self) -> None:
        self._room = False
        while job := self._scheduler.next(self._runs):
            self._take_up(job)
        self._publisher.changes()
        self._scheduler.look(self._runs, self._publisher.changes)

    def _take_up(self, job: Job) -> None:
        if not self._queue.take(job.id):
            return  # the row was changed first
        self._publisher.changes()
        try:
            with self._record.turn(job.id):
                run = self._open(job)
        except Exception as error:
            if obstacle(error) or (is_out_of_memory(error) and self._runs):
                self._wait(job.id, error)
            else:
                self._fail(job.id, error)
            return
        run.share = min((other.share for other in self._runs), default=0.0)
        run.alone = self._scheduler.alone(job) and not self._runs
        self._runs.append(run)
        if not self._queue.rewind(job.id, run.standing(), run.message):
            self.woken.set()

    def _open(self, job: Job) -> Run:
        from texture.device import choose  # imports torch, as the next does
        from texture.jobs.running.run import Run

        return Run(job, self._store, choose(self._settings.device), self._lease.number if self._lease else 0)

    def _turn(self, run: Run) -> None:
        """Compute one step of one job and handle the outcome."""
        try:
            with self._record.turn(run.id):
                if not run.ended and run.advance(sharing=len(self._runs) > 1) and not run.ended:
                    if not self._progress.after_step(run, self._runs):
                        self.woken.set()  # the row says that it should no longer run
                else:
                    self._finish(run)
        except SQLAlchemyError:
            raise  # the database's fault, not the job's
        except Exception as error:
            self._broke(run, error)

    def _measure(self) -> None:
        """Measure one job if it is due; the metrics are published with its next step."""
        run = self._measuring.next(self._runs)
        if run is not None:
            try:
                with self._record.turn(run.id):
                    self._measuring.measure(run)
            except Exception as error:
                self._broke(run, error)

    def _finish(self, run: Run) -> None:
        """Handle the end of the steps. All files are written before the row says that it is done."""
        run.done = 1.0
        self._iterations.wait()
        jpeg = self._keep_all(run)
        run.trouble = None
        if not self._queue.end(run.id, "done", run.standing(), run.note):
            self.woken.set()  # cancelled or paused at the last moment: it will be released
            return
        self._let_go(run)
        run.files.forget_checkpoint()
        self.speed.learn(run)
        self._scheduler.forget(run.id)
        self._publisher.changes()
        if jpeg is not None:
            self._frames.show(run, jpeg)
        self._close(run)

    def _keep_all(self, run: Run) -> bytes | None:
        """Measure and write everything at the end. Returns the preview; None if all was written before a pause."""
        if not run.has_picture:
            if not run.files.has_picture:
                raise RuntimeError("the method ended without a picture")
            return None
        if run.trouble is None:  # else that has been done, and only the disk was full
            self._measuring.measure(run, complete=True)
            self._progress.numbers(run, self._runs, last=True)
        jpeg = run.keep_preview()
        run.keep_files()  # after the preview, beside which what is drawn is as large as a screen needs it
        run.keep_result()
        return jpeg

    def _keep_safe(self) -> None:
        """Checkpoint all jobs that are due, whoever had the turn: a long step of one must not delay another's."""
        for run in [run for run in self._runs if run.files.save_due]:
            try:
                with self._record.turn(run.id):
                    run.save()
                    run.keep_preview()
            except Exception as error:
                self._broke(run, error)
            else:
                self._queue.saved(run.id)
                run.trouble = None
                run.alone = run.alone and self._scheduler.needs_all(run.id)
                self._room = True

    def _put_down(self, run: Run, state: State) -> None:
        """Release a job in the state that its row says."""
        self._let_go(run)
        message = keep(run, state, partial(self._measuring.measure, run, complete=True))
        self._queue.put_down(run.id, run.standing(), message or run.note)
        self._publisher.changes()
        if run.has_picture and message is None:
            self._frames.show(run, run.jpeg())
        self._close(run)

    def _close(self, run: Run) -> None:
        run.close()
        self._measuring.forget(run)

    def _let_go(self, run: Run) -> None:
        self._iterations.wait()
        self._runs.remove(run)
        self._room = True

    def _broke(self, run: Run, error: Exception) -> None:
        """Handle an error of the method, or of what was done with its pictures."""
        trouble = obstacle(error)
        if trouble and not run.broken:
            self._wait_for_room(run, trouble)
        elif trouble or (is_out_of_memory(error) and len(self._runs) > 1):
            self._set_aside(run, error)
        elif run.resumed and not (is_out_of_memory(error) or isinstance(error, TextureError | OSError)):
            log.warning("job %s could not continue from its checkpoint", run.id, exc_info=error)
            run.restart()
            self._queue.rewind(run.id, Progress(files=run.files.left), run.message)
        else:
            self._let_go(run)
            keep_last_look(run)
            self._close(run)
            if isinstance(error, Diverged):
                run.files.forget_checkpoint()  # it leads there again
            self._fail(run.id, error, run.standing())

    def _wait_for_room(self, run: Run, trouble: str) -> None:
        """The disk is full, say, which may pass: the job says so and continues, or waits if only writing is left."""
        if run.trouble is None:
            log.warning("job %s: %s", run.id, trouble)
        run.trouble = trouble
        run.postpone(ROOM_EVERY)
        if not self._queue.note(run.id, run.standing(), message=run.message):
            self.woken.set()
        self._publisher.changes()

    def _set_aside(self, run: Run, error: Exception) -> None:
        """It does not fit beside the others, or on the disk, so it waits."""
        self._let_go(run)
        self._close(run)
        self._wait(run.id, error)

    def _wait(self, job: str, error: Exception) -> None:
        trouble = obstacle(error)
        self._scheduler.set_aside(job, trouble or NO_MEMORY_NOW, full_disk=trouble is not None)
        self._publisher.changes()

    def _fail(self, job: str, error: Exception, progress: Progress | None = None) -> None:
        if not isinstance(error, TextureError):
            log.error("job %s failed", job, exc_info=error)
        self._scheduler.forget(job)
        if not self._queue.end(job, "failed", progress, explain(error)):
            self._queue.put_down(job)  # it was paused or cancelled meanwhile
        self._publisher.changes()
