"""What a job leaves behind: pictures, and the files that its method makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg, encode_png, write_atomically
from texture.jobs.domain.job import Job
from texture.jobs.store.files import EXEMPLAR, Files
from texture.methods.common.model_file import Model
from texture.recipe import recipe

ENOUGH = 1024  # pixels a side, from which a picture for the screen is reduced


class Output:
    """Where one job's pictures and files go, and the recipe that goes into the last picture.

    left: the names of what lies there besides the picture.
    """

    def __init__(self, files: Files, job: Job, checksums: Mapping[str, str], model: Model | None = None) -> None:
        """checksums: of what goes in, by role. model: the one that goes in."""
        self._files, self._job, self._checksums, self._model = files, job, dict(checksums), model
        self.left = list(job.files)

    def preview(self, pixels: Pixels) -> bytes:
        """Write preview.jpg; its bytes."""
        jpeg = encode_jpeg(thinned(pixels))
        self._folder()
        write_atomically(self._files.preview(self._job.id), jpeg)
        return jpeg

    def result(self, pixels: Pixels, number: int, total: int | None) -> None:
        """Write result.png as it is after step `number` of `total`, with the recipe inside."""
        self._folder()
        made = recipe(self._job.method, self._job.params, self._checksums, number, total, self._model)
        write_atomically(self._files.result(self._job.id), encode_png(pixels, made))

    def map(self, name: str, pixels: Pixels) -> None:
        """Write <name>.png, a picture that explains the picture, as large as a screen needs it."""
        if f"{name}.png" in ("result.png", EXEMPLAR):
            raise ValueError(f"a map called {name} would lie where the {name} lies")
        self.extra(f"{name}.png", encode_png(thinned(pixels)))

    def exemplar(self, pixels: Pixels) -> None:
        """Write the exemplar as it was fitted to the tile."""
        self.extra(EXEMPLAR, encode_png(pixels))

    @property
    def has_result(self) -> bool:
        """Whether result.png is there, be it from before a pause."""
        return self._files.result(self._job.id).exists()

    def extra(self, name: str, data: bytes) -> None:
        """Write a file of that name, which says nothing of a folder."""
        if PurePath(name).name != name:
            raise ValueError(f"{name!r} is no plain file name")
        self._folder()
        write_atomically(self._files.extra(self._job.id, name), data)
        self.left = sorted({*self.left, name})

    def _folder(self) -> None:
        self._files.job(self._job.id).mkdir(parents=True, exist_ok=True)


def thinned(pixels: Pixels) -> Pixels:
    """A very large picture by every n-th pixel, so that making a small one of it costs neither time nor memory."""
    step = max(1, min(pixels.shape[:2]) // ENOUGH)
    return pixels[::step, ::step]
