"""The history: every comparison and every single job of a session, newest first, searched, and dealt with together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from texture.errors import Conflict, InvalidInput, NotFound
from texture.jobs.domain.job import Entry, Job, State
from texture.jobs.store.history import Wanted
from texture.methods.artifacts import PICTURE
from texture.web.api.file_names import file_name, numbered
from texture.web.api.request import LARGEST_PAGE, USUAL_PAGE
from texture.web.api.response import Streamed
from texture.web.api.route import Routes
from texture.web.api.zipped import Member, zipped
from texture.web.endpoints.file_routes import has_result, open_result
from texture.web.items import Concerns
from texture.web.services import ComparisonAnswer, Services

MOST_SEARCHED = 200  # characters of a text that is looked for
MOST_TOGETHER = 100  # jobs, and comparisons, that one call deals with

history = Routes()

# A search form sends its empty fields along.
Empty = BeforeValidator(lambda value: value or None)
Filter = Annotated[str | None, Empty]
EntryId = Annotated[str, Field(max_length=100, json_schema_extra={"format": "entry"})]
Ids = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=MOST_TOGETHER)]
WrittenIds = Annotated[str, Field(pattern=rf"^([0-9a-f]{{32}}(,[0-9a-f]{{32}}){{0,{MOST_TOGETHER - 1}}})?$")]


class HistoryQuery(BaseModel, extra="forbid"):
    """Which entries, and how many."""

    text: Filter = Field(
        None,
        max_length=MOST_SEARCHED,
        description="parts of an entry's name, of its source texture's, of its method or settings: clay seed 3",
    )
    exemplar: Filter = Field(None, max_length=MOST_SEARCHED, description="part of the source texture's name")
    method: Filter = Field(None, max_length=100, description="the name of a method")
    state: State | None = Field(None, description="of a job, or of one run of a comparison")
    starred: bool = Field(False, description="true: only what has a star")
    before: Annotated[EntryId | None, Empty] = Field(None, description="the id of an entry: only older ones")
    limit: int = Field(USUAL_PAGE, ge=1, le=LARGEST_PAGE)

    @property
    def wanted(self) -> Wanted:
        """What the store is to look for."""
        return Wanted(self.text, self.exemplar, self.method, self.state, self.starred)


class History(BaseModel):
    """Comparisons and single jobs, newest first."""

    entries: list[Entry]
    next: str | None = Field(description="`before` of the next page; null on the last one")
    expires: dict[str, datetime] = Field(description="by the id of an entry: when it goes to the trash by itself")


class Several(BaseModel, extra="forbid"):
    """Jobs and comparisons, by their ids."""

    jobs: Ids = Field(default_factory=list)
    comparisons: Ids = Field(default_factory=list)


class SeveralQuery(BaseModel, extra="forbid"):
    """The same in an address."""

    jobs: WrittenIds = Field("", description=f"ids of jobs with commas between them, at most {MOST_TOGETHER}")
    comparisons: WrittenIds = Field("", description="ids of comparisons, of which all runs are meant")


class Restored(BaseModel):
    """What has come back."""

    jobs: list[Job]
    comparisons: list[ComparisonAnswer]


@history.get("/history", errors=(422,))
def entries(services: Services, owner: str, query: HistoryQuery) -> History:
    """The entries of this session; the jobs of a comparison are listed within it, not separately."""
    found = _found(services, owner, query)
    page = found[: query.limit]
    expires = services.store.retention.expires([entry.id for entry in page])
    return History(entries=page, next=page[-1].id if len(found) > len(page) else None, expires=expires)


@history.post("/history/delete", status=204, errors=(400, 404, 413, 415, 422))
def delete_several(services: Services, owner: str, body: Several) -> None:
    """Delete jobs and comparisons; they can be restored for a while. If one of them is not there, none is deleted."""
    jobs = [services.own_job(owner, id) for id in body.jobs]
    comparisons = [services.own_comparison(owner, id) for id in body.comparisons]
    for job in (*jobs, *(job for one in comparisons for job in one.jobs)):
        services.post(Concerns(owner, job.id))
    services.store.trash.put(body.jobs, body.comparisons)
    _tell(services, jobs)
    for comparison in comparisons:
        services.tell(comparison)


@history.post("/history/restore", errors=(400, 404, 409, 413, 415, 422))
def restore_several(services: Services, owner: str, body: Several) -> Restored:
    """Restore deleted jobs and comparisons. If one of them cannot be restored, none is."""
    for kind, ids in (("job", body.jobs), ("comparison", body.comparisons)):
        for id in ids:
            services.check_made(owner, kind, id)
    services.store.trash.restore(body.jobs, body.comparisons)
    jobs = [services.store.jobs.get(id) for id in body.jobs]
    comparisons = [services.tell(services.store.comparisons.get(id)) for id in body.comparisons]
    _tell(services, jobs)
    return Restored(jobs=jobs, comparisons=[ComparisonAnswer.for_session(owner, one) for one in comparisons])


@history.get("/history/results.zip", media="application/zip", errors=(404, 409, 422))
def several_results(services: Services, owner: str, query: SeveralQuery) -> Streamed:
    """The results of jobs and of comparisons in one archive; those that have none yet are left out."""
    jobs = {id: services.readable_job(owner, id) for id in _listed(query.jobs)}
    for id in _listed(query.comparisons):
        jobs.update({job.id: job for job in services.readable_comparison(owner, id).jobs})
    found = [job for job in jobs.values() if has_result(services, job)]
    if not found:
        raise Conflict("none of these has a result yet")
    return Streamed(zipped(_members(services, found)), "application/zip", "textures.zip")


def _found(services: Services, owner: str, query: HistoryQuery) -> list[Entry]:
    """One more than is shown, if there is one."""
    try:
        return services.store.history.search(owner, query.wanted, before=query.before, limit=query.limit + 1)
    except NotFound as error:
        raise InvalidInput(str(error), field="before", value=query.before) from None


def _tell(services: Services, jobs: Sequence[Job]) -> None:
    services.engine.wake()
    for job in jobs:
        services.tell_comparison(job)


def _listed(ids: str) -> list[str]:
    return ids.split(",") if ids else []


def _members(services: Services, jobs: Sequence[Job]) -> Iterator[Member]:
    """The pictures, each opened when its turn comes; what is gone or damaged by then is left out."""
    names = numbered(file_name(job, PICTURE.ending) for job in jobs)
    for job, name in zip(jobs, names, strict=True):
        try:
            yield Member(name, job.ended or job.created, open_result(services, job))
        except (NotFound, Conflict):
            continue
