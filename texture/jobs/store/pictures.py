"""Uploaded pictures, and the built-in samples."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from texture.errors import InvalidInput, NotFound
from texture.images.checksum import checksum
from texture.images.decoding import reopen
from texture.images.encoding import encode_png
from texture.images.map_files import Levels, decode_map, encode_map
from texture.images.samples import SAMPLE, find_sample
from texture.jobs.domain.job import Picture
from texture.jobs.store.blobs import Blobs
from texture.jobs.store.database import Database
from texture.jobs.store.notes import Notes
from texture.jobs.store.quotas import Quotas
from texture.jobs.store.schema import ComparisonRow, JobRow, PictureRow
from texture.jobs.store.usage import Amount
from texture.methods.sizes import Extent
from texture.wording import system_reason


class Pictures:
    """The table of pictures, and the blobs of their pixels."""

    def __init__(self, database: Database, blobs: Blobs, notes: Notes, quotas: Quotas) -> None:
        self._database, self._blobs, self._notes, self._quotas = database, blobs, notes, quotas

    def add(self, owner: str, name: str, pixels: Levels) -> Picture:
        """Store a picture, H×W×3 uint8, that has been decoded and checked; or a map, H×W×… of 8 or 16 bits.

        Raises:
            QuotaReached: the owner has as many pictures or bytes as one may have.
            SetupProblem: it cannot be written.
        """
        data = encode_map(pixels)
        row = PictureRow(
            id=secrets.token_hex(16),
            owner=owner,
            name=name,
            width=pixels.shape[1],
            height=pixels.shape[0],
            checksum=checksum(pixels),
            bytes=len(data),
            created=datetime.now(UTC),
        )
        self.check_room(owner)
        self._blobs.put(_key(row.id), data)
        self._notes.picture(row)
        try:
            with self._database.writing() as session:
                self._quotas.check_picture(session, owner)  # again: others may have come in meanwhile
                session.add(row)
        except Exception:
            self._remove_files(row.id)
            raise
        return _picture(row)

    def check_room(self, owner: str) -> None:
        """Raise QuotaReached where the owner has as many pictures or bytes as one may have."""
        with self._database.reading() as session:
            self._quotas.check_picture(session, owner)

    def discard(self, picture: str) -> None:
        """Remove a picture that nothing uses yet."""
        with self._database.writing() as session:
            session.execute(delete(PictureRow).where(PictureRow.id == picture))
        self._remove_files(picture)

    def get(self, picture: str) -> Picture:
        """The row of an uploaded picture.

        Raises:
            NotFound: there is none of that id.
        """
        with self._database.reading() as session:
            row = session.get(PictureRow, picture)
        if row is None:
            raise _no_picture(picture)
        return _picture(row)

    def pixels(self, picture: str) -> NDArray[np.uint8]:
        """The pixels, H×W×3, of an uploaded picture or of `sample:<name>`.

        Raises:
            NotFound: there is no such picture or sample.
            InvalidInput: its file is gone or damaged.
        """
        if picture.startswith(SAMPLE):
            return find_sample(picture.removeprefix(SAMPLE)).pixels()
        return reopen(self.png(picture), f"{picture}.png")

    def levels(self, picture: str) -> Levels:
        """The same as a map: with the channels and bits that it was uploaded with. Raises NotFound, InvalidInput."""
        if picture.startswith(SAMPLE):
            return self.pixels(picture)
        return decode_map(self.png(picture), f"{picture}.png")

    def png(self, picture: str) -> bytes:
        """The same as a PNG file's bytes. Raises NotFound, InvalidInput."""
        if picture.startswith(SAMPLE):
            return encode_png(self.pixels(picture))
        self.get(picture)
        try:
            return self._blobs.get(_key(picture))
        except FileNotFoundError as error:
            raise InvalidInput(f"{picture}.png is gone", field="source", value=picture) from error
        except OSError as error:
            raise InvalidInput(f"{picture}.png: {system_reason(error)}", field="source", value=picture) from error

    def check_file(self, picture: str) -> None:
        """Raise NotFound if the file of an uploaded picture is gone."""
        if not picture.startswith(SAMPLE) and not self._blobs.exists(_key(picture)):
            raise NotFound("this picture’s file is gone from the server: choose the picture again")

    def bytes_of(self, picture: str) -> int:
        """Of an uploaded picture's file; 0 where there is none."""
        return sum(self._blobs.sizes(_key(picture)).values())

    def size(self, picture: str) -> Extent:
        """The size of an uploaded picture or of a sample. Raises NotFound."""
        if picture.startswith(SAMPLE):
            return Extent(*find_sample(picture.removeprefix(SAMPLE)).size)
        found = self.get(picture)
        return Extent(found.width, found.height)

    def name(self, owner: str, picture: str) -> str:
        """The name of a picture of this owner, or of a sample. Raises NotFound."""
        if picture.startswith(SAMPLE):
            return find_sample(picture.removeprefix(SAMPLE)).title
        found = self.get(picture)
        if found.owner != owner:
            raise _no_picture(picture)
        return found.name

    def is_shared(self, picture: str) -> bool:
        """Whether a shared comparison of the picture's owner uses it."""
        owner = select(PictureRow.owner).where(PictureRow.id == picture).scalar_subquery()
        shared = ComparisonRow.owner == owner, ComparisonRow.shared, ComparisonRow.trashed.is_(None)
        with self._database.reading() as session:
            return any(
                picture in images.values() for images in session.scalars(select(ComparisonRow.images).where(*shared))
            )

    def unused(self, older_than: timedelta) -> Amount:
        """The pictures that `purge` would remove."""
        with self._database.reading() as session:
            rows = _unused(session, datetime.now(UTC) - older_than)
        return Amount(len(rows), sum(row.bytes for row in rows))

    def purge(self, older_than: timedelta) -> list[str]:
        """Permanently remove pictures that were uploaded longer ago and that no job or comparison uses.

        Those in the trash count. The ids of the pictures; a file that cannot be removed stays.
        """
        with self._database.writing() as session:
            gone = _unused(session, datetime.now(UTC) - older_than)
            for row in gone:
                session.delete(row)
        for row in gone:
            self._remove_files(row.id)
        return [row.id for row in gone]

    def _remove_files(self, picture: str) -> None:
        """What cannot be removed stays."""
        with suppress(OSError):
            self._blobs.delete(_key(picture))
            self._notes.forget_picture(picture)


def _unused(session: Session, limit: datetime) -> list[PictureRow]:
    named = [*session.scalars(select(JobRow.images)), *session.scalars(select(ComparisonRow.images))]
    used = {picture for images in named for picture in images.values()}
    old = session.scalars(select(PictureRow).where(PictureRow.created < limit))
    return [row for row in old if row.id not in used]


def _key(picture: str) -> str:
    return f"pictures/{picture}.png"


def _picture(row: PictureRow) -> Picture:
    return Picture(**{name: getattr(row, name) for name in Picture.model_fields})


def _no_picture(picture: str) -> NotFound:
    return NotFound(f"picture {picture!r}: no such picture")
