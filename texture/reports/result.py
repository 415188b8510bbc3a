"""The outcome of one run of a comparison, as every report shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from texture.images.decoding import Pixels
from texture.jobs.domain.job import Job, Point, State
from texture.methods.artifacts import FITTED, PICTURE, PREVIEW

if TYPE_CHECKING:
    from texture.jobs.domain.job import Comparison
    from texture.jobs.store import Store


@dataclass(frozen=True)
class Result:
    """One run.

    label: the name that tells it from the others.
    number: steps done. seconds: of device time. wall: seconds since it was asked for.
    memory: bytes at its peak; None where it was not measured.
    metrics, baselines: by name; a baseline is the same metric between two halves of the exemplar.
    pixels: the newest picture, H×W×3 uint8; None where there is none yet.
    exemplar: as fitted to the tile, at the scale of the picture; None where it was not fitted.
    """

    label: str
    method: str
    params: Mapping[str, Any]
    state: State
    number: int
    seconds: float
    wall: float
    memory: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)
    points: Sequence[Point] = ()
    pixels: Pixels | None = None
    exemplar: Pixels | None = None

    @property
    def share(self) -> float | None:
        """The share of the elapsed time in which it had the device, 0..1; None before it had any time."""
        return min(1.0, self.seconds / self.wall) if self.wall > 0 else None


def results_of(store: Store, comparison: Comparison, *, pictures: bool = True) -> list[Result]:
    """The runs of a comparison as they are now, oldest first; without `pictures` no picture is read."""
    return [_result(store, job, comparison.labels[job.id], pictures) for job in comparison.jobs]


def _result(store: Store, job: Job, label: str, pictures: bool) -> Result:
    points = store.jobs.points(job.id)
    return Result(
        label=label,
        method=job.method,
        params=job.params,
        state=job.state,
        number=job.number,
        seconds=job.seconds,
        wall=_wall(job, points),
        memory=job.memory,
        metrics=job.metrics,
        baselines=job.baselines,
        points=points,
        pixels=_newest_picture(store, job.id) if pictures else None,
        exemplar=_read(store, job.id, FITTED.name) if pictures else None,
    )


def _wall(job: Job, points: Sequence[Point]) -> float:
    """Until its end; until its newest point while it has not ended."""
    if job.ended is not None:
        return (job.ended - job.created).total_seconds()
    return points[-1].wall if points else 0.0


def _newest_picture(store: Store, job: str) -> Pixels | None:
    """At full size where the run has stopped, otherwise as shown on screen."""
    found = _read(store, job, PICTURE.name)
    return _read(store, job, PREVIEW.name) if found is None else found


def _read(store: Store, job: str, name: str) -> Pixels | None:
    """A picture that we wrote, H×W×3 uint8; None if it does not exist or is damaged."""
    try:
        with store.artifacts.open(job, name) as file, Image.open(file, formats=("PNG", "JPEG")) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError):  # Pillow has no class of its own for a picture that is cut or damaged
        return None
