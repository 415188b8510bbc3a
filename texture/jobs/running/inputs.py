"""The inputs of a job: its pictures and its model, read from the store."""

from __future__ import annotations

from hashlib import sha256

from texture.errors import InvalidInput
from texture.jobs.domain.job import Job
from texture.jobs.store import Store
from texture.jobs.store.artifacts import GIVEN
from texture.methods.artifacts import MODEL
from texture.methods.common.model_file import read_model
from texture.methods.registry import find_method
from texture.methods.roles import MAPS
from texture.runs.preparation import Prepared, Trained, prepare


def prepared_run(job: Job, store: Store) -> Prepared:
    """A job as a prepared run.

    Raises:
        NotFound: a picture is gone.
        InvalidInput: a file is gone or damaged, or a parameter or a picture no longer fits; it names images.<role>.
    """
    method = find_method(job.method)
    params = method.parse(job.params)
    given = {role: id for role, id in job.images.items() if role != "model"}
    pictures = {role: store.pictures.pixels(id) for role, id in given.items() if role not in MAPS}
    maps = {role: store.pictures.levels(id) for role, id in given.items() if role in MAPS}
    return prepare(method, params, pictures, _trained(store, job) if "model" in job.images else None, maps)


def _trained(store: Store, job: Job) -> Trained:
    """The model, from the job's own copy: the job that trained it may train on, or be deleted, before this one ends."""
    trainer = job.images["model"]
    has_own = store.artifacts.exists(job.id, GIVEN)
    try:
        data = store.artifacts.get(job.id, GIVEN) if has_own else store.artifacts.get(trainer, MODEL.name)
    except OSError as error:
        raise InvalidInput(
            f"images.model: the model of job {trainer!r} is gone", field="images.model", value=trainer
        ) from error
    model = read_model(data, "images.model")
    if not has_own:
        store.artifacts.put(job.id, GIVEN, data)
    return Trained(model, sha256(data).hexdigest())
