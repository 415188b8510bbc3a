"""The engine inside the server's process: a native thread, whichever concurrency the server itself uses."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy.exc import DatabaseError

from texture.device import keep_freed_memory
from texture.errors import SetupProblem
from texture.jobs.domain.events import ComparisonChanged, Listener
from texture.jobs.domain.faults import is_disk_full
from texture.jobs.engines.lock import FolderLock
from texture.jobs.engines.rounds import Rounds
from texture.jobs.engines.worker_state import WorkerState
from texture.jobs.running.worker import Worker
from texture.jobs.scheduling.leases import QUEUES, Leases
from texture.jobs.store import Store
from texture.jobs.store.sqlite import DAMAGED, is_damaged
from texture.runs.machine import Known, Machine
from texture.settings import Settings

log = logging.getLogger(__name__)

OTHERS = "workers run the jobs of this database: set TEXTURE_BROKER, or stop them; in ten seconds they are forgotten"
STOPPED_WITHIN = 4.0  # seconds; a shutdown may take five in all
SWITCH = 0.0005  # seconds that the worker waits at most while the server runs Python; 0.005 otherwise, which is a step


class Embedded:
    """An `Engine`: one thread, which imports torch when a job runs, or somebody is about to start one."""

    def __init__(self, settings: Settings, store: Store, listener: Listener) -> None:
        self._leases = Leases(store.database)
        self._settings, self._since = settings, time.time()
        self._lock = FolderLock(store.files.lock)
        self._worker = Worker(settings, store, listener, ThreadPoolExecutor(2, "texture-frames"))
        self._stopping = threading.Event()
        self._rounds = Rounds(self._worker, partial(self._worker.begin, watch_signals=True))
        self._folder = store.files.data
        # A daemon, so that a step that hangs on a device cannot keep the process from ending.
        self._thread = threading.Thread(target=self._work, name="texture-worker", daemon=True)

    def start(self) -> None:
        """Run what is queued, and what an earlier process left running.

        Raises:
            SetupProblem: another process is running the jobs of this folder, or its database is damaged.
        """
        self._lock.acquire()
        try:
            if self._leases.holders():
                self._lock.release()
                raise SetupProblem(OTHERS)
            self._rounds.begin()
        except DatabaseError as error:
            if is_damaged(error):
                raise SetupProblem(f"the database in {self._folder} is damaged; {DAMAGED}") from error
            if not is_disk_full(error):
                raise
            self._rounds.stumble(error)  # the server is up all the same, so that something can be thrown away
        keep_freed_memory()
        sys.setswitchinterval(SWITCH)
        self._thread.start()

    def wake(self) -> None:
        """Look at the rows again: one of them has changed. Returns at once."""
        self._worker.woken.set()

    def prepare(self) -> bool:
        """Get ready, once; whether that is being done."""
        wanted = self._worker.speed.want()
        if wanted:
            self.wake()
        return wanted

    def trouble(self) -> str | None:
        """Why no job gets on, in a few words; None where nothing is in the way."""
        if not self._thread.is_alive():
            return "the worker has stopped: restart the server"
        return self._rounds.trouble()

    def workers(self) -> Sequence[WorkerState]:
        """The only one, if its thread has not ended."""
        if not self._thread.is_alive():
            return ()
        return [
            WorkerState.of_this_process(self._settings, QUEUES, busy=not self._worker.speed.idle, since=self._since)
        ]

    def tell(self, changed: ComparisonChanged) -> None:
        """There is no other server."""

    def machines(self) -> Sequence[Known]:
        """This one."""
        return [Machine(self._settings.cache, self._settings.device).known()]

    def stop(self) -> None:
        """Checkpoint and release all jobs, to be continued at the next start; returns within 5 seconds."""
        if not self._thread.is_alive():
            return
        self._stopping.set()
        self.wake()
        self._thread.join(STOPPED_WITHIN)
        if self._thread.is_alive():
            log.warning("a step takes too long to wait for: its job will continue from its last checkpoint")
            self._worker.abandon()  # the lock goes with the process
        else:
            self._lock.release()

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = self._rounds.once()
            if self._rounds.has_stumbled:
                self._stopping.wait(pause)
            elif pause != 0 and not self._stopping.is_set():
                self._worker.woken.wait(pause)
        try:
            self._worker.put_all_down()
        except Exception:
            log.exception("not all jobs could be checkpointed at shutdown")
