"""Disk space reserved for the database: released on a full disk, so that rows can be deleted, which frees more."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

SIZE = 4 * 2**20  # bytes: what SQLite's log grows to before it is taken into the file
PLENTY = 3  # times as much must be free before the room is taken


class Reserve:
    """A file of random bytes, which no file system can compress. Every method may be called from any thread.

    None is needed, and nothing is ever short, where neither database nor blobs are on this disk.

    short: it has been given up, or could not be taken, and there has been no room for it since.
    """

    def __init__(self, path: Path | None) -> None:
        """path: of the file; None: none is needed."""
        self._path = path
        self.short = False

    def fill(self) -> None:
        """Take the room, where there is plenty of it."""
        if self._path is None:
            return
        with suppress(OSError):
            if self._path.exists():
                return
            free = shutil.disk_usage(self._path.parent).free
            if free > PLENTY * SIZE:
                self._path.write_bytes(os.urandom(SIZE))
            self.short = free < SIZE or (self.short and free <= PLENTY * SIZE)

    def give_up(self) -> None:
        """The database needs the room."""
        if self._path is None:
            return
        self.short = True
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def check(self) -> None:
        """Raise OSError (no space left) while what is left of the disk is for the database."""
        if self.short:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
