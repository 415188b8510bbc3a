"""Comparisons: several runs on one exemplar, started together; and jobs that are put side by side afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from texture.errors import InvalidInput, NotFound
from texture.jobs.domain.job import Comparison, Job
from texture.jobs.domain.labels import labels
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs, new_row
from texture.jobs.store.queries import end_of_queue, every_job, select_jobs
from texture.jobs.store.quotas import Quotas
from texture.jobs.store.role_checks import Roles
from texture.jobs.store.schema import ComparisonRow, JobRow
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method

MOST_RUNS = 16  # that share the device at one time
BESIDE = "+"  # between the ids of jobs that are put side by side


class Comparisons:
    """The table of comparisons; their runs are jobs like any other."""

    def __init__(self, database: Database, jobs: Jobs, roles: Roles, quotas: Quotas) -> None:
        self._database, self._jobs, self._roles, self._quotas = database, jobs, roles, quotas

    def add(self, owner: str, images: Mapping[str, str], runs: Sequence[tuple[str, Params]]) -> Comparison:
        """Queue 1 to 16 runs (method, parameters), to run together; call the engine's `wake()` afterwards.

        images: as for a single job, with a source. Each run is given the roles that its method takes.

        Raises:
            NotFound: there is no such method or picture.
            InvalidInput: too many runs or none, a role is missing or known to none of their methods, or the pictures do
                not fit a run's parameters or each other.
            QuotaReached: the owner has as many jobs, models or bytes as one may have.
        """
        _check_count(len(runs))
        methods = [find_method(name) for name, _ in runs]
        _check_taken(images, methods)
        id, now = secrets.token_hex(16), datetime.now(UTC)
        rows = [
            self._run(owner, id, images, method, params, f"runs.{place}.")
            for place, (method, (_, params)) in enumerate(zip(methods, runs, strict=True))
        ]
        about = ComparisonRow(id=id, owner=owner, exemplar=rows[0].exemplar, images=dict(images), shared=False)
        with self._database.writing() as session:
            self._quotas.check_run(session, owner, *methods)
            about.created = now
            session.add(about)
            session.flush()
            position = end_of_queue(session, owner)
            for i, row in enumerate(rows):
                row.created, row.position = now + timedelta(microseconds=i), position  # which keeps their order
            session.add_all(rows)
        return self.get(id)

    def add_run(self, comparison: str, method: str, params: Params) -> Job:
        """Queue one more run, which joins the running ones; call the engine's `wake()` afterwards.

        Raises:
            NotFound: there is no such comparison or method.
            InvalidInput: it has 16 runs, or not the pictures that the method needs or that fit its parameters.
            QuotaReached: the owner has as many jobs, models or bytes as one may have.
        """
        about = self.get(comparison)
        _check_count(len(about.jobs) + 1)
        row = self._run(about.owner, comparison, about.images, find_method(method), params)
        with self._database.writing() as session:
            comparison_row(session, comparison)
            self._quotas.check_run(session, about.owner, find_method(method))
            row.position = end_of_queue(session, about.owner, comparison=comparison)
            session.add(row)
        return self._jobs.get(row.id)

    def get(self, comparison: str) -> Comparison:
        """A comparison with its runs.

        Raises:
            NotFound: there is none of that id.
        """
        runs = every_job().where(JobRow.comparison == comparison).order_by(JobRow.created, JobRow.id)
        with self._database.reading() as session:
            row, jobs = comparison_row(session, comparison), select_jobs(session, runs)
        return Comparison(
            id=row.id,
            owner=row.owner,
            exemplar=row.exemplar,
            images=row.images,
            shared=row.shared,
            name=row.name,
            star=row.star,
            created=row.created,
            jobs=jobs,
            labels=labels(jobs),
        )

    def side_by_side(self, owner: str, id: str) -> Comparison:
        """Jobs of an owner as one comparison, which is not kept: its id, theirs joined by "+", is all that there is.

        Those that have been deleted are left out.

        Raises:
            NotFound: none of them is there, or there are more than 16.
        """
        wanted = list(dict.fromkeys(id.split(BESIDE)))
        refused = NotFound(f"no such comparison: 1 to {MOST_RUNS} jobs of your own are shown side by side")
        if len(wanted) > MOST_RUNS:
            raise refused
        with self._database.reading() as session:
            found = select_jobs(session, every_job().where(JobRow.owner == owner, JobRow.id.in_(wanted)))
        if not found:
            raise refused
        jobs = sorted(found, key=lambda job: wanted.index(job.id))
        return Comparison(
            id=id,
            owner=owner,
            kept=False,
            exemplar=", ".join(dict.fromkeys(job.exemplar for job in jobs)),
            images=dict(set.intersection(*(set(job.images.items()) for job in jobs))),
            shared=False,
            created=max(job.created for job in jobs),
            jobs=jobs,
            labels=labels(jobs),
        )

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """By id: what those of these comparisons are called that have been given a name."""
        named = ComparisonRow.id.in_(ids), ComparisonRow.name.is_not(None)
        with self._database.reading() as session:
            rows = session.execute(select(ComparisonRow.id, ComparisonRow.name).where(*named))
            return {id: name for id, name in rows if name}

    def share(self, comparison: str, shared: bool) -> Comparison:
        """Let everybody who has its id view it, or nobody but its owner. Raises NotFound."""
        with self._database.writing() as session:
            comparison_row(session, comparison).shared = shared
        return self.get(comparison)

    def _run(
        self, owner: str, comparison: str, images: Mapping[str, str], method: Method, params: Params, within: str = ""
    ) -> JobRow:
        taken = method.taken(params, images)
        names = self._roles.check(owner, method, params, taken, within)
        return new_row(owner, method, params, taken, names, comparison)


def _check_count(runs: int) -> None:
    if not 1 <= runs <= MOST_RUNS:
        raise InvalidInput(f"runs: {runs} of them; 1 to {MOST_RUNS} are compared", field="runs", value=runs)


def _check_taken(images: Mapping[str, str], methods: Sequence[Method]) -> None:
    """Raise InvalidInput if a picture is given that none of the methods uses."""
    for role, given in images.items():
        if not any(method.takes(role) for method in methods):
            raise InvalidInput(f"images.{role}: no run uses it", field=f"images.{role}", value=given)
    if "source" not in images:
        raise InvalidInput("images: a source picture is needed", field="images.source")


def comparison_row(session: Session, comparison: str) -> ComparisonRow:
    """The row of a comparison that is not in the trash, to be changed. Raises NotFound."""
    row = session.get(ComparisonRow, comparison)
    if row is None or row.trashed is not None:
        raise no_comparison(comparison)
    return row


def no_comparison(comparison: str) -> NotFound:
    """The error for a comparison that does not exist, or not for this owner."""
    return NotFound(f"comparison {comparison!r}: no such comparison")
