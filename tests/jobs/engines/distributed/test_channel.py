"""Events between processes, through a real Redis: the newest arrive, pictures where somebody looks, after a cut too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.jobs.listening import Recorder
from tests.services.redis import Proxy, RedisServer
from texture.jobs.domain.events import Changed, Framed, Stepped
from texture.jobs.domain.job import Job
from texture.jobs.engines.distributed import channel
from texture.jobs.engines.distributed.channel import Incoming, Outgoing
from texture.jobs.engines.distributed.redis_client import connect
from texture.jobs.store import Store
from texture.settings import Settings

Add = Callable[..., Job]


class Viewer(Recorder):
    """Watches all that it is told to watch."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at: set[str] = set()

    def watched(self) -> frozenset[str]:
        return frozenset(self.looked_at)


@pytest.fixture
def viewer() -> Viewer:
    return Viewer()


@pytest.fixture
def proxy(redis: RedisServer) -> Iterator[Proxy]:
    proxy = Proxy(redis.port)
    yield proxy
    proxy.close()


@pytest.fixture
def outgoing(
    redis: RedisServer, proxy: Proxy, store: Store, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Outgoing]:
    """From a worker behind the proxy, to a server's viewer who is not."""
    monkeypatch.setattr("texture.jobs.engines.distributed.redis_client.TIMEOUT", 2.0)
    url = redis.url()
    behind = connect(Settings(broker=url.replace(str(redis.port), str(proxy.port))))
    outgoing, incoming = Outgoing(behind, "worker"), Incoming(connect(Settings(broker=url)), store, viewer, "server")
    incoming.start()
    outgoing.start()
    yield outgoing
    outgoing.stop(0.1)
    incoming.stop()


def step(job: str, number: int) -> Stepped:
    return Stepped(job, number, number, None, 0.0, 0.0, 0.0, None, {}, {})


def frame(job: str, number: int) -> Framed:
    return Framed(job, number, number, 8, 8, bytes([number]))


def until(happened: Callable[[], bool], within: float = 20.0) -> None:
    limit = time.monotonic() + within
    while not happened():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


def test_what_a_worker_says_is_heard_by_a_servers_viewers(outgoing: Outgoing, viewer: Viewer, add: Add) -> None:
    job = add()
    outgoing.publish(Changed(job.id, 5, job))
    outgoing.publish(step(job.id, 6))
    viewer.wait(lambda: len(viewer.events) == 2)
    assert [event for _, event in viewer.events] == [Changed(job.id, 5, job), step(job.id, 6)]


def test_pictures_are_wanted_while_somebody_looks(outgoing: Outgoing, viewer: Viewer) -> None:
    assert not outgoing.wants_frame("job")
    viewer.looked_at.add("job")
    time.sleep(5 * channel.LOOK_EVERY)
    assert not outgoing.wants_frame("job")  # watched, but with no room for a picture
    viewer.wanted = True
    until(lambda: outgoing.wants_frame("job"))
    outgoing.publish(frame("job", 1))
    viewer.wait(lambda: [one.jpeg for one in viewer.of(Framed, "job")] == [b"\x01"])
    viewer.wanted = False
    until(lambda: not outgoing.wants_frame("job"))


def test_a_picture_of_a_job_that_nobody_watches_is_not_fetched(outgoing: Outgoing, viewer: Viewer) -> None:
    viewer.looked_at.add("mine")
    outgoing.publish(frame("other", 1))
    outgoing.publish(frame("mine", 2))
    viewer.wait(lambda: bool(viewer.of(Framed, "mine")))
    assert not viewer.of(Framed, "other")


def test_a_cut_costs_no_more_than_what_has_been_overtaken(
    outgoing: Outgoing, viewer: Viewer, proxy: Proxy, add: Add
) -> None:
    """Nobody who publishes waits, and afterwards the newest of each job arrives."""
    job = add()
    viewer.looked_at.add(job.id)
    outgoing.publish(step(job.id, 1))
    viewer.wait_step(job.id, 1)
    proxy.cut()
    began = time.monotonic()
    for number in range(2, 200):
        outgoing.publish(step(job.id, number))
        outgoing.publish(frame(job.id, number))
    outgoing.publish(Changed(job.id, 500, job.model_copy(update={"state": "done"})))
    assert time.monotonic() - began < 0.5
    time.sleep(3)  # longer than anybody waits for an answer
    assert viewer.states(job.id) == []
    proxy.mend()
    viewer.wait_state(job.id, "done")
    viewer.wait_step(job.id, 199)
    assert len(viewer.of(Framed, job.id)) <= 3


def test_an_event_that_cannot_be_written_costs_no_other(outgoing: Outgoing, viewer: Viewer) -> None:
    outgoing.publish(step("job", 2**70))
    time.sleep(0.5)
    outgoing.publish(step("other", 1))
    viewer.wait_step("other", 1)


def test_a_look_that_fails_is_forgotten_with_the_cut(
    redis: RedisServer, proxy: Proxy, store: Store, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both threads notice a cut, and it does not matter which is the last."""
    monkeypatch.setattr("texture.jobs.engines.distributed.redis_client.TIMEOUT", 2.0)
    viewer.looked_at, viewer.wanted = {"job"}, True
    incoming = Incoming(connect(Settings(broker=redis.url(proxy.port))), store, viewer, "server")
    incoming.start()
    for _ in range(2):
        proxy.cut()
        until(lambda: incoming.trouble is not None)
        proxy.mend()
        until(lambda: incoming.trouble is None)
    incoming.stop()


def test_a_server_that_was_cut_off_reads_all_watched_rows_again(
    redis: RedisServer, proxy: Proxy, store: Store, viewer: Viewer, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("texture.jobs.engines.distributed.redis_client.TIMEOUT", 2.0)
    job = add()
    viewer.looked_at.add(job.id)
    incoming = Incoming(connect(Settings(broker=redis.url(proxy.port))), store, viewer, "server")
    incoming.start()
    proxy.cut()
    until(lambda: incoming.trouble is not None)
    store.jobs.pause(job.id)
    proxy.mend()
    viewer.wait_state(job.id, "paused")
    until(lambda: incoming.trouble is None)
    incoming.stop()
