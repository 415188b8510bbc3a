"""The pictures that a job leaves behind."""

from __future__ import annotations

from collections.abc import Mapping

from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg, encode_png, write_atomically
from texture.jobs.files import Files
from texture.jobs.job import Job
from texture.recipe import recipe


class Output:
    """Where one job's pictures go, and the recipe that goes into the last one."""

    def __init__(self, files: Files, job: Job, checksums: Mapping[str, str]) -> None:
        """checksums: of the pixels of the pictures that go in, by role."""
        self._files, self._job, self._checksums = files, job, dict(checksums)

    def preview(self, pixels: Pixels) -> bytes:
        """Write preview.jpg; its bytes."""
        jpeg = encode_jpeg(pixels)
        self._folder()
        write_atomically(self._files.preview(self._job.id), jpeg)
        return jpeg

    def result(self, pixels: Pixels, number: int, total: int | None) -> None:
        """Write result.png as it is after step `number` of `total`, with the recipe inside."""
        self._folder()
        made = recipe(self._job.method, self._job.params, self._checksums, number, total)
        write_atomically(self._files.result(self._job.id), encode_png(pixels, made))

    def _folder(self) -> None:
        self._files.job(self._job.id).mkdir(parents=True, exist_ok=True)
