"""What lies under the data folder besides blobs: files of this machine's own.

Names are made from ids that the server made; never from a person's.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """Paths under `data`; a path may name a file that is not there (yet)."""

    data: Path

    @property
    def database(self) -> Path:
        """The SQLite file; its -wal and -shm lie beside it."""
        return self.data / "texture.db"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs this folder's jobs."""
        return self.data / "engine.lock"

    def checkpoint(self, job: str) -> Path:
        """The worker's folder from which a job goes on."""
        return self.data / "jobs" / job / "checkpoint"

    def given_model(self, job: str) -> Path:
        """The worker's copy of the model that a job works with, once it has begun."""
        return self.data / "jobs" / job / "given.safetensors"


def remove_folder(path: Path) -> None:
    """Remove a folder and what is in it; it may be gone, and the worker may just now be adding to it."""
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
