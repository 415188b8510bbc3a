"""The files of a job: pictures, and the artifacts that its method makes."""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

from texture.jobs.store.blobs import Blobs

GIVEN = "given.safetensors"  # the worker's copy of the model that a job uses, once it has begun


class Artifacts:
    """The blobs of jobs, by the job's id and a plain file name: preview.jpg, result.png, model.safetensors, …

    The worker's own files of a job lie among them, and go with them: its checkpoint, and its copy of a given model.
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

    def remove(self, job: str, name: str) -> None:
        """Remove a file, if it is there."""
        self._blobs.delete(_key(job, name))

    def forget(self, job: str) -> None:
        """Remove all files of a job."""
        self._blobs.delete(f"jobs/{job}")

    def bytes_of(self, job: str, checkpoint: bool = True) -> int:
        """Of all its files. checkpoint: that counts as well."""
        sizes, own = self._blobs.sizes(f"jobs/{job}"), f"{checkpoint_key(job)}/"
        return sum(size for key, size in sizes.items() if checkpoint or not key.startswith(own))

    def has_checkpoint(self, job: str) -> bool:
        """Whether there is a checkpoint, readable or not."""
        return bool(self._blobs.names(checkpoint_key(job)))

    def sweep(self, job: str) -> None:
        """Remove what a killed process was about to write for a job, and has not given its name."""
        self._blobs.sweep(f"jobs/{job}")


def checkpoint_key(job: str) -> str:
    """Under which all that belongs to a job's checkpoint is kept."""
    return f"jobs/{job}/checkpoint"


def _key(job: str, name: str) -> str:
    if name in ("", "..") or PurePath(name).name != name:
        raise ValueError(f"{name!r} is no plain file name")
    return f"jobs/{job}/{name}"
