"""`watch`: what a client may watch, and the full snapshot that it gets as acknowledgement."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from PIL import Image
from pydantic import BaseModel, Field, field_validator, model_validator

from texture.errors import NotFound
from texture.jobs.domain.job import ENDED, Comparison, Job, State
from texture.jobs.store import MOST
from texture.methods.artifacts import PREVIEW
from texture.web.items import Corrects, Watches
from texture.web.live.messages import row_message
from texture.web.live.packet import Ready
from texture.web.services import ComparisonAnswer, Services

MOST_WATCHED = 32
MOST_PICTURES = 10  # in one message: the browsers' Socket.IO client hangs up on more attachments
UNFINISHED: tuple[State, ...] = ("queued", "running", "paused")
MINE = "mine"


class Watch(BaseModel, extra="forbid"):
    """The payload of `watch`: jobs, a comparison, or both."""

    jobs: list[str] | str = Field(default_factory=list, description='"mine", or at most 32 ids')
    comparison: str | None = Field(None, description="the id of one; its jobs, those to come included")

    @field_validator("jobs", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        if value == MINE:
            return value
        if not isinstance(value, list) or not all(map(_may_be_id, value)) or len(value) > MOST_WATCHED:
            raise ValueError(f'send "{MINE}", or a list of at most {MOST_WATCHED} ids')
        return value

    @field_validator("comparison", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        if value is not None and not _may_be_id(value):
            raise ValueError("send the id of a comparison")
        return value

    @model_validator(mode="after")
    def _something(self) -> Watch:
        if not self.model_fields_set:
            raise ValueError("send a JSON object with jobs, comparison, or both")
        return self

    @property
    def mine(self) -> bool:
        """Whether all jobs of the session are meant."""
        return self.jobs == MINE

    @property
    def ids(self) -> list[str]:
        """The jobs that are named one by one."""
        return list(dict.fromkeys(self.jobs)) if isinstance(self.jobs, list) else []


def _may_be_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii()  # half a surrogate pair would only fail later, in the database


@dataclass(frozen=True)
class View:
    """What is to be watched: jobs by id, and the comparison if one was asked for."""

    jobs: dict[str, Job]
    comparison: Comparison | None


def watch_and_tell(services: Services, viewer: str, owner: str, message: Watch) -> dict[str, Any]:
    """Let a viewer watch what it may see, and only then read the snapshot: an event may come twice, none is lost.

    What was added, deleted or unshared between the two reads is corrected.

    Raises:
        NotFound: there is no such comparison, or this viewer may not see it.
    """
    first = _look(services, owner, message)
    said = Watches(viewer, frozenset(first.jobs), message.mine, message.comparison)
    services.post(said)
    try:
        view = _look(services, owner, message)
    except NotFound:
        services.post(Watches(viewer, frozenset()))
        raise
    there = frozenset(view.jobs)
    services.post(Corrects(said, more=there - said.jobs, less=said.jobs - there))
    return _snapshot(services, owner, message, view)


def _look(services: Services, owner: str, message: Watch) -> View:
    comparison = services.readable_comparison(owner, message.comparison) if message.comparison is not None else None
    unfinished = services.store.jobs.list(owner, UNFINISHED, limit=MOST) if message.mine else []
    named = [row for id in message.ids if (row := _readable_job(services, owner, id))]
    rows = [*(comparison.jobs if comparison else []), *unfinished, *named]
    return View({row.id: row for row in rows}, comparison)


def _snapshot(services: Services, owner: str, message: Watch, view: View) -> dict[str, Any]:
    told = {"comparison": comparison_message(owner, view.comparison)} if view.comparison else {}
    shown = _pictured(view.jobs.values())
    return {
        **told,
        "jobs": [_tell(services, row, pictured=row.id in shown) for row in view.jobs.values()],
        "missing": [id for id in message.ids if id not in view.jobs],
        "weights": services.weights.state().model_dump(mode="json"),
    }


def comparison_message(owner: str, comparison: Comparison) -> dict[str, Any]:
    """A comparison for JSON, as HTTP tells it, its numbers finite."""
    answer = ComparisonAnswer.for_session(owner, comparison)
    return {**answer.model_dump(mode="json", exclude={"jobs"}), "jobs": [row_message(job) for job in comparison.jobs]}


def _readable_job(services: Services, owner: str, id: str) -> Job | None:
    try:
        return services.readable_job(owner, id)
    except NotFound:
        return None


def _pictured(rows: Collection[Job]) -> set[str]:
    """The jobs whose pictures come along: those at work first, for the others have left theirs on HTTP."""
    urgent = sorted(rows, key=lambda row: (row.state in ENDED, row.number == 0))
    return {row.id for row in urgent[:MOST_PICTURES]}


def _tell(services: Services, row: Job, *, pictured: bool) -> dict[str, Any]:
    """A job as a snapshot shows it."""
    points = Ready(services.store.jobs.points_json(row.id))
    return {"job": row_message(row), "points": points, "frame": _last_frame(services, row) if pictured else None}


def _last_frame(services: Services, row: Job) -> dict[str, Any] | None:
    """The last preview, as a frame."""
    try:
        data = services.store.artifacts.get(row.id, PREVIEW.name)
        width, height = Image.open(io.BytesIO(data), formats=("JPEG",)).size
    except OSError:  # not there, or damaged: the next one is on its way, or the result tells all
        return None
    return {"seq": row.seq, "number": row.number, "width": width, "height": height, "data": data}
