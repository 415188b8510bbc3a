"""Who computes: each worker says every few seconds what it is, and is forgotten when it no longer does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from texture.jobs.engines.distributed.redis_client import WORKERS, worker_key
from texture.jobs.engines.worker_state import WorkerState

if TYPE_CHECKING:
    from redis import Redis

SAID_EVERY, FORGOTTEN = 2.0, 10  # seconds


class Roster:
    """The list of workers, in Redis. Whatever is asked of it may raise RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def say(self, state: WorkerState) -> None:
        """Be on the list for a while."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(worker_key(state.name), state.model_dump_json(), ex=FORGOTTEN)
            pipe.zadd(WORKERS, {state.name: time.time()})
            pipe.execute()

    def leave(self, name: str) -> None:
        """Leave the list."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.delete(worker_key(name))
            pipe.zrem(WORKERS, name)
            pipe.execute()

    def workers(self) -> list[WorkerState]:
        """Those that are alive, by name."""
        names: Any = self._redis.zrange(WORKERS, 0, -1)
        told: Any = self._redis.mget([worker_key(name.decode()) for name in names]) if names else []
        gone = [name for name, data in zip(names, told, strict=True) if data is None]
        if gone:
            self._redis.zrem(WORKERS, *gone)
        return sorted((state for data in told if (state := _read(data))), key=lambda state: state.name)


def _read(data: bytes | None) -> WorkerState | None:
    try:
        return WorkerState.model_validate_json(data) if data else None
    except ValidationError:  # of another version
        return None
