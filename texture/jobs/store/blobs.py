"""Blob storage: bytes under keys such as `jobs/<id>/result.png`, in a folder or, see `bucket`, elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from texture.errors import SetupProblem
from texture.images.encoding import replace_file
from texture.jobs.store.files import remove_folder
from texture.jobs.store.reserve import Reserve
from texture.wording import system_reason

CHECKED = ("checkpoint",)  # in these folders files have checksums, and one before them: no need to wait for the disk


class Blobs(Protocol):
    """Blobs by key; a key is names separated by `/`. Every method may be called from any thread, and blocks."""

    def put(self, key: str, data: bytes) -> None:
        """Store `data` atomically: a concurrent reader gets the previous blob or all of this one.

        Raises:
            SetupProblem: it cannot be written.
        """

    def get(self, key: str) -> bytes:
        """The whole blob. Raises FileNotFoundError if there is none, OSError if it cannot be read."""

    def open(self, key: str) -> BinaryIO:
        """The blob as it is now, opened for reading; the caller closes it. Raises FileNotFoundError, OSError."""

    def delete(self, key: str) -> None:
        """Remove a blob, and all blobs whose key begins with `key` and a `/`; does nothing if there are none."""

    def exists(self, key: str) -> bool:
        """Whether there is such a blob."""

    def names(self, key: str) -> list[str]:
        """The names of what lies directly below `key`, in any order; drafts may be among them."""

    def sizes(self, key: str) -> dict[str, int]:
        """By key: the bytes of a blob, and of all blobs whose key begins with `key` and a `/`; drafts do not count."""

    def sweep(self, key: str) -> None:
        """Remove the drafts below `key` that a killed process has left."""


class FolderBlobs:
    """`Blobs` as files under a folder of this machine."""

    def __init__(self, folder: Path, reserve: Reserve | None = None) -> None:
        """reserve: while that is short nothing is written."""
        self._folder, self._reserve = folder, reserve or Reserve(None)

    def put(self, key: str, data: bytes) -> None:
        """Write the file, creating its parent folders."""
        path = self._folder / key
        try:
            self._reserve.check()
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data, forced=path.parent.name not in CHECKED)
        except OSError as error:
            raise SetupProblem(f"{path.name} cannot be written: {system_reason(error)}") from error

    def get(self, key: str) -> bytes:
        """The file's bytes."""
        return (self._folder / key).read_bytes()

    def open(self, key: str) -> BinaryIO:
        """The file; if it is replaced meanwhile, the opened one is still read."""
        return (self._folder / key).open("rb")

    def delete(self, key: str) -> None:
        """Remove the file, or the folder with all that is in it."""
        path = self._folder / key
        if path.is_dir():
            remove_folder(path)
        else:
            path.unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / key).is_file()

    def names(self, key: str) -> list[str]:
        """The names in the folder."""
        try:
            return os.listdir(self._folder / key)
        except FileNotFoundError:
            return []

    def sizes(self, key: str) -> dict[str, int]:
        """The bytes of the file, or of those in the folder and below; what vanishes meanwhile is left out."""
        path, found = self._folder / key, {}
        for file in [path, *path.rglob("*")]:
            with suppress(FileNotFoundError):
                if not file.name.startswith(".") and file.is_file():
                    found[file.relative_to(self._folder).as_posix()] = file.stat().st_size
        return found

    def sweep(self, key: str) -> None:
        """Remove the files that have not been given their names."""
        for draft in (self._folder / key).rglob(".*"):
            draft.unlink(missing_ok=True)


class GuardedBlobs:
    """Blobs that ask, before each write, whether it may still be done."""

    def __init__(self, blobs: Blobs, guard: Callable[[], None]) -> None:
        """guard: raises where it may not."""
        self._blobs, self._guard = blobs, guard

    def put(self, key: str, data: bytes) -> None:
        """Store it, if the guard lets it."""
        self._guard()
        self._blobs.put(key, data)

    def delete(self, key: str) -> None:
        """Remove it, if the guard lets it."""
        self._guard()
        self._blobs.delete(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)
