"""A copy of a data folder, made while a server may be at work on it, from which another one starts as it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from texture.errors import NotFound, SetupProblem
from texture.jobs.store.files import Files, bytes_in, remove_folder
from texture.jobs.store.sqlite import copy_database
from texture.wording import system_reason

FOLDERS = ("pictures", "jobs", "lost-and-found")
SINGLE = ("secret-key", "calendar.json")


def back_up(data: Path, to: Path) -> int:
    """Copy a data folder to the new folder `to`, which is there at the end, or not at all. Returns its bytes.

    The database is copied first: what comes while the files are copied is in the copy as a file without a row, which a
    start puts into the lost-and-found; and a row whose files go meanwhile is one of a deleted job.

    Raises:
        NotFound: there is no data folder.
        SetupProblem: there is something at `to` already, the database is damaged, or the copy cannot be written.
    """
    files, draft = Files(data), to.with_name(f".{to.name}.unfinished")
    if not files.database.exists():
        raise NotFound(f"there is no data in {data}: name its folder with TEXTURE_DATA")
    if to.exists():
        raise SetupProblem(f"{to} exists already: name a folder that does not")
    try:
        draft.mkdir(mode=0o700, parents=True)
        _copy(data, draft)
        draft.rename(to)
    except OSError as error:
        raise SetupProblem(f"the backup {to} cannot be written: {system_reason(error)}") from error
    finally:
        remove_folder(draft)
    return bytes_in(to)


def _copy(data: Path, to: Path) -> None:
    copy_database(Files(data).database, Files(to).database)
    for path in _paths(data):
        target = to / path.relative_to(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # deleted meanwhile, or replaced by a newer one under another name
            shutil.copy2(path, target)


def _paths(data: Path) -> Iterator[Path]:
    """Every file; of a checkpoint first the head, for the tensors that it names are kept longer than itself."""
    yield from (data / name for name in SINGLE)
    for folder in FOLDERS:
        found = (path for path in (data / folder).rglob("*") if path.is_file() and not path.name.startswith("."))
        yield from sorted(found, key=lambda path: (path.parent, path.suffix == ".tensor"))
