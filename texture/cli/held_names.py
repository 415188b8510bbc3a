"""File names that a command reserves from before its work until its end, so that no two commands share one."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self


class HeldNames:
    """Each is reserved by an empty file. What is still empty at the end is removed, and so are new folders."""

    def __init__(self) -> None:
        self._paths: list[Path] = []
        self._folders: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._release(0)
        for folder in self._folders:
            with suppress(OSError):
                folder.rmdir()  # which is refused where something is in it

    def take(self, *paths: Path) -> bool:
        """Reserve all of these; False, and none of them, if one of the names exists.

        Raises:
            OSError: there can be no such file.
        """
        before = len(self._paths)
        try:
            for path in paths:
                path.open("xb").close()
                self._paths.append(path)
        except OSError as error:
            self._release(before)
            if not isinstance(error, FileExistsError):
                raise
            return False
        return True

    def take_free(self, wanted: Path, ends: Sequence[str], first: int = 1) -> list[Path]:
        """WANTED with each of these ends, or WANTED-2 and so on, so that all are free. Too long a name is cut.

        Raises:
            OSError: there can be no such files, or 9999 of them are there.
        """
        for count in range(first, 10_000):
            number = f"-{count}" if count > 1 else ""
            paths = _fitting(wanted, [number + end for end in ends])
            if self.take(*paths):
                return paths
        raise FileExistsError(errno.EEXIST, "all names are taken", str(wanted))

    def make_folder(self, folder: Path) -> None:
        """Make it, unless it is there.

        Raises:
            OSError: it cannot be made, or something else of that name is there.
        """
        with suppress(FileExistsError):
            folder.mkdir()
            self._folders.append(folder)
        if not folder.is_dir():
            raise FileExistsError(errno.EEXIST, "no folder", str(folder))

    def _release(self, first: int) -> None:
        for path in self._paths[first:]:
            with suppress(OSError):
                if path.stat().st_size == 0:
                    path.unlink()
        del self._paths[first:]


def _fitting(wanted: Path, ends: Iterable[str]) -> list[Path]:
    """WANTED with these ends, cut until the system takes all of them; whole where nothing helps."""
    stems = (wanted.name[:length] for length in range(len(wanted.name), 0, -1))
    tried = ([wanted.with_name(stem + end) for end in ends] for stem in stems)
    return next((paths for paths in tried if not any(map(_too_long, paths))), [Path(f"{wanted}{end}") for end in ends])


def _too_long(path: Path) -> bool:
    try:
        path.lstat()
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False
