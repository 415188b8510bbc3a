"""Jobs: started, listed, controlled; and the pictures they make."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field

from texture.errors import Conflict, InvalidInput, NotFound
from texture.images.decoding import reopen
from texture.images.encoding import encode_png
from texture.images.sheets import MOST_REPEATS, sheet
from texture.jobs.job import Job, Point, State
from texture.methods.base import Method, Params, find_method
from texture.web.calls import Calls, File
from texture.web.pictures import check_pictures
from texture.web.problems import Refused, allowed_in, problem
from texture.web.services import Services
from texture.web.viewers import Concerns

EXAMPLE = {"method": "gatys", "images": {"source": "sample:pebbles"}, "preset": "draft", "params": {"size": "256"}}

work = Calls()
_one_sheet = threading.Lock()  # 64 megapixels at a time are enough


class Pictures(BaseModel, extra="forbid"):
    """The pictures that a job is given: ids of uploads, or sample:<name>."""

    source: str = Field(max_length=100, description="the exemplar")
    content: str | None = Field(None, max_length=100, description="the picture to be repainted, for methods that do")


class NewJob(BaseModel, extra="forbid", json_schema_extra={"examples": [EXAMPLE]}):
    """What to do, and on what."""

    method: str = Field(max_length=100)
    images: Pictures
    preset: str | None = Field(None, max_length=100, description="a preset of the method; params depart from it")
    params: dict[str, Any] = Field(default_factory=dict, description="what departs from the preset or the defaults")


class JobsQuery(BaseModel, extra="forbid"):
    """Which jobs, and how many."""

    state: State | None = None
    before: str | None = Field(None, max_length=100, description="the id of a job: only those made before it")
    limit: int = Field(50, ge=1, le=100)


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[Job]
    next: str | None = Field(description="`before` of the next page; null on the last one")


class PointList(BaseModel):
    """The points of a job's curves, oldest first."""

    points: list[Point]


class SheetQuery(BaseModel, extra="forbid"):
    """How often the tile is repeated."""

    columns: int = Field(2, ge=1, le=MOST_REPEATS)
    rows: int = Field(2, ge=1, le=MOST_REPEATS)


@work.post("/jobs", status=201, errors=(400, 413, 415, 422))
def start_job(services: Services, owner: str, body: NewJob) -> Job:
    """Queue a job. It belongs to this session, and outlives tab, socket and server."""
    method = _method(body.method)
    params = _params(method, body)
    images = body.images.model_dump(exclude_none=True)
    check_pictures(services, owner, images)
    job = services.store.add_job(owner, method.name, params, images)
    services.engine.wake()
    return job


@work.get("/jobs", errors=(422,))
def jobs(services: Services, owner: str, query: JobsQuery) -> JobList:
    """This session's jobs."""
    _check_before(services, owner, query.before)
    found = services.store.jobs(owner, query.state, query.before, query.limit + 1)
    page = found[: query.limit]
    return JobList(jobs=page, next=page[-1].id if len(found) > len(page) else None)


@work.get("/jobs/<id>", errors=(404,))
def job(services: Services, owner: str, id: str) -> Job:
    """A job's row."""
    return services.own_job(owner, id)


@work.get("/jobs/<id>/points", errors=(404,))
def points(services: Services, owner: str, id: str) -> PointList:
    """A job's curves."""
    services.own_job(owner, id)
    return PointList(points=services.store.points(id))


@work.post("/jobs/<id>/pause", errors=(404, 409))
def pause(services: Services, owner: str, id: str) -> Job:
    """Put a queued or running job aside; it keeps all it has."""
    return _move(services, owner, id, services.store.pause)


@work.post("/jobs/<id>/resume", errors=(404, 409))
def resume(services: Services, owner: str, id: str) -> Job:
    """Queue a paused job again; it goes on where it was."""
    return _move(services, owner, id, services.store.resume)


@work.post("/jobs/<id>/cancel", errors=(404, 409))
def cancel(services: Services, owner: str, id: str) -> Job:
    """End a job; the picture so far stays."""
    return _move(services, owner, id, services.store.cancel)


@work.post("/jobs/<id>/retry", errors=(404, 409))
def retry(services: Services, owner: str, id: str) -> Job:
    """Queue a failed or cancelled job again, from its last checkpoint where there is one."""
    return _move(services, owner, id, services.store.retry)


@work.delete("/jobs/<id>", status=204, errors=(404,))
def delete_job(services: Services, owner: str, id: str) -> None:
    """Remove a job and its pictures, in whatever state it is."""
    services.own_job(owner, id)
    services.post(Concerns(owner, id))
    services.store.delete(id)
    services.engine.wake()


@work.get("/jobs/<id>/preview.jpg", media="image/jpeg", errors=(404,))
def preview(services: Services, owner: str, id: str) -> File:
    """The newest picture that was put aside, a few seconds old at most, 512 pixels a side at most."""
    job = services.own_job(owner, id)
    try:
        return File(services.store.files.preview(id).read_bytes(), "image/jpeg", f"{_file_name(job)}.jpg")
    except FileNotFoundError:
        raise NotFound(f"job {id!r} has no picture yet") from None


@work.get("/jobs/<id>/result.png", media="image/png", errors=(404, 409))
def result(services: Services, owner: str, id: str) -> File:
    """The picture at full size: one tile, its recipe inside."""
    job = services.own_job(owner, id)
    return File(_result(services, job), "image/png", f"{_file_name(job)}.png")


@work.get("/jobs/<id>/tiled.png", media="image/png", errors=(404, 409, 422), heavy=True)
def tiled(services: Services, owner: str, id: str, query: SheetQuery) -> File:
    """The tile, repeated; at most 64 megapixels."""
    job = services.own_job(owner, id)
    _result(services, job)
    with _one_sheet:
        pixels = sheet(reopen(services.store.files.result(id)), query.columns, query.rows)
        name = f"{_file_name(job)}-{query.columns}x{query.rows}.png"
        return File(encode_png(pixels), "image/png", name)


def _method(name: str) -> Method:
    try:
        return find_method(name)
    except NotFound as error:
        raise InvalidInput(str(error), field="method", value=name) from None


def _params(method: Method, given: NewJob) -> Params:
    try:
        return method.parse(given.params, given.preset)
    except InvalidInput as error:
        if error.field == "preset":
            raise
        name = error.field or ""
        allowed = allowed_in(method.params.model_json_schema(), name)
        field = f"params.{name}" if name else "params"
        raise Refused(problem(422, str(error), field=field, value=error.value, allowed=allowed)) from None


def _move(services: Services, owner: str, id: str, move: Callable[[str], Job]) -> Job:
    services.own_job(owner, id)
    changed = move(id)
    services.engine.wake()
    return changed


def _check_before(services: Services, owner: str, before: str | None) -> None:
    try:
        if before is not None:
            services.own_job(owner, before)
    except NotFound as error:
        raise InvalidInput(str(error), field="before", value=before) from None


def _result(services: Services, job: Job) -> bytes:
    if job.state in ("queued", "running"):
        raise Conflict(f"the job is {job.state}: pause it for its picture so far, or take preview.jpg")
    try:
        return services.store.files.result(job.id).read_bytes()
    except FileNotFoundError:
        raise NotFound(f"job {job.id!r} has no picture") from None


def _file_name(job: Job) -> str:
    return f"{job.method}-{job.id[:8]}"
