"""Who computes: each worker says every few seconds what it is, and is forgotten when it no longer does."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from texture.jobs.engines.distributed.redis_client import MACHINES, WORKERS, worker_key
from texture.jobs.engines.worker_state import WorkerState
from texture.runs.machine import Known

if TYPE_CHECKING:
    from redis import Redis

M = TypeVar("M", bound=BaseModel)
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

    def say_speed(self, known: Known) -> None:
        """Tell what is known of a machine, for all workers on one of that kind."""
        self._redis.hset(MACHINES, known.machine, known.model_dump_json())

    def machines(self, workers: Iterable[WorkerState]) -> list[Known]:
        """What is known of these workers' machines."""
        names = sorted({worker.machine for worker in workers})
        told: Any = self._redis.hmget(MACHINES, names) if names else []
        return [known for data in told if (known := _read(data, Known))]

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
        return sorted((state for data in told if (state := _read(data, WorkerState))), key=lambda state: state.name)


def _read(data: bytes | None, model: type[M]) -> M | None:
    try:
        return model.model_validate_json(data) if data else None
    except ValidationError:  # of another version
        return None
