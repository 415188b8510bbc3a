"""The jobs table, the single source of truth: what everybody but the worker may ask and do.

A state is changed by compare-and-set inside one write transaction, so it does not matter which thread asks first.
The worker publishes every row that has changed, and does at its next round what the row says. Its own side is
`queue.JobQueue`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from texture.errors import Conflict
from texture.jobs.domain.job import Job, Point, State
from texture.jobs.domain.transitions import TRANSITIONS
from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.database import Database
from texture.jobs.store.points import points_json, points_of
from texture.jobs.store.queries import UNENDED, end_of_queue, every_job, job_row, no_job, select_jobs
from texture.jobs.store.quotas import Quotas
from texture.jobs.store.role_checks import Roles
from texture.jobs.store.schema import JobRow
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method

MOST = 500  # jobs in one answer


class Jobs:
    """Jobs: added, listed, and moved from state to state."""

    def __init__(self, database: Database, artifacts: Artifacts, roles: Roles, quotas: Quotas) -> None:
        self._database, self._artifacts, self._roles, self._quotas = database, artifacts, roles, quotas

    def add(self, owner: str, method: str, params: Params, images: Mapping[str, str]) -> Job:
        """Queue a job; call the engine's `wake()` afterwards.

        images: role ("source", "content", …, "model") to the id of a picture of the same owner, or `sample:<name>`; for
            a model, to the id of a job of the same owner that has left one.

        Raises:
            NotFound: there is no such method or picture.
            InvalidInput: a role is unknown or missing, or the job has no model, or the pictures do not fit the
                parameters or each other; it names images.<role> or params.<name>.
            QuotaReached: the owner has as many jobs, models or bytes as one may have.
        """
        found = find_method(method)
        row = new_row(owner, found, params, images, self._roles.check(owner, found, params, images))
        with self._database.writing() as session:
            self._quotas.check_run(session, owner, found)
            row.position = end_of_queue(session, owner, brief=found.brief)
            session.add(row)
        return self.get(row.id)

    def get(self, job: str) -> Job:
        """A job's row.

        Raises:
            NotFound: there is none of that id.
        """
        with self._database.reading() as session:
            found = select_jobs(session, every_job().where(JobRow.id == job))
        if not found:
            raise no_job(job)
        return found[0]

    def some(self, jobs: Collection[str]) -> dict[str, Job]:
        """Those of `jobs` that there are, by id."""
        with self._database.reading() as session:
            return {job.id: job for job in select_jobs(session, every_job().where(JobRow.id.in_(jobs)))}

    def queued(self, owner: str | None = None) -> int:
        """How many jobs wait in the queue, of this owner or of all."""
        waiting = select(func.count()).where(JobRow.state == "queued")
        with self._database.reading() as session:
            return session.scalar(waiting if owner is None else waiting.where(JobRow.owner == owner)) or 0

    def points(self, job: str) -> list[Point]:
        """The points of a job's curves, oldest first, at most about 600; empty if there is no such job."""
        with self._database.reading() as session:
            return points_of(session, job)

    def points_json(self, job: str) -> str:
        """The same as JSON, for those who only pass it on."""
        with self._database.reading() as session:
            return points_json(session, job)

    def pause(self, job: str) -> Job:
        """queued, running → paused. Raises NotFound, Conflict."""
        return self._move(job, "pause")

    def resume(self, job: str) -> Job:
        """paused, failed → queued, at the queue's end or beside its comparison's runs. Raises NotFound, Conflict."""
        return self._move(job, "resume")

    def cancel(self, job: str) -> Job:
        """queued, running, paused → cancelled; the picture so far stays. Raises NotFound, Conflict."""
        return self._move(job, "cancel")

    def retry(self, job: str) -> Job:
        """failed, cancelled → queued, to go on from the checkpoint if there is one. Raises NotFound, Conflict."""
        return self._move(job, "retry")

    def move_ahead(self, job: str, of: str) -> Job:
        """Put a waiting job before another one of the same owner, each with the waiting runs of its comparison.

        They exchange turns among themselves: nobody else's place changes.

        Raises:
            NotFound: there is no such job.
            Conflict: one of them does not wait, or only one of them is brief.
        """
        with self._database.writing() as session:
            row, other = (_waiting(session, id) for id in (job, of))
            if (row.position < 0) != (other.position < 0):
                raise Conflict("brief jobs, such as samples of a model, are done before all others")
            kind = JobRow.position < 0 if row.position < 0 else JobRow.position >= 0
            ours = JobRow.owner == row.owner, JobRow.trashed.is_(None), JobRow.state.in_(UNENDED), kind
            rows = list(session.scalars(select(JobRow).where(*ours)))  # runs of one comparison may have begun, too
            waiting = {one.position for one in rows if one.state == "queued"}
            rows = [one for one in rows if one.position in waiting]
            turns = sorted(waiting)
            order = [turn for turn in turns if turn != row.position]
            if row.position != other.position:
                order.insert(order.index(other.position), row.position)
                turn_of = dict(zip(order, turns, strict=True))
                for one in rows:
                    one.position = turn_of[one.position]
        return self.get(job)

    def list(
        self,
        owner: str,
        state: State | Collection[State] | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs of an owner, newest first: in the state (or one of the states), made before the job `before`.

        limit: 1..500.

        Raises:
            NotFound: this owner has made no job `before`; it may be in the trash.
        """
        query = every_job().where(JobRow.owner == owner)
        if state is not None:
            query = query.where(JobRow.state.in_([state] if isinstance(state, str) else state))
        query = query.order_by(JobRow.created.desc(), JobRow.id.desc()).limit(max(1, min(limit, MOST)))
        with self._database.reading() as session:
            if before is not None:
                row = session.get(JobRow, before)
                if row is None or row.owner != owner:
                    raise no_job(before)
                query = query.where(tuple_(JobRow.created, JobRow.id) < (row.created, before))
            return select_jobs(session, query)

    def _move(self, job: str, name: str) -> Job:
        move = TRANSITIONS[name]
        begun = move.end == "queued" and self._artifacts.has_checkpoint(job)
        with self._database.writing() as session:
            row = job_row(session, job)
            if row.state not in move.start:
                states = " or ".join(move.start)
                raise Conflict(f"the job is {row.state} and cannot be {move.words}: only a {states} job can")
            if move.end == "queued":
                self._queue_again(session, row, begun)
            row.state, row.eta, row.message = move.end, None, None
            if move.end == "cancelled":
                row.ended = datetime.now(UTC)
        return self.get(job)

    def _queue_again(self, session: Session, row: JobRow, begun: bool) -> None:
        self._quotas.check_queue(session, row.owner)
        brief = row.position < 0
        row.position = end_of_queue(session, row.owner, brief=brief, comparison=row.comparison)
        row.ended, row.crashes = None, 0
        if not (row.held or begun):
            row.number, row.done, row.seconds, row.losses, row.metrics = 0, 0.0, 0.0, {}, {}


def _waiting(session: Session, job: str) -> JobRow:
    row = job_row(session, job)
    if row.state != "queued":
        raise Conflict(f"the job is {row.state}: only a queued job has a place in the queue")
    return row


def new_row(
    owner: str,
    method: Method,
    params: Params,
    images: Mapping[str, str],
    names: Mapping[str, str],
    comparison: str | None = None,
) -> JobRow:
    """A job that has not begun, without a position yet. names: of the pictures, by role."""
    return JobRow(
        id=secrets.token_hex(16),
        owner=owner,
        comparison=comparison,
        method=method.name,
        params=params.model_dump(mode="json"),
        images=dict(images),
        names=dict(names),
        exemplar=names.get("source") or names["model"],
        star=False,
        state="queued",
        seq=0,
        held=False,
        crashes=0,
        number=0,
        done=0.0,
        seconds=0.0,
        losses={},
        metrics={},
        baselines={},
        files=[],
        created=datetime.now(UTC),
    )
