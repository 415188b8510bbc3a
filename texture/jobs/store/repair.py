"""A new database of what can be read of a damaged one. The old one is kept, under another name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import JSON

from texture.errors import NotFound
from texture.jobs.store.schema import Table
from texture.jobs.store.sqlite import open_sqlite

FILES = ("", "-wal", "-shm")  # SQLite's own, beside the database
ROWS_A_PAGE = 200  # at most, where nothing tells how many rows there are


class Repaired(NamedTuple):
    """How many rows were read, whether those were all that there were, and where the old file is."""

    rows: int
    whole: bool
    kept: Path


def repair(path: Path) -> Repaired:
    """Put a database of all rows that can be read where the damaged one is. No server may be running.

    Raises:
        NotFound: there is no database.
        SetupProblem: the new one cannot be written; the damaged one is still in its place.
    """
    if not path.exists():
        raise NotFound(f"there is no database {path}")
    draft = path.with_name("repaired.db")
    _remove(draft)
    open_sqlite(draft).dispose()
    rows, whole = _copy(path, draft)
    kept = path.with_name(f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db")
    for ending in FILES:
        _rename(Path(f"{path}{ending}"), Path(f"{kept}{ending}"))
    for ending in FILES:
        _rename(Path(f"{draft}{ending}"), Path(f"{path}{ending}"))
    return Repaired(rows, whole, kept)


def _copy(damaged: Path, fresh: Path) -> tuple[int, bool]:
    rows, whole = 0, True
    with closing(sqlite3.connect(damaged)) as source, closing(sqlite3.connect(fresh)) as target:
        for table in Table.metadata.sorted_tables:
            columns = _columns(source, table.name)
            known = [column for column in table.columns if column.name in columns]
            names = ", ".join(f'"{column.name}"' for column in known)
            documents = [i for i, column in enumerate(known) if isinstance(column.type, JSON)]
            insert = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({', '.join('?' * len(known))})"
            whole = whole and bool(known)
            for row in _rows(source, table.name, names) if known else ():
                sound = row is not None and _is_sound(row, documents) and _insert(target, insert, row)
                rows, whole = rows + sound, whole and sound
        target.commit()
    return rows, whole


def _columns(source: sqlite3.Connection, table: str) -> set[str]:
    try:
        return {name for _, name, *_ in source.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:  # the very first page
        return set()


def _rows(source: sqlite3.Connection, table: str, names: str) -> Iterator[Sequence[Any] | None]:
    """All rows that can be read: ranges are halved until they can. None where a page cannot, perhaps with no row."""
    ranges = [(1, _highest(source, table))]
    while ranges:
        first, last = ranges.pop()
        where = f"FROM {table} WHERE rowid BETWEEN ? AND ?"
        try:
            yield from source.execute(f"SELECT {names} {where}", (first, last)).fetchall()
        except sqlite3.DatabaseError:
            if first == last:
                yield None
            else:
                middle = (first + last) // 2
                ranges += [(middle + 1, last), (first, middle)]


def _highest(source: sqlite3.Connection, table: str) -> int:
    """The highest number of a row, or one that is not below it."""
    try:
        return int(source.execute(f"SELECT coalesce(max(rowid), 1) FROM {table}").fetchone()[0])
    except sqlite3.DatabaseError:
        return int(source.execute("PRAGMA page_count").fetchone()[0]) * ROWS_A_PAGE


def _is_sound(row: Sequence[Any], documents: Sequence[int]) -> bool:
    """Whether what should be JSON is."""
    try:
        for i in documents:
            json.loads(row[i])
    except (ValueError, TypeError):
        return False
    return True


def _insert(target: sqlite3.Connection, insert: str, row: Sequence[Any]) -> bool:
    try:
        return target.execute(insert, row).rowcount == 1
    except sqlite3.DatabaseError:  # a column is empty that must not be
        return False


def _remove(path: Path) -> None:
    for ending in FILES:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _rename(path: Path, to: Path) -> None:
    if path.exists():
        path.replace(to)
