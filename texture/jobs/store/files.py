"""The files of the data folder that are not blobs: local to this machine.

Names are made from ids that the server generates, never from user input.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """Paths under `data`; a path may name a file that does not exist (yet)."""

    data: Path

    @property
    def database(self) -> Path:
        """The SQLite file, beside its -wal and -shm."""
        return self.data / "texture.db"

    @property
    def lock(self) -> Path:
        """Locked by the one process that runs this folder's jobs."""
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
        return bytes_in(self.job(job)) - (0 if checkpoint else bytes_in(self.checkpoint(job)))

    def picture_bytes(self, picture: str) -> int:
        """Of an uploaded picture's file; 0 where there is none."""
        path = self.data / "pictures" / f"{picture}.png"
        return path.stat().st_size if path.exists() else 0

    def picture_note(self, picture: str) -> Path:
        """What the database knows of a picture, see `notes`."""
        return self.data / "pictures" / f"{picture}.json"

    def checkpoint(self, job: str) -> Path:
        """The folder of a job's checkpoint."""
        return self.job(job) / "checkpoint"

    def sweep(self, job: str) -> None:
        """Remove what a killed process was about to write for a job, and has not given its name."""
        for draft in self.job(job).rglob(".*"):
            draft.unlink(missing_ok=True)

    def given_model(self, job: str) -> Path:
        """The worker's copy of the model that a job uses, once it has begun."""
        return self.job(job) / "given.safetensors"


def bytes_in(folder: Path) -> int:
    """Of all files in a folder and below; what vanishes meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.lstat().st_size if path.is_file() else 0
    return total


def remove_folder(path: Path) -> None:
    """Remove a folder with its contents; it may be gone already, and the worker may be adding to it right now."""
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
