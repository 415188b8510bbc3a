"""The files of a job: its pictures, maps, model and animation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import BinaryIO, Literal

from pydantic import BaseModel, Field

from texture.errors import Conflict, NotFound
from texture.images.decoding import reopen
from texture.images.encoding import encode_as, encode_png
from texture.images.formats import JPEG, PNG, WEBP, Format
from texture.images.sheets import MOST_REPEATS, sheet
from texture.jobs.domain.job import Job
from texture.methods.artifacts import ANIMATION, FITTED, MODEL, ORIGINS, PICTURE, PREVIEW, Artifact
from texture.methods.registry import find_method
from texture.web.api.file_names import file_name
from texture.web.api.response import File, Stored, Streamed
from texture.web.api.route import Routes
from texture.web.api.wholeness import is_whole
from texture.web.api.zipped import Member, zipped
from texture.web.services import Services
from texture.wording import system_reason

results = Routes()
UNDER_WAY = ("queued", "running")
OLD_ADDRESSES = {
    "/jobs/<id>/result.png": PICTURE.name,
    "/jobs/<id>/preview.jpg": PREVIEW.name,
    "/jobs/<id>/model.safetensors": MODEL.name,
    "/jobs/<id>/animation.webp": ANIMATION.name,
    "/jobs/<id>/maps/<name>": None,
}
ResultFormat = Literal["png", "jpeg", "webp"]
RESULT_FORMATS: dict[ResultFormat, Format] = {"png": PNG, "jpeg": JPEG, "webp": WEBP}


class ResultQuery(BaseModel, extra="forbid"):
    """The format in which a result is wanted."""

    format: ResultFormat = Field(
        "png",
        description="png with its recipe; jpeg of quality 95, its colours as fine as its brightness; lossless webp",
    )


class SheetQuery(BaseModel, extra="forbid"):
    """How many times the tile is repeated."""

    columns: int = Field(2, ge=1, le=MOST_REPEATS)
    rows: int = Field(2, ge=1, le=MOST_REPEATS)


@results.get("/jobs/<id>/files/<name>", media="*/*", errors=(404, 409), aliases=OLD_ADDRESSES)
def job_file(services: Services, owner: str, id: str, name: str) -> Stored:
    """A file of a job: result.png, preview.jpg, or one of those listed in its row's `files`.

    result.png is one tile at full size with its recipe embedded. preview.jpg is at most 512 pixels a side and a few
    seconds old, as are the maps that a running job shows.
    """
    job = services.readable_job(owner, id)
    if name == PICTURE.name:
        return _stored(open_result(services, job), job, PICTURE)
    known = {PREVIEW.name: PREVIEW, **{one.name: one for one in (*_produced(job), FITTED) if one.name in job.files}}
    if name not in known:
        raise NotFound(f"job {id!r} has no file {name!r}")
    return _stored(open_artifact(services, job, known[name]), job, known[name])


@results.get("/jobs/<id>/result", media="image/png, image/jpeg, image/webp", errors=(404, 409, 422), heavy="sheets")
def result(services: Services, owner: str, id: str, query: ResultQuery) -> Stored | File:
    """The picture at full size, in the format that is asked for; a PNG is result.png as it is."""
    job = services.readable_job(owner, id)
    if query.format == "png":
        return _stored(open_result(services, job), job, PICTURE)
    wanted = RESULT_FORMATS[query.format]
    with open_result(services, job) as file:
        pixels = reopen(file.read(), PICTURE.name)
    return File(encode_as(wanted.endings[0], pixels), wanted.types[0], file_name(job, wanted.endings[0]))


@results.get("/jobs/<id>/files.zip", media="application/zip", errors=(404, 409))
def job_files(services: Services, owner: str, id: str) -> Streamed:
    """result.png and all that is listed in the row's `files`, in one archive, named after the job."""
    job = services.readable_job(owner, id)
    first = Member(file_name(job, PICTURE.ending), _made(job), open_result(services, job))
    return Streamed(zipped(chain([first], _further(services, job))), "application/zip", file_name(job, ".zip"))


@results.get("/jobs/<id>/tiled.png", media="image/png", errors=(404, 409, 422), heavy="sheets")
def tiled(services: Services, owner: str, id: str, query: SheetQuery) -> File:
    """The tile, repeated; at most 64 megapixels."""
    job = services.readable_job(owner, id)
    with open_result(services, job) as file:
        pixels = sheet(reopen(file.read(), PICTURE.name), query.columns, query.rows)
        return File(encode_png(pixels), "image/png", file_name(job, f"-{query.columns}x{query.rows}.png"))


def _produced(job: Job) -> tuple[Artifact, ...]:
    try:
        return find_method(job.method).leaves
    except NotFound:  # of another version
        return (PICTURE, MODEL, ORIGINS, ANIMATION)


def _further(services: Services, job: Job) -> Iterator[Member]:
    """What a job has left besides its picture, each opened when its turn comes; what is gone by then is left out."""
    for artifact in _produced(job):
        if artifact.name in job.files:
            with suppress(NotFound):
                yield Member(file_name(job, _ending(artifact)), _made(job), open_artifact(services, job, artifact))


def _made(job: Job) -> datetime:
    return job.ended or job.created


def _ending(artifact: Artifact) -> str:
    """Of the name under which it is downloaded."""
    return artifact.ending if artifact in (PICTURE, PREVIEW, MODEL, ANIMATION) else f"-{artifact.name}"


def _stored(file: BinaryIO, job: Job, artifact: Artifact) -> Stored:
    name = file_name(job, _ending(artifact))
    return Stored(file, artifact.media, name, keep=not artifact.media.startswith("image/"))


def open_artifact(services: Services, job: Job, artifact: Artifact) -> BinaryIO:
    """A file of a job, whole. Raises NotFound."""
    try:
        file = services.store.artifacts.open(job.id, artifact.name)
        if is_whole(file, artifact.name):
            return file
        file.close()
    except FileNotFoundError:
        raise NotFound(f"job {job.id!r} has no {artifact.title.lower()} yet") from None
    except OSError as error:
        raise NotFound(f"{artifact.name} of job {job.id!r} cannot be read: {system_reason(error)}") from None
    raise NotFound(f"{artifact.name} of job {job.id!r} is damaged on the server's disk: start the job again")


def has_result(services: Services, job: Job) -> bool:
    """Whether it has a picture at full size that is not being worked on."""
    return job.state not in UNDER_WAY and services.store.artifacts.exists(job.id, PICTURE.name)


def open_result(services: Services, job: Job) -> BinaryIO:
    """That picture. Raises NotFound, Conflict."""
    if job.state in UNDER_WAY:
        raise Conflict(f"the job is {job.state}: pause it to get its picture so far, or use preview.jpg")
    return open_artifact(services, job, PICTURE)
