"""What somebody has to see to, whoever it is: changed rows, entries of lost workers, missing messages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from texture.jobs.domain.events import Changed, Event, Listener
from texture.jobs.engines.distributed.redis_client import bell
from texture.jobs.engines.distributed.tickets import Tickets
from texture.jobs.running.publisher import Publisher
from texture.jobs.scheduling.leases import Leases
from texture.jobs.store import Store

if TYPE_CHECKING:
    from redis import Redis

EVERY = 2.0  # seconds

log = logging.getLogger(__name__)


class Caretaker:
    """A thread that looks after the queue, every now and then and whenever it is woken. Servers and workers have one.

    What two of them do at the same moment does no harm.
    """

    def __init__(
        self, store: Store, redis: Redis, tickets: Tickets, listener: Listener, also: Callable[[], None] = lambda: None
    ) -> None:
        """listener: is told of every row that has changed in this process. also: what else is done with each look."""
        self.woken = threading.Event()
        self._redis, self._tickets, self._told, self._also = redis, tickets, _Told(listener), also
        self._publisher = Publisher(store, self._told)
        self._leases = Leases(store.database)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="texture-caretaker", daemon=True)
        self.trouble: str | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within: float = 2.0) -> None:
        """End soon."""
        self._stopping.set()
        self.woken.set()
        self._thread.join(within)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.woken.clear()
            self.trouble = self._look()
            self.woken.wait(EVERY)

    def _look(self) -> str | None:
        from kombu.exceptions import OperationalError
        from redis import RedisError

        try:
            self._tell()
            for entry in self._leases.reclaim():
                log.warning("a worker was lost: entry %s is taken up again from its last checkpoint", entry)
            self._tell()
            self._tickets.top_up(self._leases.waiting())
            self._also()
        except SQLAlchemyError as error:
            log.warning("the database cannot be used: %s", error)
            return "the database cannot be used; see the server log"
        except (RedisError, OperationalError) as error:
            log.warning("Redis cannot be reached: %s", error)
            return "Redis cannot be reached; see the server log"
        except Exception:
            log.exception("the queue could not be looked after")
            return "the server hit an error and tries again; see its log"
        return None

    def _tell(self) -> None:
        """Publish what has changed, and have whoever holds those entries look at them."""
        self._publisher.changes()
        for entry in self._told.entries():
            self._redis.publish(bell(entry), b"")


class _Told:
    """A listener that remembers whose rows it was told of."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._entries: dict[str, None] = {}

    def entries(self) -> list[str]:
        """The entries since it was asked last."""
        told, self._entries = list(self._entries), {}
        return told

    def publish(self, event: Event) -> None:
        """Pass it on."""
        self._listener.publish(event)
        comparison = event.row.comparison if isinstance(event, Changed) else None
        self._entries[comparison or event.job] = None

    def wants_frame(self, job: str) -> bool:
        """As the listener says."""
        return self._listener.wants_frame(job)

    def watched(self) -> Collection[str]:
        """As the listener says."""
        return self._listener.watched()
