"""The tables, typed. A change here needs a migration beside it: tests compare the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from texture.jobs.domain.job import State

HEAD = "0007"  # the newest migration: known here so that an up-to-date file opens without importing Alembic


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite stores no time zone, so it is removed on the way in and restored on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, without a zone."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to a moment with its zone."""
        return value and value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """The base of all tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to say it
        datetime: Moment,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        dict[str, float]: JSON,
        list[str]: JSON,
        State: String(16),
    }


class PictureRow(Table):
    """An uploaded picture; its pixels are in a file."""

    __tablename__ = "pictures"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    checksum: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # of its file
    created: Mapped[datetime]


class ComparisonRow(Table):
    """Several jobs on one exemplar, started together."""

    __tablename__ = "comparisons"
    __table_args__ = (Index("ix_comparisons_owner", "owner", "created"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str]
    exemplar: Mapped[str]
    images: Mapped[dict[str, str]]
    shared: Mapped[bool]
    name: Mapped[str | None]
    star: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime]
    trashed: Mapped[datetime | None]


class JobRow(Table):
    """A job. What has no counterpart in `job.Job` is explained here."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_queue", "state", "position"),
        Index("ix_jobs_owner", "owner", "created"),
        Index("ix_jobs_turns", "owner", "state", "position"),
        Index("ix_jobs_comparison", "comparison"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str]
    comparison: Mapped[str | None] = mapped_column(ForeignKey("comparisons.id"))
    method: Mapped[str]
    params: Mapped[dict[str, Any]]
    images: Mapped[dict[str, str]]
    names: Mapped[dict[str, str]]
    exemplar: Mapped[str]
    name: Mapped[str | None]
    star: Mapped[bool] = mapped_column(default=False)
    state: Mapped[State]
    seq: Mapped[int] = mapped_column(BigInteger)
    # In the queue, see `queries`; an interrupted job keeps it, a resumed one does not.
    position: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[bool]  # claimed by the worker, which may not yet have released it when the state says it should
    crashes: Mapped[int]  # how often in a row it took the process down with it, without a checkpoint in between
    number: Mapped[int]
    total: Mapped[int | None]
    done: Mapped[float]
    seconds: Mapped[float]
    memory: Mapped[int | None] = mapped_column(BigInteger)
    eta: Mapped[float | None]
    losses: Mapped[dict[str, float]]
    metrics: Mapped[dict[str, float]]
    baselines: Mapped[dict[str, float]] = mapped_column("floors")  # the column's original name
    files: Mapped[list[str]]
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # of all its files, when it was last released
    message: Mapped[str | None]
    created: Mapped[datetime]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    trashed: Mapped[datetime | None]  # deleted then, and for a while restorable


class PointRow(Table):
    """One point of a job's curves."""

    __tablename__ = "points"

    job: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    wall: Mapped[float]
    values: Mapped[dict[str, float]]


class LeaseRow(Table):
    """Who holds an entry, a job or a comparison, where several workers run the jobs: see `scheduling.leases`."""

    __tablename__ = "leases"

    entry: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)  # one more with each worker that takes it
    worker: Mapped[str | None]  # None: nobody holds it
    seen: Mapped[datetime]  # when the worker last said that it is alive, by the database's clock


class AgreedRow(Table):
    """What all processes of a shared database have to agree on, as whoever came first has said it."""

    __tablename__ = "agreed"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str]
