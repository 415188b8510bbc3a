"""The folder that `compare` writes: what is in it, and when an existing one may be written again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from texture.errors import InvalidInput, SetupProblem
from texture.images.encoding import write_atomically
from texture.version import VERSION
from texture.wording import system_reason

CONTENTS = "comparison.json"  # what was compared, and which files are ours


def check_folder(output: str) -> Path:
    """The folder, made where it is not there yet.

    Raises:
        InvalidInput: it cannot be written, or has something in it and no comparison of ours.
    """
    folder = Path(output)
    try:
        folder.mkdir(exist_ok=True)
        strange = any(folder.iterdir()) and _contents(folder) is None
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be made: {system_reason(error)}", field="output", value=output) from error
    if strange:
        raise InvalidInput(
            f"{folder} is not empty, and not from an earlier comparison: name another folder",
            field="output",
            value=output,
        )
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"{folder} cannot be written: check the folder", field="output", value=output)
    return folder


def write_folder(folder: Path, about: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write the files, in place of those of an earlier comparison.

    about: what JSON can say of the comparison; it is kept beside them, with their names.

    Raises:
        SetupProblem: a file cannot be written; the text names it.
    """
    for name in _contents(folder) or []:
        _remove(folder / name)
    names = {"version": VERSION, **about, "files": list(files)}
    write_atomically(folder / CONTENTS, json.dumps(names, indent=2, ensure_ascii=False).encode())
    for name, data in files.items():
        write_atomically(folder / name, data)


def _contents(folder: Path) -> Sequence[str] | None:
    """The names of the files that an earlier comparison wrote there; None where none did."""
    try:
        names = json.loads((folder / CONTENTS).read_bytes())["files"]
        return [name for name in names if Path(name).name == name != ".."]  # nothing outside, whatever it says
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SetupProblem(f"{path} cannot be written again: {system_reason(error)}") from error
