"""One process runs a folder's jobs: the lock that a second one runs into, and that a killed one cannot leave behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from texture.errors import SetupProblem


class FolderLock:
    """An exclusive lock on a file, by way of SQLite: works on every system, and goes away with the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            SetupProblem: another process has it.
        """
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise SetupProblem(
                f"the jobs in {self._path.parent} are run by another Texture Lab: stop that one, "
                "or give this one a folder of its own with TEXTURE_DATA"
            ) from error
        self._connection = connection

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
