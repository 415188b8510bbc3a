"""The numbers of a run: its losses, its metrics, and the points of its curves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from texture.jobs.domain.job import Point
from texture.jobs.store.points import worth_keeping
from texture.methods.contract import Step

DIGITS, DECIMALS = 6, 3  # of a value and of a second in a curve: more would double what every viewer is sent


class Mark(NamedTuple):
    """A run's position on all clocks: steps done, seconds of device time, and seconds since its job was created."""

    number: int
    seconds: float
    wall: float


class RunProgress:
    """The latest value of each number. Values that are not finite are left out."""

    def __init__(
        self, losses: Mapping[str, float], metrics: Mapping[str, float], baselines: Mapping[str, float]
    ) -> None:
        self.losses, self.metrics, self.baselines = losses, metrics, baselines
        self._new: list[Point] = []  # not yet written down
        self._newest: Point | None = None

    def read(self, step: Step | None) -> None:
        """Copy the losses of a step from the device."""
        if step is not None:
            self.losses = finite({name: float(loss) for name, loss in step.losses.items()})

    def measured(self, at: Mark, metrics: Mapping[str, float], baselines: Mapping[str, float]) -> None:
        """Record new metrics of the picture: a point of the curves."""
        self.metrics, self.baselines = {**self.metrics, **finite(metrics)}, finite(baselines)
        self._add(at, finite(metrics))

    def take_points(self, at: Mark, last: bool) -> list[Point]:
        """For the curves: what was measured since they were taken; where it is time, or at the last, this step too."""
        if not self._new and (last or worth_keeping(self._newest, at.seconds)):
            self._add(at, {})
        points, self._new = self._new, []
        self._newest = points[-1] if points else self._newest
        return points

    def _add(self, at: Mark, metrics: Mapping[str, float]) -> None:
        values = {name: float(f"{value:.{DIGITS}g}") for name, value in {**self.losses, **metrics}.items()}
        seconds, wall = round(at.seconds, DECIMALS), round(at.wall, DECIMALS)
        self._new.append(Point(number=at.number, seconds=seconds, wall=wall, values=values))


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Only the finite ones."""
    return {name: value for name, value in values.items() if math.isfinite(value)}
