"""The files of the data folder that are not blobs, or stand beside them: local to this machine.

Names are made from ids that the server generates, never from user input.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from texture.errors import SetupProblem
from texture.wording import system_reason


@dataclass(frozen=True)
class Files:
    """Paths under `data`; a path may name a file that does not exist (yet)."""

    data: Path

    def make(self) -> None:
        """Make the folder, into which nobody else on this machine may look.

        Raises:
            SetupProblem: it cannot be made.
        """
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            with suppress(PermissionError):  # it belongs to somebody else, who has to know
                self.data.chmod(0o700)
        except OSError as error:
            words = f"the data folder {self.data} (TEXTURE_DATA) cannot be used: {system_reason(error)}"
            raise SetupProblem(words) from error

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

    def picture_note(self, picture: str) -> Path:
        """What the database knows of a picture, see `notes`."""
        return self.data / "pictures" / f"{picture}.json"


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
