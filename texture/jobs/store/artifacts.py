"""The files of a job: pictures, and the artifacts that its method makes."""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

from texture.jobs.store.blobs import Blobs


class Artifacts:
    """The blobs of jobs, by the job's id and a plain file name: preview.jpg, result.png, model.safetensors, …

    The worker's own files of a job (see `files`) lie among them, and go with them.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def put(self, job: str, name: str, data: bytes) -> None:
        """Keep `data` under that name.

        Raises:
            ValueError: the name contains a folder.
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
        """Whether the job has a file of that name."""
        return self._blobs.exists(_key(job, name))

    def forget(self, job: str) -> None:
        """Remove all files of a job."""
        self._blobs.delete(f"jobs/{job}")


def _key(job: str, name: str) -> str:
    if name in ("", "..") or PurePath(name).name != name:
        raise ValueError(f"{name!r} is no plain file name")
    return f"jobs/{job}/{name}"
