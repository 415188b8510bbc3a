"""What a job's method is given: its pictures and its model, read from the store. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from texture.errors import InvalidInput
from texture.images.checksum import checksum
from texture.images.encoding import write_atomically
from texture.images.tensors import to_tensor
from texture.jobs.domain.job import Job
from texture.jobs.store import Store
from texture.jobs.store.files import MODEL
from texture.methods.common.model_file import Model, read_model
from texture.methods.roles import Inputs


@dataclass(frozen=True)
class Given:
    """The inputs, and what names them in a recipe: checksums by role, of pixels and of a model's file."""

    inputs: Inputs
    checksums: Mapping[str, str]


def given(job: Job, store: Store) -> Given:
    """What the job works on. Without a source, the exemplar is the one that its model was trained on.

    Raises:
        NotFound: a picture is gone.
        InvalidInput: a file is gone or damaged; it names images.<role>.
    """
    pictures = {role: store.pictures.pixels(id) for role, id in job.images.items() if role != "model"}
    checksums = {role: checksum(pixels) for role, pixels in pictures.items()}
    model = None
    if "model" in job.images:
        model, checksums["model"] = _model(store, job)
        pictures.setdefault("source", model.exemplar)
        checksums.setdefault("source", checksum(model.exemplar))
    tensors: dict[str, Any] = {role: to_tensor(pixels) for role, pixels in pictures.items()}
    return Given(Inputs(**tensors, model=model), checksums)


def _model(store: Store, job: Job) -> tuple[Model, str]:
    """The model, from the job's own copy: the job that trained it may train on, or be gone, before this one ends."""
    trainer = job.images["model"]
    own = store.files.given_model(job.id)
    try:
        data = own.read_bytes() if own.exists() else store.artifacts.get(trainer, MODEL)
    except OSError as error:
        raise InvalidInput(
            f"images.model: the model of job {trainer!r} is gone", field="images.model", value=trainer
        ) from error
    model = read_model(data, "images.model")
    if not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(own, data)
    return model, sha256(data).hexdigest()
