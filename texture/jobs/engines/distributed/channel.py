"""What workers and servers have to say to each other: events on a Redis stream, pictures and interest in keys.

Pictures are pulled here as within one process. A server renews a short-lived key for each job that somebody would look
at now; a worker encodes a picture where it finds one, and puts it where the next replaces it. So with nobody looking
nothing is encoded, and whoever is slow gets the newest.

While Redis cannot be reached nobody waits for it: the newest of each job's rows, numbers and pictures is kept, and told
afterwards. Servers then read all watched rows again, as what was told meanwhile may be gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from texture.jobs.domain.events import Changed, Event, Framed, Listener
from texture.jobs.engines.distributed.redis_client import STREAM, frame_key, interest_key
from texture.jobs.engines.distributed.wire import packed, packed_frame, unpacked, unpacked_frame
from texture.jobs.store import Store

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)

KEPT = 20_000  # events in the stream, about: some seconds of a thousand workers
PICTURE_KEPT = 30_000  # milliseconds
LOOK_EVERY = 0.1  # seconds between two looks who is interested
INTERESTED = 500  # milliseconds that one such look counts
ASKED = 5.0  # seconds for which a job that somebody asked about counts as one that runs
AGAIN = 0.5  # seconds between two tries while Redis cannot be reached
READ = 500  # events at once
LOST = "the workers cannot be heard: Redis cannot be reached"


class Outgoing:
    """A `Listener` that passes on to all servers what it hears. Every method may be called from any thread."""

    def __init__(self, redis: Redis, origin: str) -> None:
        """origin: a name of this process, by which it knows its own events."""
        self._redis, self._origin = redis, origin
        self._waiting: dict[tuple[type[Event], str], Event] = {}  # the newest of each kind and job
        self._asked: dict[str, float] = {}
        self._wanted: frozenset[str] = frozenset()
        self._lock, self._wake, self._stopping = threading.Lock(), threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="texture-outgoing", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self, within: float = 2.0) -> None:
        """Send what waits, if that is possible."""
        self._stopping = True
        self._wake.set()
        self._thread.join(within)

    def publish(self, event: Event) -> None:
        """Send an event soon; of each kind the newest of a job is enough."""
        key = type(event), event.job
        with self._lock:
            self._waiting.pop(key, None)
            self._waiting[key] = event
        self._wake.set()

    def wants_frame(self, job: str) -> bool:
        """Whether a viewer of any server had room for a picture of this job just now."""
        if job not in self._asked:
            self._wake.set()
        self._asked[job] = time.monotonic()
        return job in self._wanted

    def watched(self) -> Collection[str]:
        """Nobody watches here."""
        return ()

    def _run(self) -> None:
        from redis.exceptions import ConnectionError, TimeoutError

        lost = False
        while not (self._stopping and not self._waiting):
            self._wake.wait(LOOK_EVERY if self._asked else None)
            self._wake.clear()
            events = self._take()
            try:
                self._send(events)
                self._look()
                lost = False
            except (ConnectionError, TimeoutError) as error:
                if not lost:
                    log.warning("Redis cannot be reached: %s", error)
                lost = True
                self._give_back(events)
                self._wanted = frozenset()
                if self._stopping:
                    return
                time.sleep(AGAIN)
                self._wake.set()
            except Exception:  # of one of these events: all others must go on
                log.exception("%d events could not be passed on", len(events))

    def _take(self) -> list[Event]:
        with self._lock:
            events = list(self._waiting.values())
            self._waiting.clear()
        return events

    def _give_back(self, events: list[Event]) -> None:
        with self._lock:
            self._waiting = {**{(type(event), event.job): event for event in events}, **self._waiting}

    def _send(self, events: list[Event]) -> None:
        if not events:
            return
        with self._redis.pipeline(transaction=False) as pipe:
            for event in events:
                told: dict[Any, Any] = {"from": self._origin}
                if isinstance(event, Framed):
                    pipe.set(frame_key(event.job), packed_frame(event), px=PICTURE_KEPT)
                    told["frame"] = event.job
                else:
                    told["event"] = packed(event)
                pipe.xadd(STREAM, told, maxlen=KEPT)
            pipe.execute()
        self._wanted -= {event.job for event in events if isinstance(event, Framed)}  # until somebody asks again

    def _look(self) -> None:
        limit = time.monotonic() - ASKED
        self._asked = {job: when for job, when in self._asked.copy().items() if when > limit}
        jobs = list(self._asked)
        found = self._redis.mget([interest_key(job) for job in jobs]) if jobs else []
        self._wanted = frozenset(job for job, there in zip(jobs, found, strict=True) if there)


class Incoming:
    """Hands to a server's listener what others have to say, and says whom its viewers look at."""

    def __init__(self, redis: Redis, store: Store, listener: Listener, origin: str) -> None:
        self._redis, self._store, self._listener, self._origin = redis, store, listener, origin
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=target, name=f"texture-{name}", daemon=True)
            for name, target in (("incoming", self._read), ("interest", self._look))
        ]
        self.trouble: str | None = None  # why nothing is heard

    def start(self) -> None:
        """Begin to listen, from now on. Raises RedisError."""
        self._last: Any = self._newest()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End soon."""
        self._stopping.set()

    def _newest(self) -> Any:
        newest: Any = self._redis.xrevrange(STREAM, count=1)
        return newest[0][0] if newest else "0-0"

    def _read(self) -> None:
        self._persistently(self._read_once)

    def _look(self) -> None:
        self._persistently(self._look_once)

    def _persistently(self, do: Callable[[], None]) -> None:
        from redis import RedisError

        while not self._stopping.is_set():
            try:
                do()
            except RedisError as error:
                if self.trouble is None:
                    log.warning("Redis cannot be reached: %s", error)
                self.trouble = LOST
                self._stopping.wait(AGAIN)
            except Exception:
                log.exception("what others say could not be passed on")
                self._stopping.wait(AGAIN)

    def _read_once(self) -> None:
        if self.trouble is not None:
            self._last = self._newest()  # of what was said before, the rows tell
            self._refresh()
            self.trouble = None
        answer: Any = self._redis.xread({STREAM: self._last}, count=READ, block=1000)
        pictures: dict[str, None] = {}
        for id, told in answer[0][1] if answer else ():
            self._last = id
            if told.get(b"from") == self._origin.encode():
                continue  # said here already
            if b"frame" in told:
                pictures[told[b"frame"].decode()] = None
            else:
                with suppress(ValueError, TypeError, KeyError):  # of another version
                    self._listener.publish(unpacked(told[b"event"]))
        watched = self._listener.watched() if pictures else ()
        self._fetch([job for job in pictures if job in watched])

    def _fetch(self, jobs: list[str]) -> None:
        """The newest picture of each, whichever was meant."""
        found: Any = self._redis.mget([frame_key(job) for job in jobs]) if jobs else []
        for job, data in zip(jobs, found, strict=True):
            if data is not None:
                self._listener.publish(unpacked_frame(job, data))

    def _look_once(self) -> None:
        self._stopping.wait(LOOK_EVERY)
        wanted = [job for job in self._listener.watched() if self._listener.wants_frame(job)]
        if wanted:
            with self._redis.pipeline(transaction=False) as pipe:
                for job in wanted:
                    pipe.set(interest_key(job), b"1", px=INTERESTED)
                pipe.execute()

    def _refresh(self) -> None:
        """Tell the rows of all watched jobs: what was said while nothing was heard may be gone."""
        watched = list(self._listener.watched())
        for job, row in self._store.jobs.some(watched).items():
            with suppress(Exception):  # thrown away meanwhile
                seq = self._store.database.sequence.next(job)
                self._listener.publish(Changed(job, seq, row.model_copy(update={"seq": seq})))


class Both:
    """A listener made of two: what a server changes is heard by its own viewers at once, and by all other servers."""

    def __init__(self, here: Listener, elsewhere: Listener) -> None:
        self._here, self._elsewhere = here, elsewhere

    def publish(self, event: Event) -> None:
        """Publish it here and elsewhere."""
        self._here.publish(event)
        self._elsewhere.publish(event)

    def wants_frame(self, job: str) -> bool:
        """Never: a server makes no pictures."""
        return False

    def watched(self) -> Collection[str]:
        """What is watched here."""
        return self._here.watched()
