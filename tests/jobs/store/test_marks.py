"""Names and stars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from texture.errors import NotFound
from texture.jobs.domain.job import Job
from texture.jobs.store import Store


def test_a_job_is_named_and_starred_and_each_by_itself(store: Store, add: Callable[..., Job]) -> None:
    job = add()
    assert (job.name, job.star) == (None, False)
    named = store.marks.job(job.id, name="Wall")
    assert (named.name, named.star) == ("Wall", False)
    starred = store.marks.job(job.id, star=True)
    assert (starred.name, starred.star) == ("Wall", True)
    bare = store.marks.job(job.id, name="")
    assert (bare.name, bare.star) == (None, True)
    assert job.seq < named.seq < starred.seq < bare.seq


def test_followers_hear_of_it_once(store: Store, add: Callable[..., Job]) -> None:
    job = add()
    store.database.changes.clear()
    store.marks.job(job.id, name="Wall", star=True)
    assert list(store.database.changes) == [job.id]
    store.marks.job(job.id, name="Wall")
    assert list(store.database.changes) == [job.id], "nothing has changed"


def test_a_comparison_has_them_apart_from_its_runs(store: Store, compare: Callable[..., Any]) -> None:
    compared = compare(1, 2)
    marked = store.marks.comparison(compared.id, "Walls", star=True)
    assert (marked.name, marked.star, {job.star for job in marked.jobs}) == ("Walls", True, {False})
    (entry,) = store.history.search("me")
    assert (entry.name, entry.star) == ("Walls", True)


def test_what_is_in_the_trash_keeps_them_and_gets_none(store: Store, add: Callable[..., Job]) -> None:
    job = store.marks.job(add().id, "Wall", star=True)
    store.trash.put_job(job.id)
    for mark in (store.marks.job, store.marks.comparison):
        with pytest.raises(NotFound):
            mark(job.id, star=False)
    back = store.trash.restore_job(job.id)
    assert (back.name, back.star) == ("Wall", True)
