"""The points of a job's curves: added a few times a second, limited in number however long a job runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, cast, delete, func, select
from sqlalchemy.orm import Session

from texture.jobs.domain.job import Point
from texture.jobs.store.schema import PointRow

MOST = 600  # points of a job; a curve on a screen has no more pixels


def points_of(session: Session, job: str) -> list[Point]:
    """A job's points, oldest first."""
    rows = session.execute(_columns(PointRow.values, job))
    return [Point(number=number, seconds=seconds, wall=wall, values=values) for number, seconds, wall, values in rows]


def points_json(session: Session, job: str) -> str:
    """The same as JSON. The values stay the text that they are in the database: this is read for every viewer."""
    rows = session.execute(_columns(cast(PointRow.values, Text), job))
    told = (
        f'{{"number":{number},"seconds":{seconds!r},"wall":{wall!r},"values":{values}}}'
        for number, seconds, wall, values in rows
    )
    return f"[{','.join(told)}]"


def add_point(session: Session, job: str, point: Point) -> None:
    """Store a point, replacing one of the same number. When there are too many, every second one is dropped."""
    if _count(session, job) >= MOST:
        _halve(session, job)
    row = PointRow(job=job, number=point.number, seconds=point.seconds, wall=point.wall, values=point.values)
    session.merge(row)


def cut_points(session: Session, job: str, number: int) -> None:
    """Drop the points after `number`: the job continues from there."""
    session.execute(delete(PointRow).where(PointRow.job == job, PointRow.number > number))


def worth_keeping(newest: Point | None, seconds: float) -> bool:
    """Whether a point at `seconds` of device time is far enough from the newest one: a 600th of the whole."""
    return newest is None or seconds - newest.seconds >= seconds / MOST


def _columns(values: Any, job: str) -> Select[Any]:
    """Without an object for each row, which would cost more than the rest."""
    columns = select(PointRow.number, PointRow.seconds, PointRow.wall, values)
    return columns.where(PointRow.job == job).order_by(PointRow.number)


def _count(session: Session, job: str) -> int:
    return session.scalar(select(func.count()).where(PointRow.job == job)) or 0


def _halve(session: Session, job: str) -> None:
    rank = func.row_number().over(order_by=PointRow.number)
    ranked = select(PointRow.number, rank.label("rank")).where(PointRow.job == job).subquery()
    seconds = select(ranked.c.number).where(ranked.c.rank % 2 == 0)
    session.execute(delete(PointRow).where(PointRow.job == job, PointRow.number.in_(seconds)))
