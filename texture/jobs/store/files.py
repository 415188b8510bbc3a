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

    @property
    def reserve(self) -> Path:
        """Takes up the room that the database needs on a full disk."""
        return self.data / "reserve"

    @property
    def calendar(self) -> Path:
        """Remembers when the clock was looked at."""
        return self.data / "calendar.json"

    @property
    def lost(self) -> Path:
        """The folder of what was found without a row."""
        return self.data / "lost-and-found"

    @property
    def turn(self) -> Path:
        """Names the job for which the worker is at work."""
        return self.data / "engine.turn"

    @property
    def signals(self) -> Path:
        """What a fatal signal has left."""
        return self.data / "engine.signals"

    def job(self, job: str) -> Path:
        """The folder of all that a job has."""
        return self.data / "jobs" / job

    def bytes_of(self, job: str, checkpoint: bool = True) -> int:
        """Of all its files. checkpoint: that counts as well."""
        folder = self.job(job)
        found = (path for path in folder.rglob("*") if checkpoint or "checkpoint" not in path.relative_to(folder).parts)
        return sum(path.lstat().st_size for path in found if path.is_file())

    def picture_note(self, picture: str) -> Path:
        """What the database knows of a picture, see `notes`."""
        return self.data / "pictures" / f"{picture}.json"

    def checkpoint(self, job: str) -> Path:
        """The worker's folder from which a job goes on."""
        return self.job(job) / "checkpoint"

    def sweep(self, job: str) -> None:
        """Remove what a killed process was about to write for a job, and has not given its name."""
        for draft in self.job(job).glob(".*"):
            draft.unlink(missing_ok=True)

    def given_model(self, job: str) -> Path:
        """The worker's copy of the model that a job works with, once it has begun."""
        return self.job(job) / "given.safetensors"


def remove_folder(path: Path) -> None:
    """Remove a folder and what is in it; it may be gone, and the worker may just now be adding to it."""
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
