"""What the table of jobs keeps, and what it refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from texture.errors import Conflict, InvalidInput, NotFound
from texture.images.samples import samples
from texture.jobs.domain.job import Job, Point
from texture.jobs.scheduling.queue import JobQueue, Progress
from texture.jobs.store import Store
from texture.methods.registry import find_method
from texture.settings import Settings

PARAMS = find_method("counting").parse({})


def test_picture_comes_back(store: Store) -> None:
    pixels = np.arange(32 * 40 * 3, dtype=np.uint8).reshape(32, 40, 3)
    picture = store.pictures.add("me", "../../etc/passwd", pixels)
    assert (picture.width, picture.height, picture.name) == (40, 32, "../../etc/passwd")
    assert store.pictures.get(picture.id) == picture
    assert np.array_equal(store.pictures.pixels(picture.id), pixels)
    assert "owner" not in picture.model_dump()


def test_job_comes_back_after_reopening(store: Store, settings: Settings, add: Callable[..., Job]) -> None:
    job = add(steps=5)
    assert (job.state, job.place, job.params["steps"], job.params["size"]) == ("queued", 1, 5, "64")
    assert Store(settings).jobs.get(job.id) == job
    assert "owner" not in job.model_dump()
    assert "crashes" not in job.model_dump()


@pytest.mark.parametrize(
    ("images", "error"),
    [
        ({}, InvalidInput),
        ({"content": "sample:pebbles"}, InvalidInput),
        ({"source": "PICTURE", "style": "PICTURE"}, InvalidInput),
        ({"source": "0" * 32}, NotFound),
        ({"source": "sample:nothing"}, NotFound),
        ({"source": "../../texture"}, NotFound),
    ],
)
def test_bad_pictures_are_refused(store: Store, picture: str, images: dict[str, str], error: type[Exception]) -> None:
    given = {role: value.replace("PICTURE", picture) for role, value in images.items()}
    with pytest.raises(error):
        store.jobs.add("me", "counting", PARAMS, given)
    assert store.jobs.list("me") == []


def test_a_job_knows_what_each_of_its_pictures_is_called(store: Store, picture: str) -> None:
    job = store.jobs.add("me", "counting", PARAMS, {"source": picture, "content": "sample:clay"})
    assert (job.names, job.exemplar) == ({"source": "noise", "content": "Cracked clay"}, "noise")


def test_picture_of_somebody_else_is_not_there(store: Store, picture: str) -> None:
    with pytest.raises(NotFound):
        store.jobs.add("you", "counting", PARAMS, {"source": picture})


def test_sample_is_everybodys(store: Store) -> None:
    name = next(iter(samples()))
    assert store.jobs.add("you", "counting", PARAMS, {"source": f"sample:{name}"}).state == "queued"
    assert store.pictures.pixels(f"sample:{name}").shape[2] == 3


def test_unknown_method(store: Store, picture: str) -> None:
    with pytest.raises(NotFound, match=r"one of match"):
        store.jobs.add("me", "magic", PARAMS, {"source": picture})


def test_jobs_are_listed_newest_first_by_owner_state_and_page(store: Store, add: Callable[..., Job]) -> None:
    jobs = [add() for _ in range(5)]
    store.jobs.cancel(jobs[1].id)
    newest_first = [job.id for job in reversed(jobs)]
    assert [job.id for job in store.jobs.list("me")] == newest_first
    assert [job.id for job in store.jobs.list("me", before=jobs[3].id, limit=2)] == newest_first[2:4]
    assert [job.id for job in store.jobs.list("me", "cancelled")] == [jobs[1].id]
    assert len(store.jobs.list("me", ("cancelled", "queued"))) == 5
    assert store.jobs.list("you") == []
    assert store.jobs.queued() == 4


def test_the_next_page_is_there_though_the_last_job_of_this_one_has_been_deleted(
    store: Store, add: Callable[..., Job]
) -> None:
    jobs = [add() for _ in range(3)]
    store.trash.put_job(jobs[1].id)
    assert [job.id for job in store.jobs.list("me", before=jobs[1].id)] == [jobs[0].id]
    for owner, job in (("you", jobs[1].id), ("me", "0" * 32)):
        with pytest.raises(NotFound, match="no such job"):
            store.jobs.list(owner, before=job)


def test_one_of_many_threads_wins(store: Store, add: Callable[..., Job]) -> None:
    job = add()
    start, outcomes = threading.Barrier(8), []

    def pause() -> None:
        start.wait()
        try:
            outcomes.append(store.jobs.pause(job.id).state)
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=pause) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paused"] + ["refused"] * 7


def test_numbers_of_events_grow_over_restarts(store: Store, settings: Settings, add: Callable[..., Job]) -> None:
    job = add()
    newest = max(store.database.sequence.next(job.id) for _ in range(5))  # told, and never written down
    again = Store(settings)
    JobQueue(again).begin()
    assert again.database.sequence.next(job.id) > newest


def test_points_are_thinned(store: Store, add: Callable[..., Job]) -> None:
    job, queue = add(), JobQueue(store)
    assert queue.take(job.id)
    for number in range(1, 701):
        point = Point(number=number, seconds=number / 10, wall=number / 5, values={"loss": 1 / number})
        assert queue.note(job.id, Progress(number), [point])
    points = store.jobs.points(job.id)
    assert 300 <= len(points) <= 600
    assert (points[0].number, points[-1].number) == (1, 700)
    assert points[0] == Point(number=1, seconds=0.1, wall=0.2, values={"loss": 1.0})
    assert [point.number for point in points] == sorted(point.number for point in points)


def test_the_worker_writes_only_to_what_runs(store: Store, add: Callable[..., Job]) -> None:
    job, queue = add(), JobQueue(store)
    assert queue.take(job.id)
    assert not queue.take(job.id)
    store.jobs.pause(job.id)
    assert not queue.note(job.id, Progress(5))
    assert not queue.end(job.id, "done", Progress(5))
    assert store.jobs.resume(job.id).state == "queued"
    assert queue.front(1) == []  # it is still in the worker's hands
    assert not queue.take(job.id)
    queue.put_down(job.id, Progress(5))
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).number) == ("queued", 5)
    assert queue.take(job.id)
