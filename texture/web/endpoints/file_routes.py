"""What a job leaves behind: its pictures, and the files of a training or a walk."""

from __future__ import annotations

import threading
from pathlib import PurePath
from typing import BinaryIO

from pydantic import BaseModel, Field

from texture.errors import Conflict, NotFound
from texture.images.decoding import reopen
from texture.images.encoding import encode_png
from texture.images.sheets import MOST_REPEATS, sheet
from texture.jobs.domain.job import Job
from texture.jobs.store.files import MODEL, PREVIEW, RESULT
from texture.web.api.file_names import file_name
from texture.web.api.response import File, Stored
from texture.web.api.route import Routes
from texture.web.services import Services

results = Routes()
_one_sheet = threading.Lock()  # 64 megapixels at a time are enough


class SheetQuery(BaseModel, extra="forbid"):
    """How often the tile is repeated."""

    columns: int = Field(2, ge=1, le=MOST_REPEATS)
    rows: int = Field(2, ge=1, le=MOST_REPEATS)


@results.get("/jobs/<id>/preview.jpg", media="image/jpeg", errors=(404,))
def preview(services: Services, owner: str, id: str) -> File:
    """The newest picture that was put aside, a few seconds old at most, 512 pixels a side at most."""
    job = services.readable_job(owner, id)
    try:
        return File(services.store.artifacts.get(id, PREVIEW), "image/jpeg", file_name(job, ".jpg"))
    except FileNotFoundError:
        raise NotFound(f"job {id!r} has no picture yet") from None


@results.get("/jobs/<id>/result.png", media="image/png", errors=(404, 409))
def result(services: Services, owner: str, id: str) -> Stored:
    """The picture at full size: one tile, its recipe inside."""
    job = services.readable_job(owner, id)
    return Stored(_result(services, job), "image/png", file_name(job, ".png"))


@results.get("/jobs/<id>/tiled.png", media="image/png", errors=(404, 409, 422), heavy=True)
def tiled(services: Services, owner: str, id: str, query: SheetQuery) -> File:
    """The tile, repeated; at most 64 megapixels."""
    job = services.readable_job(owner, id)
    with _result(services, job) as file, _one_sheet:
        pixels = sheet(reopen(file.read(), RESULT), query.columns, query.rows)
        return File(encode_png(pixels), "image/png", file_name(job, f"-{query.columns}x{query.rows}.png"))


@results.get("/jobs/<id>/model.safetensors", media="application/octet-stream", errors=(404,))
def model(services: Services, owner: str, id: str) -> Stored:
    """The model that a training has left, as it was when the job last stopped."""
    job = services.readable_job(owner, id)
    return _kept(services, job, MODEL, "model", "application/octet-stream", keep=True)


@results.get("/jobs/<id>/animation.webp", media="image/webp", errors=(404,))
def animation(services: Services, owner: str, id: str) -> Stored:
    """A walk through a model, as an endless loop."""
    job = services.readable_job(owner, id)
    return _kept(services, job, "animation.webp", "animation", "image/webp")


@results.get("/jobs/<id>/maps/<name>.png", media="image/png", errors=(404,))
def job_map(services: Services, owner: str, id: str, name: str) -> Stored:
    """A picture that explains the picture, such as where each part of it comes from; as old as the preview."""
    job = services.readable_job(owner, id)
    if f"{name}.png" not in job.files:
        raise NotFound(f"job {id!r} has no map {name!r}")
    return _kept(services, job, f"{name}.png", f"map {name!r}", "image/png", ending=f"-{name}.png")


def _kept(
    services: Services, job: Job, name: str, what: str, media: str, *, ending: str | None = None, keep: bool = False
) -> Stored:
    file = _open(services, job, name, what)
    return Stored(file, media, file_name(job, ending or PurePath(name).suffix), keep=keep)


def _open(services: Services, job: Job, name: str, what: str) -> BinaryIO:
    try:
        return services.store.artifacts.open(job.id, name)
    except FileNotFoundError:
        raise NotFound(f"job {job.id!r} has no {what}") from None


def _result(services: Services, job: Job) -> BinaryIO:
    if job.state in ("queued", "running"):
        raise Conflict(f"the job is {job.state}: pause it for its picture so far, or take preview.jpg")
    return _open(services, job, RESULT, "picture")
