"""Bringing the copy into the cache: by one process at a time, from a person's file or the first source that answers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from texture.features.weights.fetch import SOURCES, NotFetched, Source
from texture.features.weights.place import Place
from texture.features.weights.weights_file import Unreadable


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the fetching is: bytes, where `total` is known."""

    message: str
    done: int = 0
    total: int | None = None

    @property
    def fraction(self) -> float | None:
        """0..1, or None while nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None


Report = Callable[[Progress], None]


@contextmanager
def turn(place: Place, report: Report) -> Iterator[None]:
    """Have the network's copy for oneself; the system frees it when its holder dies, whose traces are removed here.

    Raises:
        OSError: the cache folder cannot be made or written.
    """
    report(Progress(f"getting ready to bring the {place.title} weights"))
    place.cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.cache / f"{place.network}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Progress(f"another process is bringing the {place.title} weights"))
        lock.acquire(poll_interval=0.2)
    try:
        _clear_up(place)
        yield
    finally:
        lock.release()


def _clear_up(place: Place) -> None:
    """Remove what a killed process left: folders of fetched things, drafts of copies."""
    from texture.images.encoding import drafts  # imports numpy

    for folder in place.cache.glob(f"{_fetching(place)}*"):
        shutil.rmtree(folder)
    for draft in drafts(place.copy):
        draft.unlink()


def _fetching(place: Place) -> str:
    """How the names of the folders begin into which it is fetched."""
    return f"fetching-{place.network}."


def adopt(place: Place, own: Path, report: Report) -> None:
    """Make the copy from a person's own file.

    Raises:
        Unreadable: the file is damaged, or of another network.
    """
    report(Progress(f"reading {own}"))
    _make_copy(own, place, str(own))


def fetch(place: Place, report: Report) -> None:
    """Make the copy from the first source that answers.

    Raises:
        NotFetched: none did; the text has each one's reason.
    """
    reasons = []
    for source in SOURCES[place.network]:
        try:
            _fetch_from(source, place, report)
            return
        except (NotFetched, Unreadable) as error:
            reasons.append(f"{source.name}: {error}")
    raise NotFetched("; ".join(reasons))


def _fetch_from(source: Source, place: Place, report: Report) -> None:
    start = Progress(f"fetching the {place.title} weights ({source.name})", 0, source.size)
    report(start)
    with tempfile.TemporaryDirectory(prefix=_fetching(place), dir=place.cache) as folder:
        file = source.fetch(Path(folder), lambda done: report(replace(start, done=done)))
        report(Progress(f"unpacking the {place.title} weights", source.size, source.size))
        _make_copy(file, place, source.name)


def _make_copy(file: Path, place: Place, source: str) -> None:
    from texture.features.weights.normalised_copy import make_copy  # imports torch

    make_copy(file, place.copy, source, place.network)
