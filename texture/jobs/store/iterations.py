"""Small pictures of a job's iterations: few, spread evenly over the steps that it has done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO

from texture.jobs.store.blobs import Blobs

MOST = 48  # pictures of one job


class Iterations:
    """The pictures of jobs, JPEGs of at most 512 pixels a side, by the job's id and the number of the step."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def numbers(self, job: str) -> list[int]:
        """The steps of which there is a picture, the first one first."""
        names = (re.fullmatch(r"(\d+)\.jpg", name) for name in self._blobs.names(_folder(job)))
        return sorted(int(name[1]) for name in names if name)

    def put(self, job: str, number: int, jpeg: bytes) -> None:
        """Keep the picture of a step. Raises SetupProblem where it cannot be written."""
        self._blobs.put(_key(job, number), jpeg)

    def open(self, job: str, number: int) -> BinaryIO:
        """The picture of a step, to be read and closed. Raises FileNotFoundError."""
        return self._blobs.open(_key(job, number))

    def remove(self, job: str, numbers: Iterable[int]) -> None:
        """Remove the pictures of these steps."""
        for number in numbers:
            self._blobs.delete(_key(job, number))


def spread(numbers: Iterable[int]) -> list[int]:
    """Which of the pictures of some steps (≥ 1) are kept when the last of them is done: at most MOST, the first of all.

    From one to the next it is an interval of 1 step; where that makes too many, the interval is doubled, and every
    second one goes. As that depends on nothing but the last step, it comes out the same after a restart.
    """
    ordered = sorted(numbers)
    interval = 1 << ((ordered[-1] - 1) // MOST).bit_length()
    first: dict[int, int] = {}
    for number in ordered:
        first.setdefault((number - 1) // interval, number)
    return list(first.values())


def _folder(job: str) -> str:
    return f"jobs/{job}/iterations"


def _key(job: str, number: int) -> str:
    return f"{_folder(job)}/{number}.jpg"
