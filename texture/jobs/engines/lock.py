"""The lock by which only one process runs a folder's jobs; a killed process cannot leave it behind."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from texture.errors import SetupProblem


class FolderLock:
    """An exclusive lock on a file of the folder, which goes away with the process."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._lock = FileLock(path, thread_local=False)  # whichever thread stops the engine releases it

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            SetupProblem: another process has it.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise SetupProblem(
                f"the jobs in {self._folder} are run by another Texture Lab: stop that one, "
                "or give this one a folder of its own with TEXTURE_DATA"
            ) from error

    def release(self) -> None:
        """Release the lock; does nothing if it is not held."""
        self._lock.release()
