"""Where a command writes."""

from __future__ import annotations

import os
from pathlib import Path

from texture.errors import InvalidInput
from texture.images.encoding import check_ending
from texture.images.samples import SAMPLE


def check_output(output: str) -> Path:
    """The path, if it looks as if a picture could be written there: better now than after the work.

    Raises:
        InvalidInput: it does not.
    """
    path = Path(output)
    check_ending(path, "output")
    if not path.parent.is_dir() or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InvalidInput(f"{path} cannot be written: check the folder", field="output", value=output)
    return path


def free_name(stem: str) -> Path:
    """STEM.png in this folder, or STEM-2.png and so on: what nobody named overwrites nothing."""
    names = (Path(f"{stem}-{count}.png" if count > 1 else f"{stem}.png") for count in range(1, 10_000))
    return check_output(str(next(name for name in names if not name.exists())))


def stem(source: str) -> str:
    """What a picture is called, without folder and ending."""
    return Path(source.removeprefix(SAMPLE)).stem
