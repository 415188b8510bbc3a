"""The worker's side of the jobs table: what waits, claiming a job, and recording its progress.

There is one worker to a data folder, and to an entry that is leased, so a claim is one bit of the row (`held`). Every
write of the worker except the release requires that the row is still running: what a user asks for counts from the
moment it is in the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from sqlalchemy import ColumnElement, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from texture.jobs.domain.job import Job, Point, State
from texture.jobs.store import Store
from texture.jobs.store.points import add_point, cut_points
from texture.jobs.store.queries import as_job, every_job, select_jobs
from texture.jobs.store.schema import ComparisonRow, JobRow

MOST_CRASHES = 3
LATEST = 20  # jobs of a method, searched for one that predicts how long the next will take
CRASHED = (
    f"the program crashed {MOST_CRASHES} times in a row while this job was running, without getting any further; "
    "try again with a smaller size, or look at the program's log"
)

WAITING = (JobRow.state == "queued", ~JobRow.held)
ORDER = (JobRow.position, JobRow.created, JobRow.id)

# Columns that change with every step: viewers get events of their own for these.
IN_STEPS = frozenset({"number", "total", "done", "seconds", "memory", "eta", "losses", "metrics"})


@dataclass(frozen=True)
class Progress:
    """The progress of a job."""

    number: int = 0
    total: int | None = None
    done: float = 0.0
    seconds: float = 0.0
    memory: int | None = None
    eta: float | None = None
    losses: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)
    files: Sequence[str] = ()


class Hold(Protocol):
    """What keeps other workers from an entry: a lease."""

    entry: str

    def check_in(self, session: Session) -> None:
        """Raise where it is lost."""


class JobQueue:
    """What the worker of a store reads and writes. To be used from its thread."""

    def __init__(self, store: Store, hold: Hold | None = None) -> None:
        """hold: on the only entry that there is for this worker; None where there is no other worker."""
        self._database, self._artifacts, self._notes, self._hold = store.database, store.artifacts, store.notes, hold
        self._scope = () if hold is None else (of_entry(hold.entry),)

    @contextmanager
    def _writing(self, untold: Collection[str] = ()) -> Iterator[Session]:
        """A transaction of the database, refused where another worker has the entry by now."""
        with self._database.writing(untold) as session:
            if self._hold is not None:
                self._hold.check_in(session)
            yield session

    def begin(self, culprit: str | None = None) -> list[str]:
        """Requeue the jobs that an earlier process had claimed, ahead of whatever was queued after them.

        culprit: the job that crashed that process; it fails after three such crashes in a row without a checkpoint in
        between. Returns the ids of the claimed jobs.
        """
        with self._writing() as session:
            rows = list(session.scalars(select(JobRow).where(JobRow.held, *self._scope)))
            for row in rows:
                put_back(row)
                if row.id == culprit and row.state == "queued":
                    _blame(row)
        return [row.id for row in rows]

    def requeue(self, running: Collection[str]) -> None:
        """Requeue the claimed jobs that are not among `running`: an error has lost them."""
        with self._writing() as session:
            for row in session.scalars(select(JobRow).where(JobRow.held, JobRow.id.not_in(running), *self._scope)):
                put_back(row)

    def front(self, limit: int, *, brief: bool | None = None, after: str | None = None) -> list[Job]:
        """The first jobs that may be claimed, in order.

        brief: only brief jobs, or only others. after: only those behind this job, if it still waits.
        """
        query = every_job().where(*WAITING, *self._scope).order_by(*ORDER).limit(limit)
        if brief is not None:
            query = query.where(JobRow.position < 0 if brief else JobRow.position >= 0)
        with self._database.reading() as session:
            row = session.get(JobRow, after) if after else None
            if row is not None and row.state == "queued":
                query = query.where(tuple_(*ORDER) > (row.position, row.created, row.id))
            return select_jobs(session, query)

    def beside(self, comparisons: Collection[str]) -> list[Job]:
        """The runs of these comparisons that may be claimed."""
        runs = select(JobRow).where(JobRow.comparison.in_(comparisons))  # by whose index: the queue may be long
        with self._database.reading() as session:
            waiting = [row for row in session.scalars(runs) if row.state == "queued" and not row.held]
        return [as_job(row) for row in sorted(waiting, key=lambda row: (row.position, row.created))]

    def states(self, jobs: Collection[str]) -> dict[str, State]:
        """The states of `jobs`, in the trash or not."""
        with self._database.reading() as session:
            rows = session.scalars(select(JobRow).where(JobRow.id.in_(jobs)))
            return {row.id: row.state for row in rows}

    def take(self, job: str) -> bool:
        """queued → running. False where the row says otherwise by now."""
        with self._writing() as session:
            row = session.get(JobRow, job)
            if row is None or row.state != "queued" or row.held:
                return False
            row.state, row.held, row.message, row.eta = "running", True, None, None
            row.started = row.started or datetime.now(UTC)
        self._note(row)
        return True

    def rewind(self, job: str, progress: Progress, message: str | None = None) -> bool:
        """The job goes on from `progress`, or from the start: forget what came after. False if no longer running."""
        with self._writing(untold=IN_STEPS - {"number"}) as session:
            row = self._running(session, job)
            if row is not None:
                cut_points(session, job, progress.number)
                _copy(row, progress)
                row.message = message
        return row is not None

    def note(self, job: str, progress: Progress, points: Sequence[Point] = (), message: str | None = None) -> bool:
        """Record a running job's progress and points of its curves. False if it is no longer running."""
        with self._writing(untold=IN_STEPS) as session:
            row = self._running(session, job)
            if row is not None:
                _copy(row, progress)
                row.message = message
                for point in points:
                    add_point(session, job, point)
        return row is not None

    def saved(self, job: str) -> None:
        """The job has got further and its checkpoint is whole: what happened before does not count against it."""
        with self._writing() as session:
            session.execute(update(JobRow).where(JobRow.id == job, JobRow.crashes > 0).values(crashes=0))

    def end(
        self, job: str, state: Literal["done", "failed"], progress: Progress | None, message: str | None = None
    ) -> bool:
        """running → done or failed, and released. False if it is no longer running."""
        size = self._bytes_of(job, checkpoint=state != "done")
        with self._writing() as session:
            row = self._running(session, job)
            if row is not None:
                _copy(row, progress)
                row.state, row.held, row.eta, row.message, row.ended = state, False, None, message, datetime.now(UTC)
                row.crashes, row.bytes = 0, row.bytes if size is None else size
        self._note(row)
        return row is not None

    def put_down(self, job: str, progress: Progress | None = None, message: str | None = None) -> None:
        """Release it in whatever state it is by now; one still running goes back to its place in the queue."""
        size = self._bytes_of(job)
        with self._writing() as session:
            row = session.get(JobRow, job)
            if row is None or not row.held:
                return
            row.held, row.bytes = False, row.bytes if size is None else size
            _copy(row, progress)
            row.eta, row.message = None, message
            if row.state == "running":
                row.state = "queued"
        self._note(row)

    def abandon(self) -> None:
        """Release all jobs of a worker that is stuck; what it still writes then finds no claimed row."""
        with self._writing() as session:
            for row in session.scalars(select(JobRow).where(JobRow.held, *self._scope)):
                put_back(row)

    def say(self, job: str, message: str) -> None:
        """Record why a queued job waits."""
        with self._writing() as session:
            row = session.get(JobRow, job)
            if row is not None and row.state == "queued" and row.message != message:
                row.message = message

    def expect(self, etas: Mapping[str, float | None]) -> None:
        """Record when queued jobs will be done, in seconds from now."""
        with self._writing() as session:
            for row in session.scalars(select(JobRow).where(JobRow.id.in_(etas), JobRow.state == "queued")):
                row.eta = etas[row.id]

    def latest(self, method: str) -> list[Job]:
        """The latest jobs of a method whose step time is known, newest first."""
        query = every_job().where(JobRow.method == method, JobRow.done > 0, JobRow.seconds > 0)
        newest_first = query.order_by(func.coalesce(JobRow.ended, JobRow.started).desc().nulls_last())
        with self._database.reading() as session:
            return select_jobs(session, newest_first.limit(LATEST))

    def _note(self, row: JobRow | None) -> None:
        """Write the note beside the job's files, in case the database is replaced by an older one."""
        if row is not None and row.trashed is None:
            with self._database.reading() as session:
                about = session.get(ComparisonRow, row.comparison) if row.comparison else None
            self._notes.job(row, about)

    def _bytes_of(self, job: str, checkpoint: bool = True) -> int | None:
        """Of its files; None where a bucket does not answer, for which nobody should have to wait."""
        try:
            return self._artifacts.bytes_of(job, checkpoint)
        except OSError:
            return None

    def _running(self, session: Session, job: str) -> JobRow | None:
        row = session.get(JobRow, job)
        return row if row is not None and row.state == "running" and row.held else None


def _copy(row: JobRow, progress: Progress | None) -> None:
    for name, value in (asdict(progress) if progress else {}).items():
        setattr(row, name, list(value) if name == "files" else value)


def of_entry(entry: str) -> ColumnElement[bool]:
    """The job of that id, or the runs of the comparison."""
    return or_(JobRow.id == entry, JobRow.comparison == entry)


def put_back(row: JobRow) -> None:
    """Release it; where it was running it goes back to its place."""
    row.held, row.eta = False, None
    row.state = "queued" if row.state == "running" else row.state


def put_back_lost(row: JobRow) -> None:
    """The same where the worker is lost: three times in a row without a checkpoint, and it is the job's fault."""
    put_back(row)
    if row.state == "queued":
        _blame(row)


def _blame(row: JobRow) -> None:
    row.crashes += 1
    if row.crashes >= MOST_CRASHES:
        row.state, row.message, row.ended = "failed", CRASHED, datetime.now(UTC)
