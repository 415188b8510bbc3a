"""What a store knows of a comparison, as reports want it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from texture.images.encoding import encode_jpeg, encode_png
from texture.jobs.domain.events import Silence
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.methods.registry import find_method
from texture.reports.result import results_of
from texture.reports.words import title_of
from texture.settings import Settings

ME = "me"


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data", device="cpu", offline=True)


@pytest.fixture
def store(settings):
    store = Store(settings)
    yield store
    store.close()


@pytest.fixture
def compare(store):
    """Queues a comparison of `counting` runs with these parameters."""

    def compare(*runs):
        method = find_method("counting")
        asked = [("counting", method.parse(run)) for run in runs]
        return store.comparisons.add(ME, {"source": "sample:clay"}, asked).id

    return compare


def test_finished_runs_are_told_with_what_they_came_to(settings, store, compare):
    id = compare({"steps": 5}, {"steps": 9, "size": "48x32"})
    Inline(settings, store, Silence()).start()
    comparison = store.comparisons.get(id)
    first, second = results_of(store, comparison)
    assert [first.label, second.label] == list(comparison.labels.values())
    assert (first.number, second.number, second.params["size"]) == (5, 9, "48x32")
    assert (first.pixels.shape, second.pixels.shape) == ((64, 64, 3), (32, 48, 3))
    assert first.points[-1].number == 5
    assert first.metrics["patch"] > first.baselines["patch"] > 0
    job = comparison.jobs[0]
    assert first.wall == pytest.approx((job.ended - job.created) / timedelta(seconds=1))
    assert 0 < first.share < 1


def test_runs_that_wait_have_nothing_yet(store, compare):
    (result,) = results_of(store, store.comparisons.get(compare({})))
    assert (result.state, result.number, result.wall, result.share) == ("queued", 0, 0.0, None)
    assert result.pixels is None


def test_the_newest_picture_is_the_one_at_full_size_or_else_that_of_the_screen(store, compare):
    comparison = store.comparisons.get(compare({}))
    job = comparison.jobs[0].id
    red, grey = np.full((32, 32, 3), (250, 0, 0), np.uint8), np.full((32, 32, 3), 90, np.uint8)
    store.artifacts.put(job, "preview.jpg", encode_jpeg(grey))
    assert np.abs(results_of(store, comparison)[0].pixels.astype(int) - grey).max() < 5
    store.artifacts.put(job, "result.png", encode_png(red))
    assert np.array_equal(results_of(store, comparison)[0].pixels, red)
    assert results_of(store, comparison, pictures=False)[0].pixels is None


def test_the_title_has_the_exemplar_and_the_number_of_runs(store, compare):
    assert title_of(store.comparisons.get(compare({}))) == "Cracked clay · 1 run compared"
    assert title_of(store.comparisons.get(compare({}, {}))) == "Cracked clay · 2 runs compared"
