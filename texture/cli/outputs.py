"""Output files of a command: every name is tried and reserved before the work, and nothing is overwritten unasked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from texture.cli.held_names import HeldNames
from texture.errors import InvalidInput
from texture.images.encoding import ENDINGS, check_ending, check_folder
from texture.images.samples import SAMPLE
from texture.wording import system_reason

FORCE_HELP = "overwrite even an input, a link, a read-only file, or an older file beside the one that -o names"


@dataclass(frozen=True)
class Place:
    """Where the files of one run are written.

    main: what it was started for. beside: what it may leave besides, by how its name ends: "-origins.png".
    """

    main: Path
    beside: Mapping[str, Path]


class Outputs(HeldNames):
    """The names of all files that a command may write, reserved until it has ended."""

    def __init__(self, inputs: Iterable[str] = (), force: bool = False) -> None:
        """inputs: what the command reads, as the call names it. force: overwrite what would be refused, or kept."""
        super().__init__()
        self.force = force
        self._inputs = [Path(name) for name in inputs if not name.startswith(SAMPLE)]

    def named(self, output: str, endings: Sequence[str] = ENDINGS, beside: Sequence[str] = ()) -> Place:
        """The place that a call has named; what goes beside it takes free names, unless it is forced.

        Raises:
            InvalidInput: a file cannot be written there, or must not be overwritten.
        """
        path = Path(output)
        check_ending(output, "output", endings)
        with named_in_errors(path):
            self.check(path)
            self.take(path)
            check_folder(path.parent)
            return Place(path, self._beside(path.with_suffix(""), beside))

    def unnamed(self, stem: str, ending: str, beside: Sequence[str] = (), first: int = 1) -> Place:
        """STEM.png, or STEM-2.png and so on, such that nothing of the run overwrites anything.

        first: the number to begin with.

        Raises:
            InvalidInput: no file can be written there.
        """
        wanted = Path(stem)
        with named_in_errors(wanted.with_name(wanted.name + ending)):
            main, *others = self.take_free(wanted, [ending, *beside], first)
            check_folder(main.parent)
            return Place(main, dict(zip(beside, others, strict=True)))

    def check(self, path: Path) -> None:
        """Check that an existing file may be overwritten.

        Raises:
            InvalidInput: it is no file; or an input, a link or read-only, and nothing is forced.
        """
        reason = _impossible(path) or ("" if self.force else self._unwanted(path))
        if reason:
            raise InvalidInput(f"{path} {reason}", field="output", value=str(path))

    def is_input(self, path: Path) -> bool:
        """Whether it is one of the files that the command reads, under any name."""
        return path.exists() and any(one.exists() and one.samefile(path) for one in self._inputs)

    def _unwanted(self, path: Path) -> str:
        """Why it should not be overwritten, or an empty string."""
        if self.is_input(path):
            return "is an input of this command: name another file, or add --force"
        if path.is_symlink() or (path.exists() and path.stat().st_nlink > 1):
            return "is a link to a file that may have other uses: name another file, or add --force to replace the link"
        if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
            return "is read-only: name another file, or add --force"
        return ""

    def _beside(self, wanted: Path, ends: Sequence[str]) -> dict[str, Path]:
        """Names for what goes beside a file that was named."""
        usual = [Path(f"{wanted}{end}") for end in ends]
        if self.force:
            for path in usual:
                self.check(path)
                self.take(path)
            return dict(zip(ends, usual, strict=True))
        taken = self.take_free(wanted, ends) if ends else []
        for path, other in zip(usual, taken, strict=True):
            if path != other and os.path.lexists(path):
                click.echo(f"{path} exists: {other} is written instead (--force overwrites it)", err=True)
        return dict(zip(ends, taken, strict=True))


def _impossible(path: Path) -> str:
    """Why nothing can be written over it, or an empty string."""
    if path.is_dir():
        return "is a folder: name a file in it"
    return "is a device, not a file" if path.exists() and not path.is_file() else ""


@contextmanager
def named_in_errors(path: Path) -> Iterator[None]:
    """Turn the system's errors into an InvalidInput that names `path`."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {system_reason(error)}", field="output", value=str(path)
        ) from error


def stem(source: str) -> str:
    """A picture's file name, without folder and ending; a folder's, under whatever name."""
    return Path(os.path.abspath(source.removeprefix(SAMPLE))).stem
