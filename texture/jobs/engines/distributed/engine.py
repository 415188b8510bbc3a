"""The engine of a server whose jobs are run by workers elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from texture.jobs.domain.events import ComparisonChanged, Listener
from texture.jobs.engines.distributed.caretaker import Caretaker
from texture.jobs.engines.distributed.channel import Both, Incoming, Outgoing
from texture.jobs.engines.distributed.redis_client import TIDYING_KEY, VERSION_KEY, connect, told_as_setup_problem
from texture.jobs.engines.distributed.roster import Roster
from texture.jobs.engines.distributed.tickets import Tickets, celery_app
from texture.jobs.engines.worker_state import WorkerState
from texture.jobs.running.tidying import Tidying
from texture.jobs.store import Store
from texture.runs.machine import Known
from texture.settings import Settings
from texture.version import VERSION

MINUTE = 60  # seconds for which one server does it, and no other
NOBODY = "no worker is running: start one with `python -m texture worker`"


class Distributed:
    """An `Engine` that runs nothing itself: it tells workers what there is to do, and viewers what is done."""

    def __init__(self, settings: Settings, store: Store, listener: Listener) -> None:
        self._settings, self._redis = settings, connect(settings)
        self._roster = Roster(self._redis)
        origin = secrets.token_hex(8)
        self._outgoing = Outgoing(self._redis, origin)
        self._incoming = Incoming(self._redis, store, listener, origin)
        tickets = Tickets(celery_app(settings), self._redis)
        both = Both(listener, self._outgoing)
        self._tidying = Tidying(store)
        self._caretaker = Caretaker(store, self._redis, tickets, both, self._see_to_it)
        self._workers: Sequence[WorkerState] = ()
        self._machines: Sequence[Known] = ()

    def start(self) -> None:
        """Hand over what is queued.

        Raises:
            SetupProblem: Redis cannot be reached.
        """
        with told_as_setup_problem(self._settings):
            self._redis.ping()
            self._redis.set(VERSION_KEY, VERSION)  # from now on workers of another refuse to begin anything
            self._incoming.start()
            self._count_workers()
        self._outgoing.start()
        self._caretaker.start()

    def wake(self) -> None:
        """Look at the rows again: one of them has changed. Returns at once."""
        self._caretaker.woken.set()

    def prepare(self) -> bool:
        """The workers are ready; nothing is left to do."""
        return False

    def trouble(self) -> str | None:
        """Why no job gets on, in a few words; None where nothing is in the way."""
        if found := self._caretaker.trouble or self._incoming.trouble:
            return found
        return None if self._workers else NOBODY

    def workers(self) -> Sequence[WorkerState]:
        """Those that were alive a moment ago."""
        return self._workers

    def tell(self, changed: ComparisonChanged) -> None:
        """Tell the viewers of other servers."""
        self._outgoing.publish(changed)

    def machines(self) -> Sequence[Known]:
        """Those of the workers that were alive a moment ago."""
        return self._machines

    def stop(self) -> None:
        """Stop listening; the workers go on."""
        self._caretaker.stop()
        self._incoming.stop()
        self._outgoing.stop()

    def _count_workers(self) -> None:
        self._workers = self._roster.workers()
        self._machines = self._roster.machines(self._workers)

    def _see_to_it(self) -> None:
        """What servers do besides, with each look: one of them tidies."""
        self._count_workers()
        if self._redis.set(TIDYING_KEY, 1, nx=True, ex=MINUTE):
            self._tidying.tidy(full=False)
