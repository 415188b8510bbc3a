"""The engine inside the server's process: a native thread, whichever concurrency the server itself uses."""

from __future__ import annotations

import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import DatabaseError

from texture.device import keep_freed_memory
from texture.errors import SetupProblem
from texture.jobs.domain.events import Listener
from texture.jobs.domain.faults import NO_ROOM, is_disk_full
from texture.jobs.domain.throttle import Throttle
from texture.jobs.engines.lock import FolderLock
from texture.jobs.running.worker import Worker
from texture.jobs.store import Store
from texture.jobs.store.database import DAMAGED, is_damaged
from texture.settings import Settings

log = logging.getLogger(__name__)

STOPPED_WITHIN = 4.0  # seconds; a shutdown may take five in all
RECOVERY = 1.0  # seconds to wait after an error outside any job
LOG_EVERY = 60.0  # seconds between two lines that say so
STUCK = 120.0  # seconds after which a round is no longer just long: weights are loaded in one, and results are measured
SWITCH = 0.0005  # seconds that the worker waits at most while the server runs Python; 0.005 otherwise, which is a step


class Embedded:
    """An `Engine`: one thread, which imports torch when a job runs, or somebody is about to start one."""

    def __init__(self, settings: Settings, store: Store, listener: Listener) -> None:
        self._lock = FolderLock(store.files.lock)
        self._worker = Worker(settings, store, listener, ThreadPoolExecutor(2, "texture-frames"))
        self._stopping = threading.Event()
        self._stumbled: Exception | None = None
        self._folder, self._begun = store.files.data, False
        self._logging = Throttle(LOG_EVERY)
        self._round_began: float | None = None  # None: between two rounds
        # A daemon, so that a step that hangs on a device cannot keep the process from ending.
        self._thread = threading.Thread(target=self._work, name="texture-worker", daemon=True)

    def start(self) -> None:
        """Run what is queued, and what an earlier process left running.

        Raises:
            SetupProblem: another process is running the jobs of this folder, or its database is damaged.
        """
        self._lock.acquire()
        try:
            self._begin()
        except DatabaseError as error:
            if is_damaged(error):
                raise SetupProblem(f"the database in {self._folder} is damaged; {DAMAGED}") from error
            if not is_disk_full(error):
                raise
            self._log(error)
            self._stumbled = error  # the server is up all the same, so that something can be thrown away
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
        stumbled, began = self._stumbled, self._round_began
        if not self._thread.is_alive():
            return "the worker has stopped: restart the server"
        if stumbled is not None:
            return NO_ROOM if is_disk_full(stumbled) else "the worker hit an error and tries again; see the server log"
        if began is not None and (seconds := time.monotonic() - began) > STUCK:
            return f"a step of a job has taken {seconds:.0f} seconds so far"
        return None

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

    def _begin(self) -> None:
        self._worker.begin(watch_signals=True)
        self._begun = True

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._round_began = time.monotonic()
            pause = self._round()
            self._round_began = None
            if self._stumbled is not None:
                self._stopping.wait(RECOVERY)
            elif pause != 0 and not self._stopping.is_set():
                self._worker.woken.wait(pause)
        try:
            self._worker.put_all_down()
        except Exception:
            log.exception("not all jobs could be checkpointed at shutdown")

    def _round(self) -> float | None:
        try:
            if self._stumbled is not None:
                if not self._begun:
                    self._begin()
                self._worker.recover(self._stumbled)  # until it succeeds: what was lost would never be claimed again
                self._stumbled = None
            return self._worker.round()
        except Exception as error:  # a full disk under the database, say: no job's fault, and it may pass
            self._log(error)
            self._stumbled = error
            return None

    def _log(self, error: Exception) -> None:
        """Once, and where it goes on a line now and then."""
        if self._stumbled is None and self._logging.due:
            with self._logging.taken():
                if is_disk_full(error):
                    log.error("the worker waits: %s", NO_ROOM)
                else:
                    log.error("the worker hit an error and is restarting", exc_info=error)
