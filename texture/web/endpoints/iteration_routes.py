"""The iterations of a job: the pictures that are kept of them, one by one or as an animation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from pydantic import BaseModel, Field

from texture.errors import InvalidInput, NotFound
from texture.images.decoding import Pixels, reopen
from texture.images.encoding import encode_animation
from texture.jobs.domain.job import Job
from texture.methods.artifacts import ANIMATION, PREVIEW
from texture.web.api.file_names import file_name
from texture.web.api.response import FOREVER, File, Stored
from texture.web.api.route import Routes
from texture.web.endpoints.file_routes import UNDER_WAY
from texture.web.services import Services

FEWEST = 2  # pictures that are worth showing one after the other
HOLD = 1000  # milliseconds for which the last picture of the animation stays

iterations = Routes()


class IterationList(BaseModel):
    """The steps of which a picture is kept."""

    numbers: list[int] = Field(description="the first one first; none where there are fewer than two pictures")


class AnimationQuery(BaseModel, extra="forbid"):
    """How fast the pictures follow each other."""

    fps: int = Field(10, ge=1, le=60, description="pictures a second")


@iterations.get("/jobs/<id>/iterations", errors=(404,))
def iteration_list(services: Services, owner: str, id: str) -> IterationList:
    """The steps of a job of which a picture is kept: 48 at most, spread evenly over those that it has done."""
    return IterationList(numbers=_numbers(services, services.readable_job(owner, id)))


@iterations.get("/jobs/<id>/iterations/<name>", media="image/jpeg", errors=(404,))
def iteration(services: Services, owner: str, id: str, name: str) -> Stored:
    """The picture of a step, 512 pixels a side at most: `40.jpg`. A running job removes some as it goes on."""
    job = services.readable_job(owner, id)
    found = re.fullmatch(r"([0-9]{1,12})\.jpg", name)
    with suppress(FileNotFoundError):
        if found:
            file = services.store.iterations.open(id, int(found[1]))
            return Stored(file, PREVIEW.media, file_name(job, f"-step{found[1]}.jpg"), FOREVER)
    raise NotFound(f"job {id!r} has no picture {name!r} of an iteration")


@iterations.get("/jobs/<id>/iterations.webp", media=ANIMATION.media, errors=(404, 422), heavy="sheets")
def iteration_animation(services: Services, owner: str, id: str, query: AnimationQuery) -> File:
    """All these pictures as an endless animation, which ends with the newest one and holds it for a second."""
    job = services.readable_job(owner, id)
    pictures = list(_pictures(services, job))
    if len(pictures) < FEWEST:
        raise NotFound(f"job {id!r} has no pictures of its iterations")
    return File(encode_animation(pictures, query.fps, HOLD), ANIMATION.media, file_name(job, "-iterations.webp"))


def _numbers(services: Services, job: Job) -> list[int]:
    numbers = services.store.iterations.numbers(job.id)
    return numbers if len(numbers) >= FEWEST else []


def _pictures(services: Services, job: Job) -> Iterator[Pixels]:
    """Those of the steps, then that with which the job has stopped; what is gone or damaged by now is left out."""
    for number in _numbers(services, job):
        with suppress(FileNotFoundError, InvalidInput):
            yield _read(services.store.iterations.open(job.id, number))
    if job.state not in UNDER_WAY:
        with suppress(FileNotFoundError, InvalidInput):
            yield _read(services.store.artifacts.open(job.id, PREVIEW.name))


def _read(file: BinaryIO) -> Pixels:
    with file:
        return reopen(file.read(), PREVIEW.name)
