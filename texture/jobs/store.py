"""The table of jobs, which is the truth, and the pictures that people brought: what the outside may ask and do.

A state is changed by compare-and-set inside one write transaction, so it does not matter which thread asks first.
Whoever changes a row puts its id into `changes`; the worker tells the world, and does in its turn what the row says.
The worker's own side is `worklist.Worklist`.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased, sessionmaker

from texture.errors import Conflict, InvalidInput, NotFound
from texture.images.checksum import checksum
from texture.images.decoding import reopen
from texture.images.encoding import encode_png, write_atomically
from texture.images.samples import SAMPLE, find_sample
from texture.jobs.curves import points_of
from texture.jobs.database import for_writing, open_database
from texture.jobs.files import Files
from texture.jobs.job import Job, Picture, Point, State
from texture.jobs.moves import MOVES
from texture.jobs.schema import JobRow, PictureRow
from texture.jobs.sequence import Sequence
from texture.methods.base import Params, find_method
from texture.settings import Settings

MOST = 500  # jobs in one answer

_ahead = aliased(JobRow)
_PLACE = case(
    (
        JobRow.state == "queued",
        select(func.count())
        .where(_ahead.state == "queued", _ahead.position <= JobRow.position)
        .correlate(JobRow)
        .scalar_subquery(),
    )
)


class Store:
    """The pictures and jobs of one data folder. Every method may be called from any thread, and blocks on the disk."""

    def __init__(self, settings: Settings) -> None:
        """Open the folder's database, made or brought up to date where needed.

        Raises:
            SetupProblem: the folder or the database cannot be used; the text says why.
        """
        self.files = Files(settings.data)
        self._engine = open_database(self.files.database)
        self.reading = sessionmaker(self._engine, expire_on_commit=False)
        self.writing = sessionmaker(for_writing(self._engine), expire_on_commit=False)
        self.sequence = Sequence(self._kept_seq)
        self.changes: deque[str] = deque()  # ids of jobs whose rows have changed, not yet told

    def close(self) -> None:
        """Close the database's connections."""
        self._engine.dispose()

    def add_picture(self, owner: str, name: str, pixels: NDArray[np.uint8]) -> Picture:
        """Keep a picture, H×W×3 uint8, that has been decoded and checked.

        Raises:
            SetupProblem: the file cannot be written.
        """
        row = PictureRow(
            id=secrets.token_hex(16),
            owner=owner,
            name=name,
            width=pixels.shape[1],
            height=pixels.shape[0],
            checksum=checksum(pixels),
            created=datetime.now(UTC),
        )
        path = self.files.picture(row.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, encode_png(pixels))
        with self.writing.begin() as session:
            session.add(row)
        return _picture(row)

    def picture(self, picture: str) -> Picture:
        """What is known of a picture that a person brought.

        Raises:
            NotFound: there is none of that id.
        """
        with self.reading() as session:
            row = session.get(PictureRow, picture)
        if row is None:
            raise NotFound(f"picture {picture!r}: there is none of that id")
        return _picture(row)

    def pixels(self, picture: str) -> NDArray[np.uint8]:
        """The pixels, H×W×3, of a picture that a person brought, or of `sample:<name>`.

        Raises:
            NotFound: there is no such picture or sample.
            InvalidInput: its file is gone or damaged.
        """
        if picture.startswith(SAMPLE):
            return find_sample(picture.removeprefix(SAMPLE)).pixels()
        self.picture(picture)
        return reopen(self.files.picture(picture))

    def add_job(self, owner: str, method: str, params: Params, images: Mapping[str, str]) -> Job:
        """Queue a job; call the engine's `wake()` afterwards.

        images: role ("source", "content") to the id of a picture of the same owner, or `sample:<name>`.

        Raises:
            NotFound: there is no such method or picture.
            InvalidInput: a role is unknown, or the source is missing.
        """
        self._check_images(owner, images, find_method(method).images)
        row = JobRow(
            id=secrets.token_hex(16),
            owner=owner,
            method=method,
            params=params.model_dump(mode="json"),
            images=dict(images),
            state="queued",
            seq=1,
            held=False,
            crashes=0,
            number=0,
            seconds=0.0,
            losses={},
            metrics={},
            created=datetime.now(UTC),
        )
        with self.writing.begin() as session:
            row.position = _next_position(session)
            session.add(row)
        self.changes.append(row.id)
        return self.job(row.id)

    def job(self, job: str) -> Job:
        """A job's row.

        Raises:
            NotFound: there is none of that id.
        """
        with self.reading() as session:
            found = select_jobs(session, every_job().where(JobRow.id == job))
        if not found:
            raise _no_job(job)
        return found[0]

    def jobs(
        self,
        owner: str,
        state: State | Collection[State] | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs of an owner, newest first: in the state (or one of the states), made before the job `before`.

        limit: 1..500.

        Raises:
            NotFound: there is no job `before`.
        """
        query = every_job().where(JobRow.owner == owner)
        if state is not None:
            query = query.where(JobRow.state.in_([state] if isinstance(state, str) else state))
        if before is not None:
            query = query.where(tuple_(JobRow.created, JobRow.id) < (self.job(before).created, before))
        query = query.order_by(JobRow.created.desc(), JobRow.id.desc()).limit(max(1, min(limit, MOST)))
        with self.reading() as session:
            return select_jobs(session, query)

    def queued(self) -> int:
        """How many jobs wait in the queue, whoever's they are."""
        with self.reading() as session:
            return session.scalar(select(func.count()).where(JobRow.state == "queued")) or 0

    def points(self, job: str) -> list[Point]:
        """The points of a job's curves, oldest first, at most about 600; empty where there is no such job."""
        with self.reading() as session:
            return points_of(session, job)

    def pause(self, job: str) -> Job:
        """queued, running → paused. Raises NotFound, Conflict."""
        return self._move(job, "pause")

    def resume(self, job: str) -> Job:
        """paused → queued, at the end of the queue. Raises NotFound, Conflict."""
        return self._move(job, "resume")

    def cancel(self, job: str) -> Job:
        """queued, running, paused → cancelled; the picture so far stays. Raises NotFound, Conflict."""
        return self._move(job, "cancel")

    def retry(self, job: str) -> Job:
        """failed, cancelled → queued, to go on from the checkpoint if there is one. Raises NotFound, Conflict."""
        return self._move(job, "retry")

    def delete(self, job: str) -> Job:
        """Remove a job in whatever state, with its files; what it was is returned. Raises NotFound."""
        was = self.job(job)
        self.sequence.next(job)  # the event that tells of it comes after all others
        with self.writing.begin() as session:
            row = session.get(JobRow, job)
            if row is not None:
                session.delete(row)
        self.changes.append(job)
        self.files.forget(job)
        return was

    def _move(self, job: str, name: str) -> Job:
        move = MOVES[name]
        seq = self.sequence.next(job)
        with self.writing.begin() as session:
            row = session.get(JobRow, job)
            if row is None:
                raise _no_job(job)
            if row.state not in move.start:
                states = " or ".join(move.start)
                raise Conflict(f"the job is {row.state}, and cannot be {move.words}: only a {states} one can")
            row.state, row.seq, row.eta, row.message = move.end, seq, None, None
            if move.end == "queued":
                self._queue_again(session, row)
            if move.end == "cancelled":
                row.ended = datetime.now(UTC)
        self.changes.append(job)
        return self.job(job)

    def _queue_again(self, session: Session, row: JobRow) -> None:
        row.position = _next_position(session)
        row.ended, row.crashes = None, 0
        if not (row.held or self.files.checkpoint(row.id).exists()):
            row.number, row.seconds, row.losses, row.metrics = 0, 0.0, {}, {}

    def _check_images(self, owner: str, images: Mapping[str, str], roles: Collection[str]) -> None:
        if "source" not in images:
            raise InvalidInput("images: a source picture is needed", field="images.source")
        for role, picture in images.items():
            if role not in roles:
                only = ", ".join(roles)
                raise InvalidInput(f"images.{role}: takes {only} and no other", field=f"images.{role}", value=picture)
            if picture.startswith(SAMPLE):
                find_sample(picture.removeprefix(SAMPLE))
            elif self.picture(picture).owner != owner:
                raise NotFound(f"picture {picture!r}: there is none of that id")

    def _kept_seq(self, job: str) -> int:
        with self.reading() as session:
            kept = session.scalar(select(JobRow.seq).where(JobRow.id == job))
        if kept is None:
            raise _no_job(job)
        return kept


def select_jobs(session: Session, query: Select[JobRow, int | None]) -> list[Job]:
    """The jobs that a query made by `every_job` finds."""
    return [_job(row, place) for row, place in session.execute(query)]


def every_job() -> Select[JobRow, int | None]:
    """The query for all jobs, each with its place in the queue; to be narrowed."""
    return select(JobRow, _PLACE)


def _job(row: JobRow, place: int | None) -> Job:
    return Job(place=place, **{name: getattr(row, name) for name in Job.model_fields if name != "place"})


def _picture(row: PictureRow) -> Picture:
    return Picture(**{name: getattr(row, name) for name in Picture.model_fields})


def _next_position(session: Session) -> int:
    return (session.scalar(select(func.max(JobRow.position))) or 0) + 1


def _no_job(job: str) -> NotFound:
    return NotFound(f"job {job!r}: there is none of that id")
