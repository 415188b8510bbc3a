"""The worker: takes jobs up, gives them turns on the device, keeps them safe, and puts them down when told to.

Used from one thread, which calls `round()` over and over. A round obeys the rows, fills the free places and makes one
step of one job. Torch is imported when the first job is taken up, so that an idle server starts quickly.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from texture.errors import Diverged, TextureError
from texture.jobs.events import Listener
from texture.jobs.faults import explain, is_out_of_memory
from texture.jobs.job import Job, State
from texture.jobs.keeping import keep, keep_last_look
from texture.jobs.lineup import Lineup
from texture.jobs.measuring import Measuring
from texture.jobs.news import News
from texture.jobs.pace import Pace
from texture.jobs.store import Store
from texture.jobs.teller import Teller
from texture.jobs.worklist import Progress, Worklist
from texture.settings import Settings

if TYPE_CHECKING:
    from texture.jobs.live import Live

log = logging.getLogger(__name__)

KEPT_IN_TRASH = timedelta(days=1)
KEPT_UNUSED = timedelta(days=30)  # a picture that no job names: the page may still have it in a slot
TRASH_EVERY = 3600.0  # seconds
TOO_BIG = "waits until it has the device to itself: there was not enough memory beside the others"


class Worker:
    """Runs the jobs of one store. `woken` is the one thing that other threads may touch."""

    def __init__(self, settings: Settings, store: Store, listener: Listener) -> None:
        self.woken = threading.Event()
        self._settings, self._store = settings, store
        self._worklist = Worklist(store)
        self._lineup = Lineup(settings, store, self._worklist)
        self._teller = Teller(store, listener)
        self._measuring = Measuring()
        self._news = News(self._worklist, self._lineup, self._teller)
        self._trash_pace = Pace(TRASH_EVERY)
        self._live: list[Live] = []
        self._room = True  # a place may be free, or taken by somebody new

    def recover(self) -> None:
        """Begin, or begin again: what was in hand goes back into the queue, and folders without a job go away."""
        for live in self._live:
            live.close()
        self._live.clear()
        self._worklist.recover()
        folders = self._store.files.folders()
        for folder in set(folders) - self._worklist.existing():
            self._store.files.forget(folder)
        self.woken.set()

    def round(self) -> float | None:
        """Obey, fill, one step. Seconds to wait before the next round; None: until woken."""
        if self.woken.is_set():
            self.woken.clear()
            self._obey()
        if self._trash_pace.due:
            with self._trash_pace.taken():
                self._store.purge(KEPT_IN_TRASH)
                self._store.purge_pictures(KEPT_UNUSED)
        if self._room or self._lineup.due:
            self._fill()
        if not self._live:
            return self._lineup.pause or TRASH_EVERY
        self._turn(min(self._live, key=lambda live: live.share))
        self._measure()
        self._keep_safe()
        return 0.0

    def put_all_down(self) -> None:
        """The end: every job that is running goes back into the queue, for the next start to go on with."""
        self._obey()
        for live in list(self._live):
            self._put_down(live, "running")
        self._teller.changes()

    def abandon(self) -> None:
        """As `put_all_down`, but from another thread, while this one is stuck in a step."""
        self._worklist.abandon()

    def _obey(self) -> None:
        """Put down what the rows no longer want to run, and tell of all that has changed."""
        states = self._worklist.states([live.id for live in self._live])
        for live in list(self._live):
            if states.get(live.id) != "running":
                self._put_down(live, states.get(live.id))
        self._room = True
        self._teller.changes()

    def _fill(self) -> None:
        self._room = False
        while job := self._lineup.next(self._live):
            self._take_up(job)
        self._lineup.look(self._live)
        self._teller.changes()

    def _take_up(self, job: Job) -> None:
        if not self._worklist.take(job.id):
            return  # somebody was faster: the row has it
        self._teller.changes()
        try:
            live = self._open(job)
        except Exception as error:
            self._fail(job.id, error)
            return
        live.share = min((other.share for other in self._live), default=0.0)
        live.alone = self._lineup.alone(job)
        self._live.append(live)
        if not self._worklist.rewind(job.id, live.progress(), live.message):
            self.woken.set()

    def _open(self, job: Job) -> Live:
        from texture.device import choose  # imports torch, as the next does
        from texture.jobs.live import Live

        return Live(job, self._store, choose(self._settings.device))

    def _turn(self, live: Live) -> None:
        """One step of one job, and what follows from it."""
        try:
            if live.advance(sharing=len(self._live) > 1) and not live.ended:
                if not self._news.after_step(live, self._live):
                    self.woken.set()  # the row says that it should no longer run
            else:
                self._finish(live)
        except SQLAlchemyError:
            raise  # the table's fault, not the job's
        except Exception as error:
            self._broke(live, error)

    def _measure(self) -> None:
        """The figures of one job, now and then; they are told with its next step."""
        live = self._measuring.next(self._live)
        if live is not None:
            try:
                self._measuring.measure(live)
            except Exception as error:
                self._broke(live, error)

    def _finish(self, live: Live) -> None:
        """There are no more steps. What is to stay is there before the row says that it is done."""
        live.done = 1.0
        jpeg = self._keep_all(live)
        if not self._worklist.end(live.id, "done", live.progress(), live.note):
            self.woken.set()  # cancelled or paused at the very last: it will be put down
            return
        self._let_go(live)
        live.forget_checkpoint()
        self._teller.changes()
        if jpeg is not None:
            self._news.picture(live, jpeg)
        live.close()

    def _keep_all(self, live: Live) -> bytes | None:
        """Measure and write what there is at the end; its preview. None where all is there, from before a pause."""
        if not live.has_picture:
            if not live.output.has_result:
                raise RuntimeError("it ended without a picture")
            return None
        self._measuring.measure(live, complete=True)
        self._news.numbers(live, self._live, last=True)
        live.keep_files()
        live.keep_result()
        return live.keep_preview()

    def _keep_safe(self) -> None:
        """Checkpoints of all jobs, whoever had the turn: a long step of one must not make another's old."""
        for live in [live for live in self._live if live.save_due]:
            try:
                live.save()
                live.keep_preview()
            except Exception as error:
                self._broke(live, error)
            else:
                self._worklist.saved(live.id)
                live.alone = live.id in self._lineup.too_big
                self._room = True

    def _put_down(self, live: Live, state: State | None) -> None:
        """Out of the worker's hands, as the row (None: deleted) says."""
        self._let_go(live)
        if state is None:
            live.close()
            self._store.files.forget(live.id)
            return
        message = keep(live, state, partial(self._measuring.measure, live, complete=True))
        self._worklist.put_down(live.id, live.progress(), message or live.note)
        self._teller.changes()
        if live.has_picture and message is None:
            self._news.picture(live, live.jpeg())
        live.close()

    def _let_go(self, live: Live) -> None:
        self._live.remove(live)
        self._room = True

    def _broke(self, live: Live, error: Exception) -> None:
        """The method, or what was done with its pictures, raised an error."""
        if is_out_of_memory(error) and len(self._live) > 1:
            self._set_aside(live)
        elif live.resumed and not (is_out_of_memory(error) or isinstance(error, TextureError | OSError)):
            log.warning("job %s could not go on from its checkpoint", live.id, exc_info=error)
            live.start_anew()
            self._worklist.rewind(live.id, Progress(files=live.output.left), live.message)
        else:
            self._let_go(live)
            keep_last_look(live)
            live.close()
            if isinstance(error, Diverged):
                live.forget_checkpoint()  # it leads there again
            self._fail(live.id, error, live.progress())

    def _set_aside(self, live: Live) -> None:
        """It does not fit beside the others, so it waits for them to end."""
        self._lineup.too_big.add(live.id)
        self._let_go(live)
        live.close()
        self._worklist.put_down(live.id, message=TOO_BIG)
        self._teller.changes()

    def _fail(self, job: str, error: Exception, progress: Progress | None = None) -> None:
        if not isinstance(error, TextureError):
            log.error("job %s failed", job, exc_info=error)
        if not self._worklist.end(job, "failed", progress, explain(error)):
            self._worklist.put_down(job)  # it was paused, cancelled or deleted meanwhile
        self._teller.changes()
