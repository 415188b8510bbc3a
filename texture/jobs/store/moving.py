"""Moving everything that a store holds into another one: from a folder to PostgreSQL and S3, or back.

Files go first, each read again and compared; then all rows, in one transaction. So an interrupted move has written no
row, and is made again: what is there already is only compared. The source is never changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import FromClause, func, insert, select
from sqlalchemy.orm import Session

from texture.errors import Conflict, SetupProblem
from texture.jobs.store import Store
from texture.jobs.store.blobs import Blobs
from texture.jobs.store.notes import is_note
from texture.jobs.store.schema import AgreedRow, Table

KINDS = ("pictures", "jobs")
AT_ONCE = 4  # files on their way
SOME = 1000  # rows in one statement
TABLES = [table for table in Table.metadata.sorted_tables if table.name != AgreedRow.__tablename__]

Report = Callable[[int, int], None]  # bytes that are there, of so many


class Moved(NamedTuple):
    """How much there is, in the target now as in the source."""

    rows: int
    files: int
    bytes: int


def move(source: Store, target: Store, report: Report, *, rows: bool, files: bool) -> Moved:
    """Copy everything from `source` to `target`. Nothing else may use either meanwhile.

    rows, files: which of them; the others are in the same place in both.

    Raises:
        Conflict: the target has something that the source has not.
        SetupProblem: something could not be written, or has not come out as it was; the source is unchanged.
    """
    sizes = _sizes(source.blobs)
    there = _sizes(target.blobs) if files else {}
    _check_others(source, target, there.keys() - sizes.keys(), rows)
    if files:
        _copy_files(source.blobs, target.blobs, sizes, there, report)
    if rows and not _count(target):
        _copy_rows(source, target)
    if files and _sizes(target.blobs) != sizes:
        raise SetupProblem("the files are not what they were: was something changed meanwhile? Move once more")
    if rows and _told(source) != _told(target):
        raise SetupProblem("the rows are not what they were: was something changed meanwhile? Move once more")
    return Moved(_count(source), len(sizes), sum(sizes.values()))


def _check_others(source: Store, target: Store, files: set[str], rows: bool) -> None:
    """Raise Conflict if the target is neither empty nor of an earlier try."""
    if files:
        raise Conflict(f"there are other files where this is to go, such as {min(files)}: name an empty place")
    if rows and _count(target) and _told(source) != _told(target):
        raise Conflict("there are other rows in the database to which this is to go: name an empty one")


def _copy_files(
    source: Blobs, target: Blobs, sizes: Mapping[str, int], there: Mapping[str, int], report: Report
) -> None:
    def copy(key: str) -> int:
        data = source.get(key)
        if there.get(key) != len(data) or target.get(key) != data:
            target.put(key, data)
            if target.get(key) != data:
                raise SetupProblem(f"{key} did not come out as it was written")
        return len(data)

    done, whole = 0, sum(sizes.values())
    report(done, whole)
    with ThreadPoolExecutor(AT_ONCE, "texture-move") as threads:
        try:
            for size in threads.map(copy, sorted(sizes)):
                done += size
                report(done, whole)
        except BaseException:  # Ctrl-C, too
            threads.shutdown(cancel_futures=True)
            raise


def _copy_rows(source: Store, target: Store) -> None:
    with source.database.reading() as reading, target.database.writing() as writing:
        for table in TABLES:
            for rows in _rows(reading, table):  # those that others refer to come first
                writing.execute(insert(table), rows)


def _rows(session: Session, table: FromClause) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, some at a time."""
    for some in session.execute(select(table).execution_options(yield_per=SOME)).mappings().partitions(SOME):
        yield [{name: _portable(value) for name, value in row.items()} for row in some]


def _portable(value: Any) -> Any:
    """As every database can hold it: see `postgres`."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def _told(store: Store) -> dict[str, tuple[int, int]]:
    """By table: how many rows there are, and a sum over all that they say, in whatever order they come."""
    with store.database.reading() as session:
        return {table.name: _summed(session, table) for table in TABLES}


def _summed(session: Session, table: FromClause) -> tuple[int, int]:
    count = total = 0
    for rows in _rows(session, table):
        count += len(rows)
        total += sum(_digest(row) for row in rows)
    return count, total


def _digest(row: Mapping[str, Any]) -> int:
    words = json.dumps(dict(row), sort_keys=True, default=datetime.isoformat).encode()
    return int.from_bytes(blake2b(words, digest_size=8).digest())


def _count(store: Store) -> int:
    with store.database.reading() as session:
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES)


def _sizes(blobs: Blobs) -> dict[str, int]:
    """By key: the bytes of every file that is not just a note of what the database knows."""
    return {key: size for kind in KINDS for key, size in blobs.sizes(kind).items() if not is_note(key)}
