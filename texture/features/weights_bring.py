"""Bringing the copy into the cache: by one process at a time, from a person's file or the first source that answers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from texture.features.weights_fetch import SOURCES, NotFetched, Source
from texture.features.weights_file import Unreadable


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
def turn(cache: Path, report: Report) -> Iterator[None]:
    """Have the cache folder for oneself; the system frees it when its holder dies, whose traces are removed here.

    Raises:
        OSError: the folder cannot be made or written.
    """
    report(Progress("getting ready to bring the VGG-19 weights"))
    cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache / "weights.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Progress("another process is bringing the VGG-19 weights"))
        lock.acquire(poll_interval=0.2)
    try:
        _clear_up(cache)
        yield
    finally:
        lock.release()


def _clear_up(cache: Path) -> None:
    """Remove what a killed process left: folders of fetched things, drafts of copies."""
    for folder in cache.glob("fetching-*"):
        shutil.rmtree(folder)
    for draft in cache.glob(".*vgg19.safetensors.*"):
        draft.unlink()


def adopt(own: Path, copy: Path, report: Report) -> None:
    """Make the copy from a person's own file.

    Raises:
        Unreadable: the file is damaged, or no VGG-19.
    """
    report(Progress(f"reading {own}"))
    _make_copy(own, copy, str(own))


def fetch(copy: Path, report: Report) -> None:
    """Make the copy from the first source that answers.

    Raises:
        NotFetched: none did; the text has each one's reason.
    """
    reasons = []
    for source in SOURCES:
        try:
            _fetch_from(source, copy, report)
            return
        except (NotFetched, Unreadable) as error:
            reasons.append(f"{source.name}: {error}")
    raise NotFetched("; ".join(reasons))


def _fetch_from(source: Source, copy: Path, report: Report) -> None:
    start = Progress(f"fetching the VGG-19 weights ({source.name})", 0, source.size)
    report(start)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=copy.parent) as folder:
        file = source.fetch(Path(folder), lambda done: report(replace(start, done=done)))
        report(Progress("unpacking the VGG-19 weights", source.size, source.size))
        _make_copy(file, copy, source.name)


def _make_copy(file: Path, copy: Path, source: str) -> None:
    from texture.features.weights_copy import make_copy  # imports torch

    make_copy(file, copy, source)
