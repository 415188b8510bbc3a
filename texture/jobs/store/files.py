"""Where things lie under the data folder. Names are made here, from ids that the server made; never from a person's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """The paths of pictures and jobs under `data`; a path may name a file that is not there (yet)."""

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
    def jobs(self) -> Path:
        """One folder for each job that has run."""
        return self.data / "jobs"

    def picture(self, picture: str) -> Path:
        """A picture that a person brought, re-encoded."""
        return self.data / "pictures" / f"{picture}.png"

    def job(self, job: str) -> Path:
        """Everything that a job leaves behind."""
        return self.jobs / job

    def checkpoint(self, job: str) -> Path:
        """The folder from which a job goes on."""
        return self.job(job) / "checkpoint"

    def preview(self, job: str) -> Path:
        """The newest picture, at most 512 pixels a side."""
        return self.job(job) / "preview.jpg"

    def result(self, job: str) -> Path:
        """The picture at full size, once the job is done, paused or cancelled; with its recipe inside."""
        return self.job(job) / "result.png"

    def extra(self, job: str, name: str) -> Path:
        """What a job leaves besides the picture; `name` is one of its row's `files`."""
        return self.job(job) / name

    def given_model(self, job: str) -> Path:
        """The model that a job works with, once it has begun."""
        return self.job(job) / "given.safetensors"

    def forget(self, job: str) -> None:
        """Remove all that a job has left behind."""
        remove_folder(self.job(job))

    def folders(self) -> list[str]:
        """The ids of the jobs that have a folder."""
        return [path.name for path in self.jobs.iterdir() if path.is_dir()] if self.jobs.is_dir() else []


def remove_folder(path: Path) -> None:
    """Remove a folder and what is in it; it may be gone, and the worker may just now be adding to it."""
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
