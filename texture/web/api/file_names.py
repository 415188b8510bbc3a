"""File names of downloads and uploads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from texture.errors import TextureError
from texture.images.formats import ENDINGS
from texture.jobs.domain.job import Comparison, Job
from texture.methods.registry import find_method

LONGEST_NAME = 120
LONGEST_WORD = 40
EDITED = ", edited"


def file_name(job: Job, ending: str) -> str:
    """The file name of a download: `bricks-match-512-seed3.png`; ASCII.

    It says the job's own name or else its exemplar's, the method, and size and seed as far as they are known.
    """
    return "-".join([*called(job), job.method, *_size_and_seed(job)]) + ending


def numbered(names: Iterable[str]) -> Iterator[str]:
    """The same names, a number added to those that there have been before."""
    taken: set[str] = set()
    for name in names:
        stem, ending, number, free = PurePath(name).stem, PurePath(name).suffix, 1, name
        while free in taken:
            number += 1
            free = f"{stem}-{number}{ending}"
        taken.add(free)
        yield free


def comparison_name(comparison: Comparison, ending: str) -> str:
    """The file name for a download of a whole comparison: its name or exemplar, and the beginning of its id."""
    return "-".join([*called(comparison), "comparison", comparison.id[:8]]) + ending


def clean_name(name: str) -> str:
    """The name of an uploaded file, fit for display: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:LONGEST_NAME] or "picture"


def edited_name(name: str) -> str:
    """The name of what was made by editing a picture: "wall, edited.jpg" of "wall.jpg", and of that the same."""
    ending = PurePath(name).suffix if name.lower().endswith(ENDINGS) else ""
    stem = name.removesuffix(ending).removesuffix(EDITED)
    return stem[: LONGEST_NAME - len(EDITED + ending)] + EDITED + ending


def result_name(job: Job) -> str:
    """What its result is called as a picture: as the job, or else as what it was made from, without the ending."""
    name = job.name or job.names.get("content") or job.exemplar
    return str(PurePath(name).with_suffix("")) if name.lower().endswith(ENDINGS) else name


def _size_and_seed(job: Job) -> list[str]:
    try:
        method = find_method(job.method)
        about = method.outline(method.parse(job.params), {})
    except TextureError:  # of another version
        return []
    words = []
    if about.size is not None:
        words.append(str(about.size))
    if about.seed is not None:
        words.append(f"seed{about.seed}")
    return words


def called(thing: Job | Comparison) -> list[str]:
    """What somebody has called it, in letters that every disk takes; none where it has no such letters."""
    exemplar = thing.exemplar.rpartition(".")[0] or thing.exemplar
    word = re.sub(r"[^A-Za-z0-9]+", "-", thing.name or exemplar)[:LONGEST_WORD].strip("-").lower()
    return [word] if word else []
