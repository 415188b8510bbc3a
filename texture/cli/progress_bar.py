"""Progress on stderr, for a terminal only, and stopping where a step ends."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tqdm import tqdm

from texture.features.weights import Progress
from texture.methods.contract import Step

Pressed = Callable[[], bool]  # whether Ctrl-C was


class WorkBar(tqdm):  # type: ignore[misc]
    """A bar that goes by the share of the work that is done; the steps are only told beside it.

    Steps need not take equally long, and where the budget is one of time nobody knows how many there will be.
    """

    SHAPE = "{desc}{percentage:3.0f}%|{bar}| {steps} [{elapsed}<{remaining}, {speed}{postfix}]"

    number = 0
    steps_in_all: int | None = None

    def __init__(self, desc: str = "", **more: Any) -> None:
        known = {"bar_format": self.SHAPE, "disable": None, "mininterval": 0.25, "miniters": 0, **screen()}
        super().__init__(desc=desc, total=1.0, **known, **more)

    @property
    def format_dict(self) -> dict[str, Any]:
        """What the shape of the bar is filled with."""
        known: dict[str, Any] = super().format_dict
        speed = self.number / known["elapsed"] if known["elapsed"] else 0.0
        of = f"/{self.steps_in_all}" if self.steps_in_all else " steps"
        return {**known, "steps": f"{self.number}{of}", "speed": f"{speed:.3g} step/s"}

    def show(self, done: float, number: int, total: int | None) -> bool:
        """Tell how far it is; True where it was drawn, a few times a second."""
        self.number, self.steps_in_all = number, total
        return bool(self.update(min(done, 1.0) - self.n))


def shown(steps: Iterable[Step], words: str = "") -> Generator[Step, None, None]:
    """The same steps, with a bar: share, steps, time left, losses; what a step has to say of itself goes above it.

    words: before the bar, such as "seed 3 of 8 ", where it is one of several.
    """
    told: str | None = None
    with WorkBar(f"{words}preparing ") as bar:
        for step in steps:
            bar.desc = words
            if bar.show(step.done, step.number, step.total):  # so reading a loss costs nothing
                bar.set_postfix(short(step.losses), refresh=False)
            if step.note and step.note != told:
                bar.write(step.note, file=sys.stderr)
            told = step.note
            yield step


def short(values: Mapping[str, Any]) -> dict[str, str]:
    """Numbers by name, three digits each."""
    return {name: f"{float(value):.3g}" for name, value in values.items()}


def screen() -> dict[str, int]:
    """The terminal's size, 80x24 where it does not know its own: tqdm would then draw nothing."""
    size = shutil.get_terminal_size()
    return {"ncols": size.columns, "nrows": size.lines}


@contextmanager
def download_bar() -> Iterator[Callable[[Progress], None]]:
    """A bar in bytes for whoever reports a Progress."""
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, disable=None, leave=False, **screen()) as bar:

        def report(progress: Progress) -> None:
            bar.total = progress.total
            bar.set_description_str(progress.message, refresh=False)
            bar.update(progress.done - bar.n)

        yield report


@contextmanager
def interruptible() -> Iterator[Pressed]:
    """Ctrl-C no longer breaks in; what this gives tells whether it was pressed. A second Ctrl-C breaks in as ever."""
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
