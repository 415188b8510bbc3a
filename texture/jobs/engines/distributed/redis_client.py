"""The connection to Redis, and the keys that are in use there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from texture.errors import SetupProblem
from texture.jobs.store.packages import need_package
from texture.settings import Settings

if TYPE_CHECKING:
    from redis import Redis

TIMEOUT = 4.0  # seconds for an answer: the other side may be there no longer without anybody having said so

STREAM = "texture:events"
TIDYING_KEY = "texture:tidying"  # there while it is a server's turn to remove what is old
VERSION_KEY = "texture:version"  # of the server that was started last
WORKERS = "texture:workers"  # a sorted set: names by when they were last heard of
MACHINES = "texture:machines"  # a hash: what is known of the speed of each kind of machine


def frame_key(job: str) -> str:
    """Its newest picture, for some seconds."""
    return f"texture:frame:{job}"


def interest_key(job: str) -> str:
    """There while somebody would look at a picture of it."""
    return f"texture:interest:{job}"


def worker_key(name: str) -> str:
    """What a worker says of itself, while it is alive."""
    return f"texture:worker:{name}"


def bell(entry: str) -> str:
    """The channel on which whoever holds an entry hears that its rows have changed."""
    return f"texture:bell:{entry}"


def connect(settings: Settings) -> Redis:
    """A client, which connects when it is used, and again after an error.

    Raises:
        SetupProblem: its package is missing.
    """
    need_package("redis", "TEXTURE_BROKER")
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    assert settings.broker is not None
    return Redis.from_url(
        settings.broker,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),  # everybody here tries again in a way of their own
    )


@contextmanager
def told_as_setup_problem(settings: Settings) -> Iterator[None]:
    """Redis errors of a start, in words that name the address and not its password."""
    from redis import RedisError

    try:
        yield
    except RedisError as error:
        raise SetupProblem(f"Redis at {address(settings)} (TEXTURE_BROKER) cannot be used: {error}") from error


def address(settings: Settings) -> str:
    """The broker's address without user and password."""
    return (settings.broker or "").rpartition("@")[2].removeprefix("redis://").removeprefix("rediss://")
