"""The history: every comparison and every single job of a session, newest first, with search."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from texture.errors import InvalidInput, NotFound
from texture.jobs.domain.job import Entry
from texture.web.api.request import LARGEST_PAGE, USUAL_PAGE
from texture.web.api.route import Routes
from texture.web.services import Services

history = Routes()

# A search form sends its empty fields along.
Empty = BeforeValidator(lambda value: value or None)
Filter = Annotated[str | None, Empty]
EntryId = Annotated[str, Field(max_length=100, json_schema_extra={"format": "entry"})]


class HistoryQuery(BaseModel, extra="forbid"):
    """Which entries, and how many."""

    method: Filter = Field(None, max_length=100, description="the name of a method")
    exemplar: Filter = Field(None, max_length=200, description="part of the source texture's name")
    before: Annotated[EntryId | None, Empty] = Field(None, description="the id of an entry: only older ones")
    limit: int = Field(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class History(BaseModel):
    """Comparisons and single jobs, newest first."""

    entries: list[Entry]
    next: str | None = Field(description="`before` of the next page; null on the last one")
    expires: dict[str, datetime] = Field(description="by the id of an entry: when it goes to the trash by itself")


@history.get("/history", errors=(422,))
def entries(services: Services, owner: str, query: HistoryQuery) -> History:
    """The entries of this session; the jobs of a comparison are listed within it, not separately."""
    found = _found(services, owner, query)
    page = found[: query.limit]
    expires = services.store.retention.expires([entry.id for entry in page])
    return History(entries=page, next=page[-1].id if len(found) > len(page) else None, expires=expires)


def _found(services: Services, owner: str, query: HistoryQuery) -> list[Entry]:
    """One more than is shown, if there is one."""
    try:
        return services.store.history.search(
            owner, method=query.method, exemplar=query.exemplar, before=query.before, limit=query.limit + 1
        )
    except NotFound as error:
        raise InvalidInput(str(error), field="before", value=query.before) from None
