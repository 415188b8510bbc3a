"""Writing the results: each file on its own, and elsewhere if its own place fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from texture.cli.stopping import undisturbed
from texture.errors import SetupProblem
from texture.images.encoding import write_atomically

ELSEWHERE: tuple[Callable[[], Path], ...] = (Path.cwd, Path.home, lambda: Path(gettempdir()))


class Writer:
    """Writes files without interruption. A failure is raised only when all files have been tried."""

    def __init__(self) -> None:
        self._problems: dict[str, list[Path]] = defaultdict(list)
        self._rescued: Path | None = None

    @property
    def failed(self) -> bool:
        """Whether a file could not be written where it belongs."""
        return bool(self._problems)

    def write(self, files: Mapping[Path, bytes]) -> list[Path]:
        """Write them at their own places, or else in a new folder. Returns where they are."""
        with undisturbed():
            return [path for place, data in files.items() if (path := self._written(place, data))]

    def complain(self, further: Iterable[str] = ()) -> None:
        """Raise what went wrong, if anything did. further: other problems.

        Raises:
            SetupProblem: it says which files could not be written, why, and where they are instead.
        """
        words = [f"{', '.join(map(str, paths))} {words}" for words, paths in self._problems.items()]
        if words := [*words, *further]:
            raise SetupProblem("; ".join(words))

    def _written(self, place: Path, data: bytes) -> Path | None:
        try:
            write_atomically(place, data)
        except SetupProblem as error:
            reason = str(error).removeprefix(f"{place} ")
            kept = self._rescue(place.name, data)
            self._problems[f"{reason}; kept in {kept.parent}" if kept else f"{reason}, nor anywhere else"].append(place)
            return kept
        return place

    def _rescue(self, name: str, data: bytes) -> Path | None:
        """Write it to the first folder that works. Returns its path; None if none does."""
        for folder in self._folders():
            with suppress(SetupProblem):
                write_atomically(folder / name, data)
                self._rescued = folder
                return folder / name
            with suppress(OSError):
                folder.rmdir()  # which is refused where something is in it
        return None

    def _folders(self) -> Iterator[Path]:
        if self._rescued:
            yield self._rescued
        for parent in ELSEWHERE:
            with suppress(OSError, RuntimeError):  # there may be no such folder, or no home
                yield Path(mkdtemp(prefix="texture-rescued-", dir=parent()))
