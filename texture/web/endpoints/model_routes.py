"""Trained models: upload, sampling and latent interpolation."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from texture.errors import InvalidInput, NotFound
from texture.jobs.domain.job import Job
from texture.methods.artifacts import MODEL
from texture.methods.common.model_file import MOST_BYTES
from texture.methods.contract import Params
from texture.methods.registry import find_method
from texture.methods.sample import SampleParams
from texture.methods.walk import WalkParams
from texture.web.api.file_names import clean_name
from texture.web.api.request import Upload
from texture.web.api.route import Routes
from texture.web.services import Services

models = Routes()


class ModelList(BaseModel):
    """Jobs with a model, newest first."""

    jobs: list[Job]
    expires: dict[str, datetime] = Field(description="by the id of a job: when it goes to the trash by itself")


@models.get("/models")
def shelf(services: Services, owner: str) -> ModelList:
    """This session's models, trained or uploaded."""
    jobs = services.store.models.list(owner)
    return ModelList(jobs=jobs, expires=services.store.retention.expires([job.id for job in jobs]))


@models.post(
    "/models", status=201, errors=(413, 415, 422), heavy="uploads", most=MOST_BYTES, takes=(MODEL.media,), made="/jobs"
)
def upload_model(services: Services, owner: str, file: Upload) -> Job:
    """Upload a model.safetensors made by Texture Lab, at most 256 MB; it becomes a job that is done."""
    return services.store.models.add(owner, clean_name(file.name), file.read())


@models.post("/models/<id>/sample", status=201, errors=(400, 404, 413, 415, 422, 429), made="/jobs")
def sample(services: Services, owner: str, id: str, body: SampleParams) -> Job:
    """Sample a picture of any size from a model. It is a job like any other, ahead of those that wait."""
    return _paint(services, owner, id, "sample", body)


@models.post("/models/<id>/walk", status=201, errors=(400, 404, 413, 415, 422, 429), made="/jobs")
def walk(services: Services, owner: str, id: str, body: WalkParams) -> Job:
    """Interpolate through a model's noise fields and back: a job whose animation.webp loops endlessly."""
    return _paint(services, owner, id, "walk", body)


def _paint(services: Services, owner: str, id: str, method: str, params: Params) -> Job:
    trained = services.own_job(owner, id)
    if MODEL.name not in trained.files:
        raise NotFound(f"job {id!r} has no model")
    trainer = find_method(trained.method)
    if not trainer.outline(trainer.parse(trained.params), {}).samples:
        raise InvalidInput(f"the model of job {id!r} repaints pictures: start a job of the method stylise with it")
    job = services.store.jobs.add(owner, method, params, {"model": id})
    services.engine.wake()
    return job
