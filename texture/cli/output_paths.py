"""Where a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from texture.errors import InvalidInput
from texture.images.encoding import ENDINGS
from texture.images.samples import SAMPLE


def check_output(output: str, endings: Sequence[str] = ENDINGS) -> Path:
    """The path, if it looks as if a file with one of these endings could be written there: better now than later.

    Raises:
        InvalidInput: it does not.
    """
    path = Path(output)
    if path.suffix.lower() not in endings:
        kind = "a picture" if ".png" in endings else "this"
        raise InvalidInput(f"{path}: {kind} is written as {', '.join(endings)}", field="output", value=output)
    if not path.parent.is_dir() or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InvalidInput(f"{path} cannot be written: check the folder", field="output", value=output)
    return path


def free_name(stem: str, *endings: str) -> Path:
    """STEM.png in this folder, or STEM-2.png and so on: what nobody named overwrites nothing.

    endings: of all the files that will have that name; the path has the first. `.png` alone where none is given.
    """
    return next(free_names(stem, *endings))


def free_names(stem: str, *endings: str, first: int = 1) -> Iterator[Path]:
    """All such names, from STEM.png on, or from the one whose number is `first`."""
    endings = endings or (".png",)
    stems = (f"{stem}-{count}" if count > 1 else stem for count in range(first, 10_000))
    for name in stems:
        if not any(Path(name + ending).exists() for ending in endings):
            yield check_output(name + endings[0], endings[:1])


def stem(source: str) -> str:
    """What a picture is called, without folder and ending."""
    return Path(source.removeprefix(SAMPLE)).stem
