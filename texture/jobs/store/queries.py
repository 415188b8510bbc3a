"""Queries for job rows, each with its place in the queue, and the position of a new job in the queue.

Owners take turns: whoever has jobs waiting puts the next one a whole turn behind them, and whoever has none comes in
at the turn that is being served. So a position is a turn, and within it the order of arrival; nobody's place depends on
how much another one has queued before.

All waiting runs of a comparison have one position, as they are to run together. Brief jobs have positions before all
others, in a range of their own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from texture.errors import NotFound
from texture.jobs.domain.job import Job, State
from texture.jobs.store.schema import JobRow
from texture.methods.registry import find_method

FRONT = -(2**62)  # where the positions of brief jobs begin
TURN = 2**20  # positions of one turn: at most so many owners come into it

UNENDED: tuple[State, ...] = ("queued", "running")

JobQuery = Select[JobRow]


def every_job() -> JobQuery:
    """The query for all jobs that are not in the trash; to be narrowed."""
    return select(JobRow).where(JobRow.trashed.is_(None))


def select_jobs(session: Session, query: JobQuery) -> list[Job]:
    """The jobs that a query made by `every_job` finds, each with its place in the queue."""
    rows = list(session.scalars(query))
    places = _places(session, {row.position for row in rows if row.state == "queued"})
    # One that has been claimed between the two looks is in no place any longer.
    return [as_job(row, places.get(row.position) if row.state == "queued" else None) for row in rows]


def _places(session: Session, positions: set[int]) -> dict[int, int]:
    """The place of each of these positions; 1 is next. What is read is the index, as far as the last of them."""
    if not positions:
        return {}
    waiting = select(JobRow.position).distinct().where(JobRow.state == "queued", JobRow.position <= max(positions))
    if len(positions) == 1:
        count = select(func.count()).select_from(waiting.order_by(JobRow.position).subquery())
        return dict.fromkeys(positions, session.scalar(count) or 0)
    taken = session.scalars(waiting.order_by(JobRow.position))
    return {position: place for place, position in enumerate(taken, 1) if position in positions}


def end_of_queue(session: Session, owner: str, *, brief: bool = False, comparison: str | None = None) -> int:
    """The queue position for a job that begins to wait now."""
    if comparison is not None:
        waiting = JobRow.comparison == comparison, JobRow.state == "queued"
        beside = session.scalar(select(func.min(JobRow.position)).where(*waiting))
        if beside is not None:
            return beside
    kind, start = (JobRow.position < 0, FRONT) if brief else (JobRow.position >= 0, 0)
    turn = max(_turn_served(session, kind, start), _turn_of(session, owner, kind, start) + 1)
    first = start + turn * TURN
    taken = JobRow.position >= first, JobRow.position < first + TURN
    newest = session.scalar(select(func.max(JobRow.position)).where(JobRow.state.in_(UNENDED), *taken))
    return first if newest is None else newest + 1


def _turn_served(session: Session, kind: ColumnElement[bool], start: int) -> int:
    """The turn of what runs; where nothing does, of whoever is next."""
    running = session.scalar(select(func.max(JobRow.position)).where(JobRow.state == "running", kind))
    served = running or session.scalar(select(func.min(JobRow.position)).where(JobRow.state == "queued", kind))
    return 0 if served is None else (served - start) // TURN


def _turn_of(session: Session, owner: str, kind: ColumnElement[bool], start: int) -> int:
    """The last turn in which this owner has something; -1 for none."""
    own = JobRow.owner == owner, JobRow.state.in_(UNENDED), kind
    newest = session.scalar(select(func.max(JobRow.position)).where(*own))
    return -1 if newest is None else (newest - start) // TURN


def as_job(row: JobRow, place: int | None = None) -> Job:
    """The row as everybody else sees it, its parameters by today's names."""
    fields = {name: getattr(row, name) for name in Job.model_fields if name != "place"}
    return Job(place=place, **{**fields, "params": _by_new_names(row)})


def _by_new_names(row: JobRow) -> dict[str, Any]:
    try:
        return find_method(row.method).params.by_new_names(row.params)
    except NotFound:  # of another version
        return row.params


def job_row(session: Session, job: str) -> JobRow:
    """The row of a job that is not in the trash, to be changed. Raises NotFound."""
    row = session.get(JobRow, job)
    if row is None or row.trashed is not None:
        raise no_job(job)
    return row


def no_job(job: str) -> NotFound:
    """The error for a job that does not exist, or not for this owner."""
    return NotFound(f"job {job!r}: no such job")


def has_item(column: InstrumentedAttribute[list[str]], item: str) -> ColumnElement[bool]:
    """Whether a JSON array of plain words contains `item`."""
    return cast(column, String).contains(f'"{item}"', autoescape=True)
