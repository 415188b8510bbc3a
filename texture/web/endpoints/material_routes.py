"""A material packed for an engine: a zip of its maps."""

from __future__ import annotations

import io

from pydantic import BaseModel, Field

from texture.errors import Conflict, TextureError
from texture.jobs.domain.job import Job
from texture.materials.engines import ENGINES, EngineName
from texture.materials.maps import BASE_COLOUR, CARRIED, Map, Surface
from texture.materials.packing import write_zip
from texture.methods.artifacts import MAP_FILES, PICTURE
from texture.methods.registry import find_method
from texture.web.api.file_names import called, file_name
from texture.web.api.response import File
from texture.web.api.route import Routes
from texture.web.endpoints.file_routes import open_artifact
from texture.web.services import Services

materials = Routes()


class MaterialQuery(BaseModel, extra="forbid"):
    """What the zip is for."""

    engine: EngineName = Field(
        alias="for", description="target engine: sets file names, channel packing and the normal map's direction"
    )


@materials.get("/jobs/<id>/material.zip", media="application/zip", errors=(404, 409, 422), heavy="sheets")
def material_zip(services: Services, owner: str, id: str, query: MaterialQuery) -> File:
    """The maps of a material as textures for an engine, with a README on how to import them."""
    job = services.readable_job(owner, id)
    surface = _surface(services, job)
    there = [BASE_COLOUR, *(one for one in CARRIED if MAP_FILES[one.name].name in job.files)]

    def read(one: Map) -> bytes:
        with open_artifact(services, job, MAP_FILES.get(one.name, PICTURE)) as file:
            return file.read()

    archive = io.BytesIO()
    write_zip(archive, ENGINES[query.engine], "_".join(called(job)), surface, read, there)
    return File(archive.getvalue(), "application/zip", file_name(job, f"-{query.engine}.zip"), keep=True)


def _surface(services: Services, job: Job) -> Surface:
    """What is the same everywhere on the material that a job has made. Raises Conflict where it has made none."""
    try:
        method = find_method(job.method)
        given = {role: id for role, id in job.images.items() if role != "model"}
        sizes = {role: services.store.pictures.size(id) for role, id in given.items()}
        surface = method.outline(method.parse(job.params), sizes).surface
    except TextureError:  # of another version
        surface = None
    if surface is None:
        raise Conflict(f"a job of the method {job.method} has no material maps")
    if job.state != "done":
        raise Conflict(f"the job is {job.state}: not all of its maps are finished")
    return surface
