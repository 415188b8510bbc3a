"""Trained models: those that jobs have left, and those that people bring along."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath

from sqlalchemy import String, cast

from texture.errors import InvalidInput, NotFound
from texture.images.checksum import checksum
from texture.images.encoding import encode_jpeg, encode_png
from texture.jobs.domain.job import Job
from texture.jobs.store.artifacts import JobArtifacts
from texture.jobs.store.jobs import JobTable, new_row
from texture.jobs.store.queries import as_job, every_job
from texture.jobs.store.schema import JobRow
from texture.methods.artifacts import MODEL, PICTURE
from texture.methods.common.model_file import Model, read_model
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.runs.collection import thinned
from texture.runs.recipe import recipe


class Models(JobTable):
    """A model is a file that a job has left; a brought one is a job that was done elsewhere."""

    def models(self, owner: str) -> list[Job]:
        """The jobs of an owner that have left a model, newest first."""
        left = cast(JobRow.files, String).contains(f'"{MODEL.name}"')
        return self._select(
            every_job().where(JobRow.owner == owner, left).order_by(JobRow.created.desc(), JobRow.id.desc())
        )

    def add_model(self, owner: str, name: str, data: bytes) -> Job:
        """Keep a model that a person brings, as a job that is done.

        name: what they call it; for display only. data: the bytes of a model.safetensors.

        Raises:
            InvalidInput: it is no model, or of a method that this version cannot sample; it names `file`.
            SetupProblem: a file cannot be written.
        """
        model = read_model(data, "file")
        method, params = _training(model)
        picture = self.add_picture(owner, PurePath(name).stem or "model", model.exemplar)
        row = new_row(owner, method, params, {"source": picture.id}, {"source": picture.name})
        row.state, row.done, row.number, row.total, row.files = "done", 1.0, model.steps, model.steps, [MODEL.name]
        row.started = row.ended = datetime.now(UTC)
        row.position = 0
        self._keep(as_job(row), model, data)
        with self.writing.begin() as session:
            session.add(row)
        self.changes.append(row.id)
        return self.job(row.id)

    def _keep(self, job: Job, model: Model, data: bytes) -> None:
        made = recipe(job.method, job.params, {"source": checksum(model.exemplar)}, model.steps, model.steps)
        artifacts = JobArtifacts(self.files, job.id)
        artifacts.put_preview(encode_jpeg(thinned(model.picture)))
        artifacts.put(PICTURE.name, encode_png(model.picture, made))
        artifacts.put(MODEL.name, data)


def _training(model: Model) -> tuple[Method, Params]:
    """How it was trained, checked against what this version knows."""
    try:
        method = find_method(model.method)
        params = method.parse(model.params)
    except NotFound as error:
        raise _refused(f"trained by a method that is not here: {error}") from None
    except InvalidInput as error:
        raise _refused(f"trained with settings that do not fit this version: {error}") from None
    if method.sampler is None:
        raise _refused(f"{method.name} trains no generator")
    return method, params


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(f"file: {reason}", field="file")
