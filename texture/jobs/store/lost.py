"""The lost-and-found: files of jobs and pictures that are not in the database.

That comes of a database that is older than the files (a copy was put back), empty or gone. They are moved aside when
the server starts, and after a while they go for good. Until then those that have a note (see `notes`) can be taken in
again: `python -m texture take-in`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from texture.jobs.domain.job import ENDED
from texture.jobs.store.database import Database
from texture.jobs.store.files import Files, bytes_in, remove_folder
from texture.jobs.store.notes import NAME, read_note, row_from
from texture.jobs.store.schema import ComparisonRow, JobRow, PictureRow
from texture.jobs.store.usage import Amount

log = logging.getLogger(__name__)

STAMP = "%Y%m%dT%H%M%SZ"  # of the folder into which one start has put what it found
TAKEN_IN = "restored from the lost-and-found; resume it to continue"


class TakenIn(NamedTuple):
    """What was restored, and how many items have no note and stay where they are."""

    jobs: int
    pictures: int
    left: int


class NothingLost:
    """What stands for `Lost` where the blobs are in a bucket: whoever looks after that has its earlier versions."""

    @property
    def amount(self) -> Amount:
        """Nothing is there."""
        return Amount()

    def collect(self) -> int:
        """Nothing is moved."""
        return 0

    def old(self, older_than: timedelta) -> Amount:
        """Nothing is old."""
        return Amount()

    def purge(self, older_than: timedelta) -> None:
        """Nothing is removed."""

    def take_in(self) -> TakenIn:
        """Nothing is taken in."""
        return TakenIn(0, 0, 0)


class Lost(NothingLost):
    """The folder `lost-and-found` of a data folder."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database, self._files = database, files
        self._amount: Amount | None = None  # until something changes

    @property
    def amount(self) -> Amount:
        """The number of jobs and pictures in it, and the bytes of all that it holds."""
        known = self._amount  # which another thread may reset
        if known is None:
            self._amount = known = _amount(_in(self._files.lost))
        return known

    def collect(self) -> int:
        """Move what has no row, before anybody else uses the store; how many files and folders."""
        with self._database.reading() as session:
            known = {*session.scalars(select(JobRow.id)), *session.scalars(select(PictureRow.id))}
        folder = self._files.lost / datetime.now(UTC).strftime(STAMP)
        moved = 0
        for path in [path for kind in ("jobs", "pictures") for path in _in(self._files.data / kind)]:
            if path.name.startswith("."):
                path.unlink(missing_ok=True)  # a draft, which was never anything
            elif path.stem not in known:
                moved += _move(path, folder / path.parent.name)
        self._amount = None
        if moved:
            log.warning(
                "the database knows nothing of %d files in the data folder, which were moved to %s: if it is an older "
                "copy, stop the server and type `python -m texture take-in`",
                moved,
                folder,
            )
        return moved

    def take_in(self) -> TakenIn:
        """Rebuild the rows of all that has a note, and move it back. No server may be running."""
        pictures = sum(self._take_in_picture(path) for path in list(self._pictures()))
        jobs = sum(self._take_in_job(path) for path in list(self._jobs()))
        self._restore_comparisons()
        for folder in sorted(self._files.lost.rglob("*"), reverse=True):
            if folder.is_dir() and not _in(folder):
                folder.rmdir()
        self._amount = None
        return TakenIn(jobs, pictures, self.amount.count)

    def old(self, older_than: timedelta) -> Amount:
        """The jobs and pictures that `purge` would remove."""
        return _amount(self._older(older_than))

    def purge(self, older_than: timedelta) -> None:
        """Permanently remove what was found longer ago."""
        for folder in self._older(older_than):
            log.warning("what was put into %s has been there long enough, and is removed", folder)
            remove_folder(folder)
        self._amount = None

    def _older(self, older_than: timedelta) -> list[Path]:
        limit = (datetime.now(UTC) - older_than).strftime(STAMP)
        return [folder for folder in _in(self._files.lost) if folder.name < limit]

    def _jobs(self) -> Iterator[Path]:
        return self._files.lost.glob("*/jobs/*")

    def _pictures(self) -> Iterator[Path]:
        return self._files.lost.glob("*/pictures/*.png")

    def _take_in_picture(self, path: Path) -> bool:
        note = path.with_suffix(".json")
        try:
            row = row_from(PictureRow, read_note(note)["picture"] or {})
            with self._database.writing() as session:
                session.merge(row)
        except (OSError, ValueError, LookupError):
            return False
        return bool(_move(path, self._files.data / "pictures") and _move(note, self._files.data / "pictures"))

    def _take_in_job(self, folder: Path) -> bool:
        try:
            note = read_note(folder / NAME)
            with self._database.writing() as session:
                _insert(session, note["job"] or {}, note.get("comparison"))
        except (OSError, ValueError, LookupError):
            return False
        return bool(_move(folder, self._files.data / "jobs"))

    def _restore_comparisons(self) -> None:
        """Those whose own rows alone are lost, from the notes of their runs; a run without a note stands alone then."""
        stray = JobRow.comparison.is_not(None) & JobRow.comparison.not_in(select(ComparisonRow.id))
        with self._database.writing() as session:
            for job in list(session.scalars(select(JobRow.id).where(stray))):
                with suppress(OSError, ValueError):
                    _insert_comparison(session, read_note(self._files.job(job) / NAME).get("comparison"))
            for row in session.scalars(select(JobRow).where(stray)):
                row.comparison = None


def _insert_comparison(session: Session, comparison: dict[str, object] | None) -> None:
    about = row_from(ComparisonRow, comparison) if comparison else None
    if about is not None and session.get(ComparisonRow, about.id) is None:
        about.shared = False
        session.add(about)
        session.flush()


def _insert(session: Session, job: dict[str, object], comparison: dict[str, object] | None) -> None:
    _insert_comparison(session, comparison)
    row = row_from(JobRow, job)
    row.held, row.eta, row.position, row.crashes = False, None, 0, 0
    if row.state not in ENDED:
        row.state, row.message = "paused", TAKEN_IN
    session.merge(row)


def _amount(folders: list[Path]) -> Amount:
    """Of what several starts have found."""
    items = [path for folder in folders for kind in ("jobs/*", "pictures/*.png") for path in folder.glob(kind)]
    return Amount(len(items), sum(bytes_in(folder) for folder in folders))


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _move(path: Path, folder: Path) -> bool:
    """Whether it could be moved into `folder`; it stays where it is if not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)
    except OSError as error:
        log.warning("%s could not be moved to %s: %s", path, folder, error)
        return False
    return True
