"""A data folder of an older version (see old_folder/make.py) opens, all that is in it is there, and its jobs go on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from texture.images.decoding import decode
from texture.images.encoding import read_recipe
from texture.jobs.domain.events import Silence
from texture.jobs.domain.job import Entry, Job
from texture.jobs.engines.inline import Inline
from texture.jobs.running.worker import Worker
from texture.jobs.store import Store
from texture.jobs.store.history import Wanted
from texture.methods.artifacts import FITTED, MODEL, PICTURE, PREVIEW
from texture.methods.registry import find_method
from texture.settings import Settings

pytestmark = pytest.mark.folder

ME = "me"
THROWN_AWAY = "ea1ba03fa95db068837a3e73109d9322"
OLD = Path(__file__).parent / "old_folder" / "data"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(OLD, tmp_path / "data")
    return Settings(data=tmp_path / "data", device="cpu", offline=True)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store(settings)
    yield store
    store.close()


def job_of(store: Store, method: str, state: str) -> Job:
    (found,) = [job for job in store.jobs.list(ME) if (job.method, job.state, job.comparison) == (method, state, None)]
    return found


def test_every_job_is_there_with_what_it_left(store: Store) -> None:
    done, failed = job_of(store, "counting", "done"), job_of(store, "counting", "failed")
    assert (done.number, done.total, done.done, done.exemplar) == (5, 5, 1.0, "slope")
    assert done.files == [MODEL.name, "origins.png"]
    assert done.metrics["patch"] > 0
    assert store.jobs.points(done.id)[-1].number == 5
    for name in (PICTURE.name, PREVIEW.name, "origins.png"):
        assert store.artifacts.exists(done.id, name)
    recipe = read_recipe(store.artifacts.get(done.id, PICTURE.name))
    assert recipe is not None
    assert (recipe["method"], recipe["step"]) == ("counting", 5)
    assert (failed.number, failed.message) == (2, "counting stopped at step 3, as fail_at asked")
    assert not store.artifacts.exists(failed.id, PICTURE.name)
    assert not store.artifacts.exists(done.id, FITTED.name)


def test_pictures_comparisons_and_models_are_there(store: Store) -> None:
    (entry,) = [entry for entry in store.history.search(ME, Wanted(exemplar="SLOPE")) if entry.kind == "comparison"]
    comparison = store.comparisons.get(entry.id)
    assert comparison.shared
    assert comparison.labels == dict(
        zip([job.id for job in comparison.jobs], ["Counting · steps 3", "Counting · steps 4"], strict=True)
    )
    picture = store.pictures.get(comparison.images["source"])
    assert (picture.name, picture.width, picture.height) == ("slope", 48, 40)
    assert store.pictures.pixels(picture.id).shape == (40, 48, 3)
    assert [job.method for job in store.models.list(ME)] == ["sgan", "counting"]


def test_what_was_thrown_away_can_be_had_back(store: Store) -> None:
    assert store.trash.has_made(ME, THROWN_AWAY)
    assert store.trash.restore_job(THROWN_AWAY).state == "cancelled"


def test_parameters_of_every_job_are_understood(store: Store) -> None:
    """Some have had other names since."""
    for job in store.jobs.list(ME):
        fields = find_method(job.method).parse(job.params).model_dump()
        assert set(job.params) <= set(fields)  # by the names that they have now


def test_what_it_takes_is_counted(settings: Settings, store: Store) -> None:
    """Older rows do not say it: it is found out once, at the first start."""
    assert store.usage.of().bytes == 0
    Worker(settings, store, Silence()).begin()
    there = [path for kind in ("pictures", "jobs") for path in (settings.data / kind).rglob("*") if path.is_file()]
    found = store.usage.of()
    assert found.bytes + found.trash.bytes == sum(path.stat().st_size for path in there)
    assert found.pictures.bytes > 0


def test_what_waits_runs_to_its_end(settings: Settings, store: Store) -> None:
    """One from its checkpoint, one from its beginning, and what they leave is as good as before."""
    halfway, untouched = job_of(store, "counting", "queued"), job_of(store, "sgan", "queued")
    assert (halfway.number, halfway.place, untouched.place) == (16, 1, 2)
    Inline(settings, store, Silence()).start()
    for job, steps in ((halfway, 40), (untouched, 4)):
        done = store.jobs.get(job.id)
        assert (done.state, done.number, done.message) == ("done", steps, None)
    numbers = [point.number for point in store.jobs.points(halfway.id)]
    assert numbers[0] == 1
    assert numbers == sorted(set(numbers))
    assert decode(store.artifacts.get(halfway.id, PICTURE.name)).shape == (32, 32, 3)


def test_a_model_is_sampled(settings: Settings, store: Store) -> None:
    model = job_of(store, "sgan", "done")
    params = find_method("sample").parse({"size": "96x64"})
    sample = store.jobs.add(ME, "sample", params, {"model": model.id})
    Inline(settings, store, Silence()).start()
    assert decode(store.artifacts.get(sample.id, PICTURE.name)).shape == (64, 96, 3)


def test_the_history_has_it_all_newest_first(store: Store) -> None:
    entries: list[Entry] = store.history.search(ME)
    assert [(entry.kind, entry.jobs[0].method) for entry in entries] == [
        ("job", "sgan"),
        ("job", "counting"),
        ("job", "texnet"),
        ("comparison", "counting"),
        ("job", "sgan"),
        ("job", "counting"),
        ("job", "counting"),
    ]
