"""A worker's process: takes entries as Celery's messages come, one at a time, and runs each as far as it goes."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from texture.device import keep_freed_memory
from texture.errors import SetupProblem
from texture.features import weights
from texture.jobs.engines.distributed.caretaker import Caretaker
from texture.jobs.engines.distributed.channel import Outgoing
from texture.jobs.engines.distributed.redis_client import VERSION_KEY, bell, connect, told_as_setup_problem
from texture.jobs.engines.distributed.roster import SAID_EVERY, Roster
from texture.jobs.engines.distributed.tickets import TASK, Tickets, celery_app
from texture.jobs.engines.rounds import Rounds
from texture.jobs.engines.worker_state import WorkerState
from texture.jobs.running.measuring import Measuring
from texture.jobs.running.speed import Speed
from texture.jobs.running.worker import Worker
from texture.jobs.scheduling.leases import EXPIRES, RENEWED_EVERY, Lease, LeaseLost, Leases, Queue
from texture.jobs.store import Store
from texture.methods.registry import methods
from texture.runs.machine import Machine
from texture.settings import Settings
from texture.version import VERSION

STOPPED_WITHIN = 8.0  # seconds; whoever stops a service usually waits for ten
FETCHED_AGAIN = 60.0  # seconds between two tries to fetch weights
LOOK_EVERY = 2.0  # seconds between two looks at the rows, where no bell has rung
OTHER_VERSION = "this worker is Texture Lab {ours}, and the servers are {theirs}: install the same version on both"

log = logging.getLogger(__name__)


class Station:
    """What one worker process has for as long as it lives."""

    def __init__(self, settings: Settings, queues: Sequence[Queue], stop: Callable[[], None]) -> None:
        """stop: ends the process from within, as a signal from outside would.

        Raises:
            SetupProblem: the database, the bucket or Redis cannot be used; or the servers are of another version.
        """
        self._settings, self._queues, self._stop = settings, tuple(queues), stop
        self._since = time.time()
        self._lease: Lease | None = None
        self.name = self._state().name
        self._redis = connect(settings)
        with told_as_setup_problem(settings):
            if problem := self._other_version():
                raise SetupProblem(problem)
        self._store = Store(settings, self._check)
        self._networks = {method.network for method in methods().values() if method.network}
        self._machine = Machine(settings.cache, settings.device)
        self._leases, self._roster = Leases(self._store.database), Roster(self._redis)
        self._outgoing = Outgoing(self._redis, self.name)
        self._app = celery_app(settings)
        self._caretaker = Caretaker(self._store, self._redis, Tickets(self._app, self._redis), self._outgoing)
        self._encoder = ThreadPoolExecutor(2, "texture-frames")
        self._measuring = Measuring()  # longer than a worker, which has one entry: exemplars come again
        self._stopping = threading.Event()
        self._presence = threading.Thread(target=self._be_present, name="texture-presence", daemon=True)

    def start(self) -> None:
        """Load torch, measure the machine where that has not been done, and be on the list of workers."""
        keep_freed_memory()
        self._outgoing.start()
        self._caretaker.start()
        self._presence.start()
        threading.Thread(target=self._fetch_weights, name="texture-weights", daemon=True).start()
        speed = Speed(self._settings)
        speed.want()
        speed.prepare()

    def stop(self) -> None:
        """Have the entry that runs checkpointed and given back. Returns at once; safe in a signal's handler.

        Where a step, or the bucket, takes too long for that, the process ends all the same, and another worker goes on
        from the last checkpoint.
        """
        if not self._stopping.is_set():
            self._stopping.set()
            last_resort = threading.Timer(STOPPED_WITHIN, self._abandon)
            last_resort.daemon = True
            last_resort.start()

    def _abandon(self) -> None:
        if (lease := self._lease) is not None:
            log.warning("a step takes too long to wait for: entry %s is given back as it is", lease.entry)
            with suppress(Exception):
                self._leases.release(lease)
        os._exit(0)

    def close(self) -> None:
        """Leave, when nothing runs any longer."""
        self._stopping.set()
        self._caretaker.stop()
        self._outgoing.stop()
        with suppress(Exception):
            self._roster.leave(self.name)
        self._store.close()

    def take(self) -> None:
        """Run the first entry that waits in one of the worker's queues, if there is any."""
        if self._stopping.is_set() or self._is_outdated():
            return
        lease = self._leases.take(self.name, self._queues, self._without())
        if lease is None:
            return
        self._lease = lease
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(lease, ended), name="texture-lease", daemon=True)
        keeper.start()
        try:
            self._run(lease)
        finally:
            ended.set()
            keeper.join(EXPIRES)
            self._lease = None
            self._caretaker.woken.set()

    def _run(self, lease: Lease) -> None:
        worker = Worker(self._settings, self._store, self._outgoing, self._encoder, lease, self._measuring)
        ears = threading.Thread(target=self._listen, args=(lease, worker), name="texture-bell", daemon=True)
        ears.start()
        try:
            self._drive(worker, Rounds(worker, worker.begin))
            self._persistently(worker.put_all_down)
        except LeaseLost:
            log.warning("entry %s is given up: another worker may have it", lease.entry)
        finally:
            worker.drop()
            lease.lost.set()  # whatever still has a hand on it
            with suppress(SQLAlchemyError):
                self._leases.release(lease)  # if it is still this worker's; or it is noticed soon

    def _drive(self, worker: Worker, rounds: Rounds) -> None:
        """Until the entry is done, paused or cancelled, or the process is to end."""
        rounds.begin()
        looked = time.monotonic()
        while not self._stopping.is_set():
            pause = rounds.once()
            if rounds.has_stumbled:
                self._stopping.wait(pause)
            elif pause != 0:
                if worker.is_done:
                    return
                worker.woken.wait(min(pause or LOOK_EVERY, LOOK_EVERY))
            if time.monotonic() - looked > LOOK_EVERY:
                looked = time.monotonic()
                worker.woken.set()

    def _persistently(self, do: Callable[[], object]) -> None:
        """Try again while the database is away, for as long as the lease may stand."""
        while True:
            try:
                do()
                return
            except (SQLAlchemyError, OSError) as error:
                log.warning("the entry cannot be put down: %s", error)
                self._check()
                time.sleep(0.5)

    def _check(self) -> None:
        """Before anything is written to the store: raise LeaseLost where it may be another's by now."""
        if self._lease is not None:
            self._lease.check()

    def _keep(self, lease: Lease, ended: threading.Event) -> None:
        """Renew the lease, until its entry has ended or is another's."""
        while not ended.wait(RENEWED_EVERY):
            try:
                if not self._leases.renew(lease):
                    return
            except SQLAlchemyError as error:
                log.warning("the lease on %s could not be renewed: %s", lease.entry, error)

    def _listen(self, lease: Lease, worker: Worker) -> None:
        """Wake the worker when a row of its entry has changed."""
        from redis import RedisError

        while not lease.lost.is_set():
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(bell(lease.entry))
                    worker.woken.set()  # whatever was said before somebody listened
                    while not lease.lost.is_set():
                        if channel.get_message(timeout=1.0) is not None:
                            worker.woken.set()
            except RedisError:
                time.sleep(0.5)  # the rows are looked at every now and then, in any case

    def _is_outdated(self) -> bool:
        """Whether the servers are of another version by now; then the process ends, for a new one to take its place."""
        from redis import RedisError

        try:
            problem = self._other_version()
        except RedisError:
            return False
        if problem:
            log.error("%s", problem)
            self._stop()
        return problem is not None

    def _other_version(self) -> str | None:
        said: Any = self._redis.get(VERSION_KEY)
        if said is None or said.decode() == VERSION:
            return None
        return OTHER_VERSION.format(ours=VERSION, theirs=said.decode())

    def _be_present(self) -> None:
        from redis import RedisError

        while not self._stopping.is_set():
            with suppress(RedisError):
                self._roster.say(self._state())
                self._roster.say_speed(self._machine.known())
            self._stopping.wait(SAID_EVERY)

    def _state(self) -> WorkerState:
        busy = self._lease is not None
        return WorkerState.of_this_process(self._settings, self._queues, busy=busy, since=self._since)

    def _fetch_weights(self) -> None:
        while not self._stopping.is_set() and weights.status(self._settings).state != "ready":
            try:
                weights.ensure(self._settings)
            except Exception as error:  # until then others run the jobs that need them
                log.warning("%s", error)
            self._stopping.wait(FETCHED_AGAIN)

    def _without(self) -> list[str]:
        """The methods whose network this worker does not have."""
        ready = {name: weights.status(self._settings, name).state == "ready" for name in self._networks}
        return [name for name, method in methods().items() if not ready.get(method.network or "", True)]


def work(settings: Settings, queues: Sequence[Queue]) -> int:
    """Work until a signal comes. Returns the exit status.

    Raises:
        SetupProblem: something that it needs is not there.
    """
    app = celery_app(settings)
    station = Station(settings, queues, lambda: os.kill(os.getpid(), signal.SIGTERM))

    from celery import signals

    def stop(**_: object) -> None:
        station.stop()

    signals.worker_shutting_down.connect(stop)
    app.task(name=TASK)(station.take)
    station.start()
    print(f"Worker {station.name} takes {', '.join(queues)} (Ctrl-C stops it)", flush=True)
    worker = app.Worker(
        hostname=station.name,
        pool="threads",  # a step is one long call, beside which Celery has to hear signals and Redis
        concurrency=1,
        queues=list(queues),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
    )
    try:
        worker.start()
    finally:
        station.close()
    return int(worker.exitcode or 0)
