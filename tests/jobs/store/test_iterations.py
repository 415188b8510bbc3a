"""Of many iterations few pictures are kept, spread evenly, and they go with their job."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texture.jobs.store import Store
from texture.jobs.store.iterations import MOST, spread


def kept_after(steps: int, kept: list[int] | None = None, since: int = 0) -> list[int]:
    """What is kept where a picture of each step is offered."""
    kept = kept or []
    for number in range(since + 1, steps + 1):
        kept = spread([*kept, number])
    return kept


def test_few_steps_are_all_kept() -> None:
    assert kept_after(MOST) == list(range(1, MOST + 1))


@pytest.mark.parametrize(("steps", "interval"), [(49, 2), (96, 2), (97, 4), (200, 8), (5000, 128)])
def test_many_are_thinned_to_one_in_each_interval(steps: int, interval: int) -> None:
    kept = kept_after(steps)
    assert kept == list(range(1, steps + 1, interval))
    assert MOST / 2 <= len(kept) <= MOST


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=300, unique=True).map(sorted))
def test_some_steps_are_never_offered(offered: list[int]) -> None:
    kept: list[int] = []
    for number in offered:
        kept = spread([*kept, number])
    assert len(kept) <= MOST
    assert kept[0] == offered[0]
    assert kept == sorted(kept)
    assert {*kept} <= {*offered}
    assert spread(kept) == kept


def test_after_a_restart_it_goes_on_as_if_there_had_been_none() -> None:
    before = kept_after(130)
    resumed = spread([*(number for number in before if number <= 100)])
    assert kept_after(1000, resumed, since=100) == kept_after(1000)


def test_gaps_are_even_up_to_one_interval() -> None:
    gaps = {later - earlier for earlier, later in pairwise(kept_after(777))}
    assert gaps == {32}


def test_pictures_are_found_by_their_step_and_go_with_the_job(store: Store) -> None:
    assert store.iterations.numbers("one") == []
    for number in (9, 100, 17):
        store.iterations.put("one", number, b"%d" % number)
    assert store.iterations.numbers("one") == [9, 17, 100]
    with store.iterations.open("one", 17) as file:
        assert file.read() == b"17"
    store.iterations.remove("one", [9, 10])
    assert store.iterations.numbers("one") == [17, 100]
    assert store.artifacts.bytes_of("one") == 5
    store.artifacts.forget("one")
    assert store.iterations.numbers("one") == []
    with pytest.raises(FileNotFoundError):
        store.iterations.open("one", 17)


@pytest.mark.folder
def test_what_a_killed_process_was_about_to_write_is_no_picture(store: Store) -> None:
    store.iterations.put("one", 1, b"whole")
    draft = store.files.job("one") / "iterations" / ".texture-0123-4567.part"
    draft.write_bytes(b"ha")
    assert store.iterations.numbers("one") == [1]
    store.artifacts.sweep("one")
    assert not draft.exists()
    assert store.iterations.numbers("one") == [1]
