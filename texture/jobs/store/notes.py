"""What the database knows of a job or a picture, as a file beside its own files: enough to rebuild the row.

A note is written whenever the worker claims or releases a job, and when a picture is uploaded. It is read only by
`lost` and `repair`, where the database is an older one, or damaged.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import inspect

from texture.images.encoding import replace_file
from texture.jobs.store.files import Files
from texture.jobs.store.schema import ComparisonRow, JobRow, Moment, PictureRow, Table

log = logging.getLogger(__name__)

NAME = "row.json"  # in a job's folder; a picture's has the picture's name

Row = TypeVar("Row", bound=Table)


def columns_of(row: Table) -> dict[str, Any]:
    """All columns of a row, ready for JSON."""
    values = {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def row_from(table: type[Row], columns: dict[str, Any]) -> Row:
    """The row that `columns_of` was given; columns that a newer version has are at their defaults.

    Raises:
        ValueError: that is no such row.
    """
    known = {attribute.key: attribute.columns[0] for attribute in inspect(table).column_attrs}
    moments = {key for key, column in known.items() if isinstance(column.type, Moment)}
    try:
        return table(
            **{
                key: datetime.fromisoformat(value) if key in moments and value else value
                for key, value in columns.items()
                if key in known
            }
        )
    except TypeError as error:
        raise ValueError(str(error)) from error


def is_note(key: str) -> bool:
    """Whether a file of that key is a note."""
    kind, _, name = key.partition("/")
    return name.endswith(f"/{NAME}") if kind == "jobs" else name.endswith(".json")


class Notes:
    """Writes the notes; where the blobs are not in a folder there are none. One that fails costs nobody anything."""

    def __init__(self, files: Files | None) -> None:
        self._files = files

    def job(self, row: JobRow, comparison: ComparisonRow | None = None) -> None:
        """Keep what is known of a job, and of its comparison."""
        if self._files is not None:
            _write(self._files.job(row.id) / NAME, job=row, comparison=comparison)

    def picture(self, row: PictureRow) -> None:
        """Keep what is known of a picture."""
        if self._files is not None:
            _write(self._files.picture_note(row.id), picture=row)

    def forget_picture(self, picture: str) -> None:
        """Remove a picture's note; a job's goes with its folder."""
        if self._files is not None:
            self._files.picture_note(picture).unlink(missing_ok=True)


def _write(path: Path, **rows: Table | None) -> None:
    """The rows, by a name for each."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps({name: row and columns_of(row) for name, row in rows.items()}).encode())
    except OSError:
        log.debug("%s: the note could not be written", path.name, exc_info=True)


def read_note(path: Path) -> dict[str, dict[str, Any] | None]:
    """What `Notes` has written. Raises OSError, ValueError."""
    note = json.loads(path.read_text())
    if not isinstance(note, dict):
        raise ValueError(f"{path.name} is no note")
    return note
