"""Leases: which worker holds which entry, where several machines run the jobs of one store.

An entry is a job, or a comparison with all its runs. A worker holds it by a numbered lease and says every few seconds
that it is alive. Whoever notices that it no longer does puts the entry back into the queue and counts the number up.
From then on the worker before is refused: each of its writes looks in its own transaction whether its number still
stands (a fencing token; Kleppmann, "How to do distributed locking", 2016). Moments are by the database's clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from texture.jobs.scheduling.queue import ORDER, WAITING, of_entry, put_back, put_back_lost
from texture.jobs.store.database import Database
from texture.jobs.store.moments import now
from texture.jobs.store.schema import JobRow, LeaseRow
from texture.methods.contract import Method
from texture.methods.registry import methods

Queue = Literal["gpu", "cpu", "brief"]
QUEUES: tuple[Queue, ...] = get_args(Queue)

RENEWED_EVERY, EXPIRES = 2.0, 8.0  # seconds; and of a worker's own doubt, a little less
DOUBT = 7.0

ENTRY = func.coalesce(JobRow.comparison, JobRow.id)


class LeaseLost(BaseException):
    """Another worker has the entry by now, or may have it: nothing more is to be written.

    Not an Exception: like asyncio's CancelledError, it must not be taken for an error of a method or of the disk.
    """


@dataclass
class Lease:
    """One worker's hold on one entry. `renewed`: when it was last known to stand, by this process's clock."""

    entry: str
    number: int
    worker: str
    renewed: float = field(default_factory=time.monotonic)
    lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise LeaseLost where it is lost, or has not been renewed for so long that it may be."""
        if self.lost.is_set() or time.monotonic() - self.renewed > DOUBT:
            self.lost.set()
            raise LeaseLost(self.entry)

    def check_in(self, session: Session) -> None:
        """Raise LeaseLost where another number stands in the table: within the transaction that is to write."""
        self.check()
        number = session.scalar(select(LeaseRow.number).where(LeaseRow.entry == self.entry))
        if number != self.number:
            self.lost.set()
            raise LeaseLost(self.entry)


class Leases:
    """The leases of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, worker: str, queues: Collection[Queue], without: Collection[str] = ()) -> Lease | None:
        """Hold the first entry that waits in one of these queues; None where none does.

        without: methods that this worker cannot run, nor what they are compared with.
        """
        first = select(ENTRY).where(*_waiting(queues, without)).order_by(*ORDER).limit(1)
        with self._database.reading() as session:  # often there is none, and no writer has to wait for that
            if session.scalar(first) is None:
                return None
        with self._database.writing() as session:
            entry = session.scalar(first)
            if entry is None:
                return None
            row = session.get(LeaseRow, entry) or LeaseRow(entry=entry, number=0)
            row.number, row.worker, row.seen = row.number + 1, worker, now(session)
            session.add(row)
            return Lease(entry, row.number, worker)

    def renew(self, lease: Lease) -> bool:
        """Say that the worker is alive. False where the entry is another's by now.

        One statement, which does not take a turn among writers: there are many of them, and they must not be late.
        """
        began = time.monotonic()
        own = LeaseRow.entry == lease.entry, LeaseRow.number == lease.number
        with self._database.reading.begin() as session:
            renewed = update(LeaseRow).where(*own).values(seen=now(session)).returning(LeaseRow.entry)
            stands = session.scalar(renewed) is not None
        if stands:
            lease.renewed = began
        else:
            lease.lost.set()
        return stands

    def release(self, lease: Lease) -> None:
        """Give the entry up; what of it still waits is for whoever comes next."""
        with self._database.writing() as session:
            row = session.get(LeaseRow, lease.entry)
            if row is not None and row.number == lease.number:
                for job in session.scalars(select(JobRow).where(of_entry(lease.entry), JobRow.held)):
                    put_back(job)
                row.worker = None

    def reclaim(self) -> list[str]:
        """Put the entries of workers that are lost back into the queue, in their old places. Returns them."""
        with self._database.reading() as session:  # mostly there are none, and no writer has to wait for that
            if not session.scalar(select(func.count()).where(*_expired(now(session)))):
                return []
        with self._database.writing() as session:
            # One statement: a worker that is heard of in this very moment keeps what it has.
            taken = update(LeaseRow).where(*_expired(now(session))).values(number=LeaseRow.number + 1, worker=None)
            entries = list(session.scalars(taken.returning(LeaseRow.entry)))
            for entry in entries:
                for job in session.scalars(select(JobRow).where(of_entry(entry), JobRow.held)):
                    put_back_lost(job)
        return entries

    def waiting(self) -> dict[Queue, int]:
        """How many entries wait in each queue."""
        with self._database.reading() as session:
            return {
                queue: session.scalar(select(func.count(ENTRY.distinct())).where(*_waiting([queue]))) or 0
                for queue in QUEUES
            }

    def holders(self) -> dict[str, str]:
        """Who holds what at this moment: entries to workers."""
        with self._database.reading() as session:
            held = LeaseRow.worker.is_not(None), ~and_(*_expired(now(session)))
            rows = session.execute(select(LeaseRow.entry, LeaseRow.worker).where(*held))
            return {entry: worker for entry, worker in rows if worker is not None}


def queue_of(method: Method) -> Queue:
    """The queue of a method's jobs."""
    return "brief" if method.brief else "cpu" if method.processor else "gpu"


def _waiting(queues: Iterable[Queue], without: Collection[str] = ()) -> tuple[ColumnElement[bool], ...]:
    """Jobs of entries that wait in one of these queues, that nobody holds, and that need none of these methods."""
    leased = select(LeaseRow.entry).where(LeaseRow.entry == ENTRY, LeaseRow.worker.is_not(None)).exists()
    named = or_(false(), *map(_in_queue, queues))
    return (*WAITING, JobRow.trashed.is_(None), named, ~leased, JobRow.method.not_in(without), ~_beside(without))


def _in_queue(queue: Queue) -> ColumnElement[bool]:
    """A comparison is in the queue of its most demanding run. What this version does not know is for any processor."""
    named = {one: [name for name, method in methods().items() if queue_of(method) == one] for one in QUEUES}
    if queue == "gpu":
        return JobRow.method.in_(named["gpu"])
    if queue == "cpu":
        return and_(JobRow.method.not_in([*named["gpu"], *named["brief"]]), ~_beside(named["gpu"]))
    others = [name for name in methods() if name not in named["brief"]]
    return and_(JobRow.method.in_(named["brief"]), ~_beside(others))


def _beside(names: Collection[str]) -> ColumnElement[bool]:
    """Whether a run of one of these methods waits in the same comparison."""
    run = aliased(JobRow)
    beside = run.comparison == JobRow.comparison, run.state == "queued", ~run.held, run.method.in_(names)
    return select(run.id).where(*beside).exists()


def _expired(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return LeaseRow.worker.is_not(None), LeaseRow.seen < moment - timedelta(seconds=EXPIRES)
