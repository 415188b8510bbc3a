"""The folder that `compare` writes: its contents, and when an existing one may be overwritten."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from texture.cli.outputs import Outputs, named_in_errors
from texture.cli.writing import Writer
from texture.errors import InvalidInput
from texture.images.encoding import check_folder
from texture.version import VERSION

CONTENTS = "comparison.json"  # what was compared, and which files are ours
RUNNING = "comparison.running"  # is there while a comparison is on its way


def take_folder(outputs: Outputs, output: str, names: Collection[str]) -> Path:
    """The folder, made where it is not there yet, and ours alone until the end of `outputs`.

    names: of all files that may be written there.

    Raises:
        InvalidInput: it cannot be written, or has something in it that must not be overwritten.
    """
    if not output:
        raise InvalidInput("the name of the folder is empty", field="output", value=output)
    folder = Path(output)
    with named_in_errors(folder):
        outputs.make_folder(folder)
        if outputs.force:
            (folder / RUNNING).unlink(missing_ok=True)
        if not outputs.take(folder / RUNNING):
            raise _refused(folder, "has another comparison on its way into it, or one that was killed")
        check_folder(folder)
        ours = _contents(folder)
        if not outputs.force:
            _check_contents(outputs, folder, ours, names)
    return folder


def _check_contents(outputs: Outputs, folder: Path, ours: Collection[str] | None, names: Collection[str]) -> None:
    """Raise InvalidInput where a comparison must not be written over what the folder has in it."""
    there = {path.name for path in folder.iterdir()} - {RUNNING}
    if there and ours is None:
        raise _refused(folder, "is not empty, and not from an earlier comparison")
    strange = sorted(there & set(names) - {*(ours or ()), CONTENTS})
    if strange:
        raise _refused(folder, f"has a file {strange[0]} in it that is not from an earlier comparison")
    read = [name for name in ours or () if outputs.is_input(folder / name)]
    if read:
        raise _refused(folder, f"has {read[0]} in it, which this call reads")


def _refused(folder: Path, reason: str) -> InvalidInput:
    words = f"{folder} {reason}: choose another folder, or add --force"
    return InvalidInput(words, field="output", value=str(folder))


@contextmanager
def rewriting(writer: Writer, folder: Path, about: Mapping[str, Any], names: Collection[str]) -> Iterator[None]:
    """While files of these names are written in place of an earlier comparison's: that goes when all are there.

    about: what JSON can say of the comparison; it is kept beside the files, with their names.
    """
    others = sorted({*(_contents(folder) or ())} - {*names})
    _describe(writer, folder, about, [*names, *others])
    yield
    if others and not writer.failed:
        for name in others:
            with suppress(OSError):
                (folder / name).unlink()
        _describe(writer, folder, about, list(names))


def _describe(writer: Writer, folder: Path, about: Mapping[str, Any], names: list[str]) -> None:
    said = json.dumps({"version": VERSION, **about, "files": names}, indent=2, ensure_ascii=False)
    writer.write({folder / CONTENTS: said.encode()})


def _contents(folder: Path) -> Sequence[str] | None:
    """The names of the files that an earlier comparison wrote there; None if there was none."""
    try:
        names = json.loads((folder / CONTENTS).read_bytes())["files"]
        return [name for name in names if Path(name).name == name != ".."]  # nothing outside, whatever it says
    except (OSError, ValueError, LookupError, TypeError):
        return None
