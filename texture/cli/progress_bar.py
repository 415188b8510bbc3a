"""Progress on stderr: a bar where there is a terminal, else a line now and then."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from texture.cli.stopping import Pressed
from texture.errors import TextureError
from texture.features.weights import Progress
from texture.methods.contract import Step

EVERY = 30.0  # seconds from one line to the next, where there is no terminal


class Lines:
    """Where tqdm draws without a terminal: each look of the bar becomes a line of its own."""

    def write(self, text: str) -> None:
        """Keep what is a look of the bar, not what moves the cursor."""
        if text.startswith("\r") and text.strip():
            sys.stderr.write(f"{text.strip()}\n")

    def flush(self) -> None:
        """Lines are never held back."""


class WorkBar(tqdm):  # type: ignore[misc]
    """A bar for the fraction of the work done, with the steps beside it.

    Steps need not take equally long, and where the budget is one of time nobody knows how many there will be.
    """

    SHAPE = "{desc}{percentage:3.0f}%|{bar}| {steps} [{elapsed}<{remaining}, {speed}{postfix}]"
    LINE = SHAPE.replace("|{bar}|", "")

    number = 0
    steps_in_all: int | None = None

    def __init__(self, desc: str = "", **more: Any) -> None:
        known = {"bar_format": self.SHAPE, "mininterval": 0.25, "miniters": 0, **where(self.LINE)}
        super().__init__(desc=desc, total=1.0, **known, **more)

    @property
    def format_dict(self) -> dict[str, Any]:
        """What the shape of the bar is filled with."""
        known: dict[str, Any] = super().format_dict
        speed = self.number / known["elapsed"] if known["elapsed"] else 0.0
        of = f"/{self.steps_in_all}" if self.steps_in_all else " steps"
        return {**known, "steps": f"{self.number}{of}", "speed": f"{speed:.3g} step/s"}

    @property
    def due(self) -> bool:
        """Whether `show` will draw."""
        return bool(self._time() - self.last_print_t >= self.mininterval)

    def show(self, done: float, number: int, total: int | None) -> None:
        """Tell how far it is; it is drawn a few times a second, or, in lines, now and then."""
        self.number, self.steps_in_all = number, total
        self.update(min(done, 1.0) - self.n)


def shown(steps: Iterable[Step], stop: Pressed, words: str = "") -> Iterator[Step]:
    """The steps up to the last one, or to the one at which `stop` tells to; `steps` stays suspended there.

    With a bar: share, steps, time left, losses; what a step has to say of itself goes above it. words: before the bar,
    such as "seed 3 of 8 ", where it is one of several.

    Raises:
        TextureError: there was no last step.
    """
    told: str | None = None
    with WorkBar(f"{words}preparing ") as bar:
        for step in steps:
            bar.desc = words
            if bar.due:  # so reading a loss costs nothing
                bar.set_postfix(short(step.losses), refresh=False)
            bar.show(step.done, step.number, step.total)
            if step.note and step.note != told:
                bar.write(step.note, file=sys.stderr)
            told = step.note
            yield step
            if step.last or stop():
                return
    raise TextureError("the method ended before its last step")


def short(values: Mapping[str, Any]) -> dict[str, str]:
    """Numbers by name, three significant digits each."""
    return {name: f"{float(value):.3g}" for name, value in values.items()}


def where(line: str) -> dict[str, Any]:
    """Where and how often tqdm draws; line: the shape of what it says where there is no terminal.

    A terminal that does not know its own size has 80x24: tqdm would draw nothing.
    """
    if not sys.stderr.isatty():
        return {"file": Lines(), "mininterval": EVERY, "delay": EVERY, "bar_format": line}
    size = shutil.get_terminal_size()
    return {"ncols": size.columns, "nrows": size.lines}


@contextmanager
def copying_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar in bytes, for files that are copied; it is told how many are there, and of how many."""
    line = "{n_fmt} of {total_fmt} [{elapsed}<{remaining}]"
    with tqdm(desc="copying", unit="B", unit_scale=True, leave=False, **where(line)) as bar:

        def report(done: int, whole: int) -> None:
            bar.total = whole
            bar.update(done - bar.n)

        yield report


@contextmanager
def download_bar() -> Iterator[Callable[[Progress], None]]:
    """A bar in bytes, for a download."""
    line = "{desc}: {n_fmt} of {total_fmt} [{elapsed}<{remaining}]"
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, leave=False, **where(line)) as bar:

        def report(progress: Progress) -> None:
            bar.total = progress.total
            bar.set_description_str(progress.message, refresh=False)
            bar.update(progress.done - bar.n)

        yield report
