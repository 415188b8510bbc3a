"""Disk use: summed up from the rows, which hold the bytes of what they stand for; the folder is never walked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.database import Database
from texture.jobs.store.queries import has_item
from texture.jobs.store.schema import JobRow, PictureRow
from texture.methods.artifacts import MODEL

if TYPE_CHECKING:
    from texture.jobs.store.pictures import Pictures

LOW = 10**9  # bytes free on the disk, below which people are told


@dataclass(frozen=True)
class Amount:
    """How many there are, and the bytes of their files."""

    count: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Used:
    """What one owner has, or all of them. A job counts with all its files, as of when the worker last released it.

    models: jobs that have one; jobs: the others. trash: jobs that were deleted and can still be restored.
    """

    pictures: Amount
    jobs: Amount
    models: Amount
    trash: Amount

    @property
    def bytes(self) -> int:
        """Of everything that counts towards a quota: the trash does not."""
        return self.pictures.bytes + self.jobs.bytes + self.models.bytes


class Usage:
    """The disk use of a store."""

    def __init__(self, database: Database, pictures: Pictures, artifacts: Artifacts, folder: Path | None) -> None:
        """folder: where the blobs are, if they are on this machine."""
        self._database, self._pictures, self._artifacts, self._folder = database, pictures, artifacts, folder

    def of(self, owner: str | None = None) -> Used:
        """What this owner has; without one, what all have."""
        with self._database.reading() as session:
            return used(session, owner)

    @property
    def free(self) -> int | None:
        """Bytes that are free on the disk of the data folder; None where the blobs are in a bucket."""
        return None if self._folder is None else shutil.disk_usage(self._folder).free

    @property
    def database_bytes(self) -> int:
        """Of the database."""
        return self._database.bytes

    def measure(self) -> None:
        """Fill in the bytes of rows of an older version, which did not count them. The rows' jobs must be at rest."""
        with self._database.reading() as session:
            jobs = list(session.scalars(select(JobRow.id).where(JobRow.bytes == 0, JobRow.number > 0)))
            pictures = list(session.scalars(select(PictureRow.id).where(PictureRow.bytes == 0)))
        changes = [update(JobRow).where(JobRow.id == id).values(bytes=self._artifacts.bytes_of(id)) for id in jobs]
        for id in pictures:
            changes.append(update(PictureRow).where(PictureRow.id == id).values(bytes=self._pictures.bytes_of(id)))
        with self._database.writing() as session:
            for change in changes:
                session.execute(change)


def used(session: Session, owner: str | None = None) -> Used:
    """What `Usage.of` returns, within a transaction."""
    trained = has_item(JobRow.files, MODEL.name)
    kind = case((JobRow.trashed.is_not(None), "trash"), (trained, "models"), else_="jobs")
    jobs = select(kind.label("kind"), JobRow.bytes)
    pictures = select(func.count(), func.coalesce(func.sum(PictureRow.bytes), 0))
    if owner is not None:
        jobs, pictures = jobs.where(JobRow.owner == owner), pictures.where(PictureRow.owner == owner)
    told = jobs.subquery()
    summed = select(told.c.kind, func.count(), func.sum(told.c.bytes)).group_by(told.c.kind)
    found = {name: Amount(count, int(size)) for name, count, size in session.execute(summed)}
    kinds = {name: found.get(name, Amount()) for name in ("jobs", "models", "trash")}
    count, size = session.execute(pictures).one()
    return Used(pictures=Amount(count, int(size)), **kinds)
