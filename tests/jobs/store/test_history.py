"""All that somebody has made, to be searched."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from texture.errors import NotFound
from texture.jobs.domain.job import Job
from texture.jobs.store import Store
from texture.jobs.store.history import Wanted
from texture.methods.registry import find_method

ME = "me"


@pytest.fixture
def picture_of(store: Store) -> Callable[[str], str]:
    return lambda name: store.pictures.add(ME, name, np.zeros((32, 32, 3), np.uint8)).id


@pytest.fixture
def made(store: Store, picture_of: Callable[[str], str], plug: Callable[..., None]) -> list[str]:
    """Entries, oldest first: two jobs, a comparison of three, a job."""
    plug("other", lambda *_: iter(()))
    params = find_method("counting").parse({})

    def job(name: str, method: str = "counting") -> str:
        return store.jobs.add(ME, method, params, {"source": picture_of(name)}).id

    single, other = job("Äpfel 100%.png"), job("moss", "other")
    runs = [("counting", params), ("other", params), ("counting", params)]
    compared = store.comparisons.add(ME, {"source": picture_of("old wall")}, runs).id
    return [single, other, compared, job("wall_paper")]


def found(store: Store, **search: object) -> list[str]:
    page = {name: search.pop(name) for name in ("before", "limit") if name in search}
    return [entry.id for entry in store.history.search(ME, Wanted(**search), **page)]  # type: ignore[arg-type]


def test_newest_first_with_the_runs_of_a_comparison_in_one_entry(store: Store, made: list[str]) -> None:
    entries = store.history.search(ME)
    assert [entry.id for entry in entries] == made[::-1]
    assert [entry.kind for entry in entries] == ["job", "comparison", "job", "job"]
    assert [entry.exemplar for entry in entries] == ["wall_paper", "old wall", "moss", "Äpfel 100%.png"]
    assert [len(entry.jobs) for entry in entries] == [1, 3, 1, 1]
    assert [job.method for job in entries[1].jobs] == ["counting", "other", "counting"]
    assert entries[0].created == entries[0].jobs[0].created
    assert store.history.search("you") == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({"method": "other"}, [2, 1]),
        ({"method": "counting"}, [3, 2, 0]),
        ({"method": "gatys"}, []),
        ({"exemplar": "WALL"}, [3, 2]),
        ({"exemplar": "äPFEL"}, [0]),
        ({"exemplar": "100%"}, [0]),
        ({"exemplar": "%"}, [0]),
        ({"exemplar": "wall_"}, [3]),
        ({"exemplar": "wall", "method": "other"}, [2]),
        ({"exemplar": "'; DROP TABLE jobs; --"}, []),
        ({"limit": 2}, [3, 2]),
        ({"text": "WALL"}, [3, 2]),
        ({"text": "courtyard"}, [3, 1]),
        ({"text": "COUNTING"}, [3, 2, 0]),
        ({"text": "wall · counting"}, [3, 2]),
        ({"text": "counting apfel"}, []),
        ({"text": "COURT", "starred": True}, [1]),
        ({"exemplar": "courtyard"}, []),
        ({"starred": True}, [2, 1]),
        ({"state": "cancelled"}, [2, 0]),
        ({"state": "cancelled", "method": "other"}, [2]),
        ({"state": "queued"}, [3, 2, 1]),
        ({"state": "queued", "starred": True, "method": "counting"}, [2]),
    ],
)
def test_search(store: Store, made: list[str], search: dict[str, object], expected: list[int]) -> None:
    store.marks.job(made[1], "Courtyard, east", star=True)
    store.marks.job(made[3], "courtyard")
    store.marks.comparison(made[2], star=True)
    store.jobs.cancel(made[0])
    store.jobs.cancel(store.comparisons.get(made[2]).jobs[1].id)
    assert found(store, **search) == [made[i] for i in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed 3", [3, 0]),  # and not seed 30
        ("Seed 30", [1]),
        ("seed 0", [2]),  # a usual value that cards say, too
        ("clay seed 3", [0]),
        ("clay, counting · Seed 3 · steps 7", [0]),
        ("steps 7", [0]),
        ("7", [0]),
        ("seed", [3, 2, 1, 0]),
        ("patch", []),
    ],
)
def test_what_cards_say_is_found(store: Store, text: str, expected: list[int]) -> None:
    method = find_method("counting")
    settings = [("clay", {"seed": 3, "steps": 7}), ("clay", {"seed": 30}), ("clay", {})]
    made = [store.jobs.add(ME, "counting", method.parse(p), {"source": f"sample:{one}"}).id for one, p in settings]
    runs = [("counting", method.parse({"seed": seed})) for seed in (2, 3)]
    made.append(store.comparisons.add(ME, {"source": "sample:pebbles"}, runs).id)
    assert found(store, text=text) == [made[i] for i in expected]


def test_a_comparison_is_found_by_the_name_and_the_star_of_a_run(store: Store, made: list[str]) -> None:
    run = store.comparisons.get(made[2]).jobs[1].id
    store.marks.job(run, "The best one", star=True)
    assert found(store, text="best") == found(store, starred=True) == [made[2]]
    store.trash.put_job(run)
    assert found(store, text="best") == found(store, starred=True) == []


def test_pages(store: Store, made: list[str]) -> None:
    assert found(store, before=made[3], limit=2) == [made[2], made[1]]
    assert found(store, before=made[2]) == [made[1], made[0]]
    assert found(store, before=made[0]) == []
    store.trash.put_comparison(made[2])
    assert found(store, before=made[2]) == [made[1], made[0]]  # the page that shows it may be older


@pytest.mark.parametrize("before", ["nothing", "SOMEBODY'S"])
def test_pages_begin_at_an_entry_of_ones_own(store: Store, made: list[str], before: str) -> None:
    theirs = store.jobs.add("you", "counting", find_method("counting").parse({}), {"source": "sample:pebbles"})
    with pytest.raises(NotFound):
        store.history.search(ME, before=theirs.id if before != "nothing" else before)


def test_samples_are_found_by_their_title(store: Store, made: list[str]) -> None:
    job: Job = store.jobs.add(ME, "counting", find_method("counting").parse({}), {"source": "sample:weave"})
    assert job.exemplar == "Woven cloth"
    assert found(store, exemplar="cloth") == [job.id]


def test_a_comparison_without_runs_is_not_listed(store: Store, made: list[str]) -> None:
    for job in store.comparisons.get(made[2]).jobs:
        store.trash.put_job(job.id)
    assert found(store) == [made[3], made[1], made[0]]
