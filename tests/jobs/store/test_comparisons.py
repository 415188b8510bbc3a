"""Several runs on one exemplar: kept together, active together, with the same time each, and each its own master."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from texture.errors import InvalidInput, NotFound
from texture.images.decoding import decode
from texture.jobs.domain.job import Comparison, Job
from texture.jobs.domain.labels import labels
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.methods.registry import find_method

ME = "me"
Add = Callable[..., Job]
Compare = Callable[..., Comparison]
Start = Callable[..., Inline]
ENDLESS = 10_000_000


@pytest.fixture
def compare(store: Store, picture: str) -> Compare:
    """A comparison of counting runs, one for each dictionary of parameters."""

    def compare(*runs: dict[str, Any]) -> Comparison:
        parse = find_method("counting").parse
        return store.comparisons.add(ME, {"source": picture}, [("counting", parse(run)) for run in runs])

    return compare


def test_comes_back_as_it_was_made(store: Store, picture: str, compare: Compare) -> None:
    made = compare({"steps": 5}, {"steps": 7})
    assert (made.exemplar, made.images, made.shared) == ("noise", {"source": picture}, False)
    assert [job.params["steps"] for job in made.jobs] == [5, 7]
    assert {job.comparison for job in made.jobs} == {made.id}
    assert [job.exemplar for job in made.jobs] == ["noise", "noise"]
    assert store.comparisons.get(made.id) == made
    assert "owner" not in made.model_dump()


def test_a_run_is_added_after_the_others(store: Store, compare: Compare) -> None:
    made = compare({"steps": 5})
    added = store.comparisons.add_run(made.id, "counting", find_method("counting").parse({"steps": 9}))
    assert [job.id for job in store.comparisons.get(made.id).jobs] == [made.jobs[0].id, added.id]
    assert (added.owner, added.images, added.comparison) == (ME, made.images, made.id)


def test_a_run_is_given_what_it_has_a_use_for(store: Store, picture: str) -> None:
    images = {"source": picture, "content": "sample:cat", "initial": "sample:clay"}
    asked = [("cnnmrf", {"start": "noise"}), ("cnnmrf", {"start": "picture"}), ("texnet", {}), ("counting", {})]
    runs = [(method, find_method(method).parse(params)) for method, params in asked]
    given = [list(job.images) for job in store.comparisons.add(ME, images, runs).jobs]
    assert given == [["source", "content"], ["source", "content", "initial"], ["source"], list(images)]


def test_is_shared_and_no_longer(store: Store, compare: Compare) -> None:
    made = compare({})
    assert store.comparisons.share(made.id, True).shared
    assert store.comparisons.get(made.id).shared
    assert not store.comparisons.share(made.id, False).shared


@pytest.mark.parametrize("count", [0, 17])
def test_too_many_runs_or_none_are_refused(compare: Compare, count: int) -> None:
    with pytest.raises(InvalidInput, match=f"{count} of them; 1 to 16") as refused:
        compare(*[{}] * count)
    assert refused.value.field == "runs"


def test_seventeenth_run_is_refused(store: Store, compare: Compare) -> None:
    made = compare(*[{}] * 16)
    with pytest.raises(InvalidInput, match="17"):
        store.comparisons.add_run(made.id, "counting", find_method("counting").parse({}))
    assert len(store.comparisons.get(made.id).jobs) == 16


@pytest.mark.parametrize(
    ("images", "method", "error"),
    [
        ({}, "counting", InvalidInput),
        ({"source": "PICTURE", "style3": "PICTURE"}, "counting", InvalidInput),
        ({"source": "0" * 32}, "counting", NotFound),
        ({"source": "PICTURE"}, "magic", NotFound),
        ({"source": "PICTURE"}, "sample", InvalidInput),
    ],
)
def test_bad_runs_leave_nothing(
    store: Store, picture: str, images: dict[str, str], method: str, error: type[Exception]
) -> None:
    given = {role: value.replace("PICTURE", picture) for role, value in images.items()}
    params = find_method("counting").parse({})
    with pytest.raises(error):
        store.comparisons.add(ME, given, [("counting", params), (method, params)])
    assert store.jobs.list(ME) == store.history.search(ME) == []


def test_unknown_one(store: Store) -> None:
    comparisons, trash = store.comparisons, store.trash
    for call, *more in (
        (comparisons.get,),
        (comparisons.share, True),
        (comparisons.add_run, "counting", find_method("counting").parse({})),
        (trash.put_comparison,),
        (trash.restore_comparison,),
    ):
        with pytest.raises(NotFound, match="nothing"):
            call("nothing", *more)


def test_labels_tell_what_differs(compare: Compare) -> None:
    jobs = compare({"steps": 5, "fail_at": 5}, {"steps": 7, "train": True}, {"steps": 7, "train": True}).jobs
    named = labels(jobs)
    assert [named[job.id] for job in jobs] == [
        "Counting · steps 5 · fail at 5 · train off",
        "Counting · steps 7 · train on · 1",
        "Counting · steps 7 · train on · 2",
    ]
    assert labels(jobs[:1]) == {jobs[0].id: "Counting"}


def test_jobs_are_put_side_by_side_in_the_order_that_is_asked_for(store: Store, add: Add, compare: Compare) -> None:
    alone, (first, _) = add(steps=3), compare({"steps": 5}, {"steps": 7}).jobs
    beside = store.comparisons.side_by_side(ME, f"{first.id}+{alone.id}+{first.id}")
    assert [job.id for job in beside.jobs] == [first.id, alone.id]
    assert (beside.kept, beside.images, beside.exemplar) == (False, first.images, "noise")
    assert beside.labels[alone.id] == "Counting · steps 3"
    assert store.jobs.get(alone.id).comparison is None


def test_jobs_on_several_exemplars_have_no_picture_in_common(store: Store, add: Add, picture: str) -> None:
    parse = find_method("counting").parse
    clay = store.jobs.add(ME, "counting", parse({}), {"source": "sample:clay", "content": picture})
    noise = store.jobs.add(ME, "counting", parse({}), {"source": picture, "content": picture})
    beside = store.comparisons.side_by_side(ME, f"{clay.id}+{noise.id}")
    assert (beside.images, beside.exemplar) == ({"content": picture}, "Cracked clay, noise")
    assert beside.labels == {clay.id: "Cracked clay · Counting", noise.id: "noise · Counting"}


def test_side_by_side_are_those_of_ones_own_that_are_still_there(store: Store, add: Add) -> None:
    kept, deleted = add(), add()
    asked = f"{kept.id}+{deleted.id}"
    store.trash.put_job(deleted.id)
    assert [job.id for job in store.comparisons.side_by_side(ME, asked).jobs] == [kept.id]
    store.trash.restore_job(deleted.id)
    assert len(store.comparisons.side_by_side(ME, asked).jobs) == 2
    for owner, id in (("another", asked), (ME, "a+b"), (ME, "+"), (ME, "+".join([kept.id, *"abcdefghijklmnop"]))):
        with pytest.raises(NotFound, match="1 to 16 jobs of your own"):
            store.comparisons.side_by_side(owner, id)


@pytest.mark.parametrize("active", [1, 2])
def test_all_runs_are_active_together_with_the_same_time_each(
    store: Store, picture: str, settings: Any, listener: Any, add: Add, timed: list[str], active: int
) -> None:
    """Steps of 1, 2, 4 and 8 seconds, by a clock that only they move, beside as many single jobs as have room."""
    parse = find_method("timed").parse
    runs = [("timed", parse({"work": work, "seed": work, "steps": ENDLESS})) for work in (1, 2, 4, 8)]
    made = store.comparisons.add(ME, {"source": picture}, runs)
    others = [add(steps=ENDLESS) for _ in range(2)]
    engine = Inline(settings.model_copy(update={"active": active}), store, listener, rounds=500)
    engine.start()
    for other in others:
        assert store.jobs.get(other.id).state == ("running" if other in others[: active - 1] else "queued")
        store.jobs.cancel(other.id)
    engine.wake()
    assert [job.state for job in store.comparisons.get(made.id).jobs] == ["running"] * 4
    engine.stop()
    jobs = store.comparisons.get(made.id).jobs
    seconds = [job.seconds for job in jobs]
    assert min(seconds) > 200
    assert max(seconds) / min(seconds) < 1.1
    assert jobs[0].number > 7 * jobs[3].number


def test_one_place_in_the_queue_for_all(store: Store, add: Add, compare: Compare) -> None:
    first, runs, last = add(), compare({}, {}, {}), add()
    assert [store.jobs.get(job.id).place for job in (first, *runs.jobs, last)] == [1, 2, 2, 2, 3]
    added = store.comparisons.add_run(runs.id, "counting", find_method("counting").parse({}))
    assert [store.jobs.get(job.id).place for job in (added, last)] == [2, 3]


def test_an_added_run_joins_before_those_that_wait(
    settings: Any, store: Store, listener: Any, add: Add, compare: Compare
) -> None:
    runs, waiting = compare({"steps": ENDLESS}), add(steps=ENDLESS)
    engine = Inline(settings.model_copy(update={"active": 1}), store, listener, rounds=20)
    engine.start()
    added = store.comparisons.add_run(runs.id, "counting", find_method("counting").parse({"steps": ENDLESS}))
    engine.wake()
    assert [store.jobs.get(job.id).state for job in (runs.jobs[0], added, waiting)] == ["running", "running", "queued"]
    engine.stop()


def test_moving_one_run_leaves_the_others_as_they_would_have_been(
    store: Store, inline: Start, compare: Compare
) -> None:
    """Paused, cancelled, added in the midst; the two that nobody touches come out the same to the bit."""
    runs = compare(*({"steps": 60, "seed": seed} for seed in (1, 2, 1, 3)))
    untouched, paused, twin, cancelled = (job.id for job in runs.jobs)
    store.jobs.pause(twin)
    engine = inline(rounds=30)
    store.jobs.pause(paused)
    store.jobs.cancel(cancelled)
    engine.wake()
    store.comparisons.add_run(runs.id, "counting", find_method("counting").parse({"steps": 5}))
    for _ in range(8):
        engine.wake()
    states = [job.state for job in store.comparisons.get(runs.id).jobs]
    assert states == ["done", "paused", "paused", "cancelled", "done"]
    store.jobs.resume(twin)
    for _ in range(4):
        engine.wake()
    one, other = (decode(store.artifacts.get(id, "result.png")) for id in (untouched, twin))
    assert (one == other).all()
