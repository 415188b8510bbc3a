"""Names and stars for jobs and comparisons."""

from __future__ import annotations

from pydantic import BaseModel, Field

from texture.jobs.domain.job import Job
from texture.web.api.route import Routes
from texture.web.services import ComparisonAnswer, Services

MOST_CHARACTERS = 100

marks = Routes()


class Marking(BaseModel, extra="forbid", json_schema_extra={"examples": [{"name": "Courtyard wall", "star": True}]}):
    """What to change; what is not there stays as it is."""

    name: str | None = Field(None, max_length=MOST_CHARACTERS, description="empty takes it away")
    star: bool | None = Field(None, strict=True)

    @property
    def written(self) -> str | None:
        """The name on one line, without control characters."""
        return self.name and "".join(c for c in " ".join(self.name.split()) if c.isprintable())


@marks.patch("/jobs/<id>", errors=(400, 404, 413, 415, 422))
def mark_job(services: Services, owner: str, id: str, body: Marking) -> Job:
    """Give a job a name or a star, or take them away."""
    services.own_job(owner, id)
    job = services.store.marks.job(id, body.written, body.star)
    services.engine.wake()
    return job


@marks.patch("/comparisons/<id>", errors=(400, 404, 413, 415, 422))
def mark_comparison(services: Services, owner: str, id: str, body: Marking) -> ComparisonAnswer:
    """Give a comparison a name or a star, or take them away."""
    services.own_comparison(owner, id)
    comparison = services.store.marks.comparison(id, body.written, body.star)
    return ComparisonAnswer.for_session(owner, services.tell(comparison))
