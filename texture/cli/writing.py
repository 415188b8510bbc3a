"""Writing what the work has made: each file for itself, and elsewhere where its own place no longer takes it."""

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
    """Writes files, without being interrupted. What goes wrong is an error only when all has been tried."""

    def __init__(self) -> None:
        self._problems: dict[str, list[Path]] = defaultdict(list)
        self._rescued: Path | None = None

    @property
    def failed(self) -> bool:
        """Whether a file could not be written where it belongs."""
        return bool(self._problems)

    def write(self, files: Mapping[Path, bytes]) -> list[Path]:
        """Where they are now: at their own places, or else in a new folder, the first that takes them."""
        with undisturbed():
            return [path for place, data in files.items() if (path := self._written(place, data))]

    def complain(self, further: Iterable[str] = ()) -> None:
        """Say what went wrong, if anything did. further: what else did.

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
        """Where it is then; None where no folder takes it."""
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
