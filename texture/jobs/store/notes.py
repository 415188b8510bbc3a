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
from texture.jobs.store.schema import Moment, Table

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


def write_note(path: Path, **rows: Table | None) -> None:
    """Keep what is known of rows, by a name for each. That it cannot be written costs nobody anything."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps({name: row and columns_of(row) for name, row in rows.items()}).encode())
    except OSError:
        log.debug("%s: the note could not be written", path.name, exc_info=True)


def read_note(path: Path) -> dict[str, dict[str, Any] | None]:
    """What `write_note` has written. Raises OSError, ValueError."""
    note = json.loads(path.read_text())
    if not isinstance(note, dict):
        raise ValueError(f"{path.name} is no note")
    return note
