"""What a job leaves behind: pictures, and the files that its method makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import BinaryIO

from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg, encode_png
from texture.jobs.domain.job import Job
from texture.jobs.store.blobs import Blobs
from texture.jobs.store.files import EXEMPLAR, PREVIEW, RESULT
from texture.methods.common.model_file import Model
from texture.recipe import recipe

ENOUGH = 1024  # pixels a side, from which a picture for the screen is reduced


class Artifacts:
    """The blobs of jobs, by the job's id and a plain file name: preview.jpg, result.png, model.safetensors, …

    The worker's own files of a job (see `files`) lie among them, and go with them.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def put(self, job: str, name: str, data: bytes) -> None:
        """Keep `data` under that name.

        Raises:
            ValueError: the name says something of a folder.
            SetupProblem: it cannot be written.
        """
        self._blobs.put(_key(job, name), data)

    def get(self, job: str, name: str) -> bytes:
        """The whole file. Raises FileNotFoundError where there is none."""
        return self._blobs.get(_key(job, name))

    def open(self, job: str, name: str) -> BinaryIO:
        """The file as it is now, to be read piece by piece, and closed. Raises FileNotFoundError."""
        return self._blobs.open(_key(job, name))

    def exists(self, job: str, name: str) -> bool:
        """Whether the job has left a file of that name."""
        return self._blobs.exists(_key(job, name))

    def forget(self, job: str) -> None:
        """Remove all that a job has left behind."""
        self._blobs.delete(f"jobs/{job}")

    def jobs(self) -> list[str]:
        """The ids of the jobs that have left something."""
        return self._blobs.list("jobs")


def _key(job: str, name: str) -> str:
    if name in ("", "..") or PurePath(name).name != name:
        raise ValueError(f"{name!r} is no plain file name")
    return f"jobs/{job}/{name}"


class Output:
    """Where one job's pictures and files go, and the recipe that goes into the last picture.

    left: the names of what lies there besides the picture.
    """

    def __init__(
        self, artifacts: Artifacts, job: Job, checksums: Mapping[str, str], model: Model | None = None
    ) -> None:
        """checksums: of what goes in, by role. model: the one that goes in."""
        self._artifacts, self._job, self._checksums, self._model = artifacts, job, dict(checksums), model
        self.left = list(job.files)

    def preview(self, pixels: Pixels) -> bytes:
        """Write preview.jpg; its bytes."""
        jpeg = encode_jpeg(thinned(pixels))
        self._artifacts.put(self._job.id, PREVIEW, jpeg)
        return jpeg

    def result(self, pixels: Pixels, number: int, total: int | None) -> None:
        """Write result.png as it is after step `number` of `total`, with the recipe inside."""
        made = recipe(self._job.method, self._job.params, self._checksums, number, total, self._model)
        self._artifacts.put(self._job.id, RESULT, encode_png(pixels, made))

    def map(self, name: str, pixels: Pixels) -> None:
        """Write <name>.png, a picture that explains the picture, as large as a screen needs it."""
        if f"{name}.png" in (RESULT, EXEMPLAR):
            raise ValueError(f"a map called {name} would lie where the {name} lies")
        self.extra(f"{name}.png", encode_png(thinned(pixels)))

    def exemplar(self, pixels: Pixels) -> None:
        """Write the exemplar as it was fitted to the tile."""
        self.extra(EXEMPLAR, encode_png(pixels))

    @property
    def has_result(self) -> bool:
        """Whether result.png is there, be it from before a pause."""
        return self._artifacts.exists(self._job.id, RESULT)

    def extra(self, name: str, data: bytes) -> None:
        """Write a file of that name, which says nothing of a folder."""
        self._artifacts.put(self._job.id, name, data)
        self.left = sorted({*self.left, name})


def thinned(pixels: Pixels) -> Pixels:
    """A very large picture by every n-th pixel, so that making a small one of it costs neither time nor memory."""
    step = max(1, min(pixels.shape[:2]) // ENOUGH)
    return pixels[::step, ::step]
