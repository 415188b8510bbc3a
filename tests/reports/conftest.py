"""Results made up by a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from texture.images.decoding import Pixels
from texture.jobs.domain.job import Point, State
from texture.methods.counting import CountingParams
from texture.reports.result import Result

RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def plain(colour: tuple[int, int, int], height: int, width: int) -> Pixels:
    """A picture of one colour, H×W×3."""
    return np.full((height, width, 3), colour, np.uint8)


def point(number: int, seconds: float, wall: float, **values: float) -> Point:
    return Point(number=number, seconds=seconds, wall=wall, values=values)


@pytest.fixture
def result() -> Callable[..., Result]:
    """A finished run of `counting`, but for what the test says; parameters on top of the defaults."""

    def result(
        label: str = "Counting",
        params: Mapping[str, Any] | None = None,
        state: State = "done",
        metrics: Mapping[str, float] | None = None,
        baselines: Mapping[str, float] | None = None,
        points: Sequence[Point] = (),
        pixels: Pixels | None = None,
        method: str = "counting",
        memory: int | None = None,
        exemplar: Pixels | None = None,
    ) -> Result:
        given = {**CountingParams().model_dump(mode="json"), **(params or {})} if method == "counting" else params or {}
        more = metrics or {}, baselines or {}, points, pixels, exemplar
        return Result(label, method, given, state, 20, 3.0, 12.0, memory, *more)

    return result
