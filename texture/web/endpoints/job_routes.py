"""Jobs: start, list, control, delete and restore."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, Field

from texture.errors import InvalidInput, NotFound
from texture.jobs.domain.job import Job, Point, State
from texture.methods.common.continued import continued
from texture.methods.registry import find_method
from texture.web.api.request import LARGEST_PAGE, USUAL_PAGE
from texture.web.api.route import Routes
from texture.web.endpoints.requested_run import Images, NewRun, check_images, chosen
from texture.web.items import Concerns
from texture.web.services import Services

EXAMPLE = {"method": "gatys", "images": {"source": "sample:pebbles"}, "preset": "draft", "params": {"size": "256"}}

JobId = Annotated[str, Field(max_length=100, json_schema_extra={"format": "job"})]

work = Routes()


class NewJob(NewRun, json_schema_extra={"examples": [EXAMPLE]}):
    """What to do, and on what."""

    images: Images


class JobsQuery(BaseModel, extra="forbid"):
    """Which jobs, and how many."""

    state: State | None = None
    before: JobId | None = Field(None, description="the id of a job: only older ones")
    limit: int = Field(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[Job]
    names: dict[str, str] = Field(
        description="of their comparisons, by id: what the owner has called them, if anything"
    )
    next: str | None = Field(description="`before` of the next page; null on the last one")


class Place(BaseModel, extra="forbid"):
    """Where in the queue."""

    before: JobId = Field(description="the id of another queued job of this session")


class Factor(BaseModel, extra="forbid"):
    """How many times as large."""

    by: int = Field(2, ge=2, le=4, multiple_of=2, description="2 or 4")


class Continuation(BaseModel):
    """A run that begins with a job's result, or why there is none."""

    params: dict[str, Any] | None = Field(description="every parameter, of the job's method; null where it is refused")
    images: dict[str, str] = Field(description="the other pictures, by role; the result itself is `initial`")
    refusal: str | None = Field(description="why there is no such run, such as a source texture with too few pixels")


class PointList(BaseModel):
    """The points of a job's curves, oldest first."""

    points: list[Point]


@work.post("/jobs", status=201, errors=(400, 413, 415, 422, 429))
def start_job(services: Services, owner: str, body: NewJob) -> Job:
    """Queue a job. It belongs to this session, and survives closed tabs, lost connections and restarts."""
    method, params = chosen(body)
    check_images(services, owner, body.images)
    job = services.store.jobs.add(owner, method, params, body.images.given)
    services.engine.wake()
    return job


@work.get("/jobs", errors=(422,))
def jobs(services: Services, owner: str, query: JobsQuery) -> JobList:
    """This session's jobs."""
    try:
        found = services.store.jobs.list(owner, query.state, query.before, query.limit + 1)
    except NotFound as error:
        raise InvalidInput(str(error), field="before", value=query.before) from None
    page = found[: query.limit]
    names = services.store.comparisons.names({job.comparison for job in page if job.comparison})
    return JobList(jobs=page, names=names, next=page[-1].id if len(found) > len(page) else None)


@work.get("/jobs/<id>", errors=(404,))
def job(services: Services, owner: str, id: str) -> Job:
    """A job's row."""
    return services.readable_job(owner, id)


@work.get("/jobs/<id>/larger", errors=(404, 422), aliases={"/jobs/<id>/twice": None})
def larger(services: Services, owner: str, id: str, query: Factor) -> Continuation:
    """The run that begins with a job's result at 2 or 4 times its size: the same layout with as much more detail."""
    job = services.own_job(owner, id)
    given = {role: picture for role, picture in job.images.items() if role != "initial"}
    sizes = {role: services.store.pictures.size(picture) for role, picture in given.items()}
    try:
        params = continued(find_method(job.method), job.params, sizes, query.by)
    except InvalidInput as error:
        return Continuation(params=None, images=given, refusal=str(error))
    return Continuation(params=params.model_dump(mode="json"), images=given, refusal=None)


@work.get("/jobs/<id>/points", errors=(404,))
def points(services: Services, owner: str, id: str) -> PointList:
    """A job's curves."""
    services.readable_job(owner, id)
    return PointList(points=services.store.jobs.points(id))


@work.post("/jobs/<id>/pause", errors=(404, 409))
def pause(services: Services, owner: str, id: str) -> Job:
    """Pause a queued or running job; nothing is lost."""
    return _move(services, owner, id, services.store.jobs.pause)


@work.post("/jobs/<id>/resume", errors=(404, 409, 429))
def resume(services: Services, owner: str, id: str) -> Job:
    """Queue a paused or failed job again; it goes on where it was."""
    return _move(services, owner, id, services.store.jobs.resume)


@work.post("/jobs/<id>/cancel", errors=(404, 409))
def cancel(services: Services, owner: str, id: str) -> Job:
    """Cancel a job; the picture so far is kept."""
    return _move(services, owner, id, services.store.jobs.cancel)


@work.post("/jobs/<id>/retry", errors=(404, 409, 429))
def retry(services: Services, owner: str, id: str) -> Job:
    """Queue a failed or cancelled job again, from its last checkpoint if there is one."""
    return _move(services, owner, id, services.store.jobs.retry)


@work.post("/jobs/<id>/place", errors=(400, 404, 409, 413, 415, 422))
def move_ahead(services: Services, owner: str, id: str, body: Place) -> Job:
    """Put a queued job before another one of this session; the queued runs of a comparison move together."""
    services.own_job(owner, body.before)
    return _move(services, owner, id, partial(services.store.jobs.move_ahead, of=body.before))


@work.delete("/jobs/<id>", status=204, errors=(404,))
def delete_job(services: Services, owner: str, id: str) -> None:
    """Delete a job in any state; it can be restored for a while."""
    job = services.own_job(owner, id)
    services.post(Concerns(owner, id))
    services.store.trash.put_job(id)
    services.engine.wake()
    services.tell_comparison(job)


@work.post("/jobs/<id>/restore", errors=(404, 409))
def restore_job(services: Services, owner: str, id: str) -> Job:
    """Restore a deleted job; an unfinished one comes back as cancelled, and can be retried."""
    services.check_made(owner, "job", id)
    job = services.store.trash.restore_job(id)
    services.engine.wake()
    services.tell_comparison(job)
    return job


def _move(services: Services, owner: str, id: str, move: Callable[[str], Job]) -> Job:
    services.own_job(owner, id)
    changed = move(id)
    services.engine.wake()
    return changed
