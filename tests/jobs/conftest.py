"""A store in a folder of its own, engines of both kinds, and methods that do what a test wants to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.jobs.listening import Recorder
from texture.jobs.domain.job import Job
from texture.jobs.engines.inline import Inline
from texture.jobs.engines.protocol import open_engine
from texture.jobs.store import Store
from texture.methods import registry
from texture.methods.contract import Step
from texture.methods.counting import CountingParams
from texture.methods.registry import find_method, method
from texture.settings import Settings

ME = "me"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test that uses `settings` runs on both kinds of store, unless it is marked as being about the folder."""
    if "kind" in metafunc.fixturenames:
        about_folder = any(mark.name == "folder" for mark in metafunc.definition.iter_markers())
        alone = about_folder or "threaded" in metafunc.fixturenames
        metafunc.parametrize("kind", ["folder"] if alone else ["folder", "services"])


@pytest.fixture
def settings(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Of a store in a folder, or in a database and a bucket of its own."""
    settings = Settings(data=tmp_path / "data", device="cpu", cache=tmp_path / "cache", offline=True)
    if kind == "folder":
        yield settings
        return
    blobs = request.getfixturevalue("s3").prefix()
    with request.getfixturevalue("postgres").migrated() as database:
        yield settings.model_copy(update={"database": database, "blobs": blobs})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store(settings)
    yield store
    store.close()


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture
def picture(store: Store) -> str:
    pixels = np.random.default_rng(7).integers(0, 256, (48, 40, 3), np.uint8)
    return store.pictures.add(ME, "noise", pixels).id


@pytest.fixture
def add(store: Store, picture: str) -> Callable[..., Job]:
    """Queues a job of a method, `counting` unless told, with parameters by name."""

    def add(method: str = "counting", **params: Any) -> Job:
        return store.jobs.add(ME, method, find_method(method).parse(params), {"source": picture})

    return add


@pytest.fixture
def compare(store: Store, picture: str) -> Callable[..., Any]:
    """Queues a comparison of counting runs, one for each number of steps."""

    def compare(*steps: int) -> Any:
        runs = [("counting", find_method("counting").parse({"steps": count})) for count in steps]
        return store.comparisons.add(ME, {"source": picture}, runs)

    return compare


@pytest.fixture
def inline(settings: Settings, store: Store, listener: Recorder) -> Iterator[Callable[..., Inline]]:
    """Starts engines that work while they are woken; `rounds` bounds how long."""
    engines = []

    def start(rounds: int | None = None) -> Inline:
        engines.append(Inline(settings, store, listener, rounds))
        engines[-1].start()
        return engines[-1]

    yield start
    for engine in engines:
        engine.stop()


@pytest.fixture
def threaded(settings: Settings, store: Store, listener: Recorder) -> Iterator[Callable[..., Any]]:
    """Starts engines with a thread; they are stopped at the end of the test."""
    engines = []

    def start(**changes: Any) -> Any:
        engines.append(open_engine(settings.model_copy(update=changes), store, listener))
        engines[-1].start()
        return engines[-1]

    yield start
    for engine in engines:
        engine.stop()


@pytest.fixture
def plug() -> Iterator[Callable[..., None]]:
    """Registers a generator function as a method, with counting's parameters unless told, for one test."""
    names = []

    def plug(name: str, run: Any, **about: Any) -> None:
        names.append(name)
        method(
            name,
            title=name,
            paper="none",
            listed=False,
            **{"params": CountingParams, "produces": find_method("counting").produces, **about},
        )(run)

    yield plug
    for name in names:
        del registry._METHODS[name]


@pytest.fixture
def one_thread() -> Iterator[None]:
    """On a busy machine threads wait for each other, and then a single step may take half a second."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch, plug: Callable[..., None]) -> list[str]:
    """A method whose steps take `work` seconds by a clock of its own; the list has whose turns they were, by seed."""
    now, turns = [0.0], []

    def timed(p: Any, images: Any, device: Any, state: Any = None) -> Iterator[Step]:
        for number in range(1, p.steps + 1):
            turns.append(str(p.seed))
            now[0] += p.work
            yield Step(number, p.steps, lambda: torch.zeros(3, 32, 32), {}, lambda: {})

    plug("timed", timed)
    monkeypatch.setattr("texture.jobs.running.run.time.perf_counter", lambda: now[0])
    return turns
