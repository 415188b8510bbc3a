"""The pictures that people brought, and those that come with the app."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from texture.errors import NotFound
from texture.images.checksum import checksum
from texture.images.decoding import reopen
from texture.images.encoding import encode_png, write_atomically
from texture.images.samples import SAMPLE, find_sample
from texture.jobs.domain.job import Picture
from texture.jobs.store.schema import PictureRow
from texture.jobs.store.tables import Tables
from texture.methods.sizes import Extent


class Pictures(Tables):
    """The table of pictures, and the files of their pixels."""

    def add_picture(self, owner: str, name: str, pixels: NDArray[np.uint8]) -> Picture:
        """Keep a picture, H×W×3 uint8, that has been decoded and checked.

        Raises:
            SetupProblem: the file cannot be written.
        """
        row = PictureRow(
            id=secrets.token_hex(16),
            owner=owner,
            name=name,
            width=pixels.shape[1],
            height=pixels.shape[0],
            checksum=checksum(pixels),
            created=datetime.now(UTC),
        )
        path = self.files.picture(row.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, encode_png(pixels))
        with self.writing.begin() as session:
            session.add(row)
        return _picture(row)

    def picture(self, picture: str) -> Picture:
        """What is known of a picture that a person brought.

        Raises:
            NotFound: there is none of that id.
        """
        with self.reading() as session:
            row = session.get(PictureRow, picture)
        if row is None:
            raise NotFound(f"picture {picture!r}: there is none of that id")
        return _picture(row)

    def pixels(self, picture: str) -> NDArray[np.uint8]:
        """The pixels, H×W×3, of a picture that a person brought, or of `sample:<name>`.

        Raises:
            NotFound: there is no such picture or sample.
            InvalidInput: its file is gone or damaged.
        """
        if picture.startswith(SAMPLE):
            return find_sample(picture.removeprefix(SAMPLE)).pixels()
        self.picture(picture)
        return reopen(self.files.picture(picture))

    def _size_of(self, picture: str) -> Extent:
        """Of a picture that a person brought, or of a sample. Raises NotFound."""
        if picture.startswith(SAMPLE):
            return Extent(*find_sample(picture.removeprefix(SAMPLE)).size)
        found = self.picture(picture)
        return Extent(found.width, found.height)

    def _name_for(self, owner: str, picture: str) -> str:
        """What a picture of this owner, or a sample, is called. Raises NotFound."""
        if picture.startswith(SAMPLE):
            return find_sample(picture.removeprefix(SAMPLE)).title
        found = self.picture(picture)
        if found.owner != owner:
            raise NotFound(f"picture {picture!r}: there is none of that id")
        return found.name


def _picture(row: PictureRow) -> Picture:
    return Picture(**{name: getattr(row, name) for name in Picture.model_fields})
