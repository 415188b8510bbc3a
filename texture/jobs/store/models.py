"""Trained models: those made by jobs, and those that users upload."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import PurePath

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from texture.errors import InvalidInput, NotFound
from texture.images.checksum import checksum
from texture.images.encoding import encode_jpeg, encode_png
from texture.jobs.domain.job import Job
from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.database import Database
from texture.jobs.store.jobs import Jobs, new_row
from texture.jobs.store.notes import Notes
from texture.jobs.store.pictures import Pictures
from texture.jobs.store.queries import as_job, every_job, has_item, select_jobs
from texture.jobs.store.quotas import Quotas
from texture.jobs.store.schema import JobRow
from texture.methods.artifacts import MODEL, PICTURE, PREVIEW
from texture.methods.common.model_file import Model, read_model
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.runs.collection import thinned
from texture.runs.recipe import recipe


class Models:
    """A model is a file of the job that trained it; an uploaded one counts as a job that was done elsewhere."""

    def __init__(
        self,
        database: Database,
        pictures: Pictures,
        jobs: Jobs,
        artifacts: Artifacts,
        notes: Notes,
        quotas: Quotas,
    ) -> None:
        self._database, self._pictures, self._jobs, self._artifacts = database, pictures, jobs, artifacts
        self._notes, self._quotas = notes, quotas

    def add(self, owner: str, name: str, data: bytes) -> Job:
        """Store an uploaded model as a job that is done.

        name: its file name; for display only. data: the bytes of a model.safetensors.

        Raises:
            InvalidInput: it is no model, or of a method that this version cannot sample; it names `file`.
            QuotaReached: the owner has as many models, pictures or bytes as one may have.
            SetupProblem: a file cannot be written.
        """
        with self._database.reading() as session:
            self._check(session, owner)
        model = read_model(data, "file")
        method, params = _training(model)
        picture = self._pictures.add(owner, PurePath(name).stem or "model", model.exemplar)
        row = new_row(owner, method, params, {"source": picture.id}, {"source": picture.name})
        row.state, row.done, row.number, row.total, row.files = "done", 1.0, model.steps, model.steps, [MODEL.name]
        row.started = row.ended = datetime.now(UTC)
        row.position = 0
        self._keep(as_job(row), model, data)
        row.bytes = self._artifacts.bytes_of(row.id)
        self._notes.job(row)
        try:
            with self._database.writing() as session:
                self._check(session, owner)  # again: others may have come in meanwhile
                session.add(row)
        except Exception:
            with suppress(SQLAlchemyError, OSError):  # the same trouble, which is told
                self._artifacts.forget(row.id)
                self._pictures.discard(picture.id)
            raise
        return self._jobs.get(row.id)

    def _check(self, session: Session, owner: str) -> None:
        self._quotas.check_model(session, owner)
        self._quotas.check_bytes(session, owner)

    def list(self, owner: str) -> list[Job]:
        """The jobs of an owner that have a model, newest first."""
        query = every_job().where(JobRow.owner == owner, has_item(JobRow.files, MODEL.name))
        with self._database.reading() as session:
            return select_jobs(session, query.order_by(JobRow.created.desc(), JobRow.id.desc()))

    def _keep(self, job: Job, model: Model, data: bytes) -> None:
        made = recipe(job.method, job.params, {"source": checksum(model.exemplar)}, model.steps, model.steps)
        self._artifacts.put(job.id, PREVIEW.name, encode_jpeg(thinned(model.picture)))
        self._artifacts.put(job.id, PICTURE.name, encode_png(model.picture, made))
        self._artifacts.put(job.id, MODEL.name, data)


def _training(model: Model) -> tuple[Method, Params]:
    """How it was trained, checked against what this version knows."""
    try:
        method = find_method(model.method)
        params = method.parse(model.params)
    except NotFound as error:
        raise _refused(f"trained by an unknown method: {error}") from None
    except InvalidInput as error:
        raise _refused(f"trained with settings that do not fit this version: {error}") from None
    if method.sampler is None:
        raise _refused(f"{method.name} trains no generator")
    return method, params


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(f"file: {reason}", field="file")
