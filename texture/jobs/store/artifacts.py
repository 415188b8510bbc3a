"""What a job has left: its artifacts and its preview, as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from texture.images.encoding import write_atomically
from texture.jobs.store.files import Files
from texture.methods.artifacts import PICTURE


class JobArtifacts:
    """Where one job's files go.

    left: the names of what lies there besides the picture and its preview.
    """

    def __init__(self, files: Files, job: str, left: Sequence[str] = ()) -> None:
        self._files, self._job = files, job
        self.left = list(left)

    def put_preview(self, jpeg: bytes) -> None:
        """Write preview.jpg."""
        self._write("preview.jpg", jpeg)

    def put(self, name: str, data: bytes) -> None:
        """Write an artifact by its name, which says nothing of a folder."""
        if PurePath(name).name != name:
            raise ValueError(f"{name!r} is no plain file name")
        self._write(name, data)
        if name != PICTURE.name:
            self.left = sorted({*self.left, name})

    def has(self, name: str) -> bool:
        """Whether there is one of that name."""
        return self._files.extra(self._job, name).exists()

    def _write(self, name: str, data: bytes) -> None:
        self._files.job(self._job).mkdir(parents=True, exist_ok=True)
        write_atomically(self._files.extra(self._job, name), data)
