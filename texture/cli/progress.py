"""Progress on stderr, for a terminal only, and stopping where a step ends."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from tqdm import tqdm

from texture.features.weights import Progress
from texture.methods.base import Step


def shown(steps: Iterable[Step]) -> Generator[Step, None, None]:
    """The same steps, with a bar: share, steps a second, time left, losses."""
    with tqdm(desc="preparing", unit="step", disable=None, mininterval=0.25, **_screen()) as bar:
        for step in steps:
            bar.total = step.total
            bar.desc = ""
            if bar.update(step.number - bar.n):  # drawn just now: a few times a second, so reading a loss costs nothing
                bar.set_postfix({name: f"{float(loss):.3g}" for name, loss in step.losses.items()}, refresh=False)
            yield step


def _screen() -> dict[str, int]:
    """The terminal's size, 80x24 where it does not know its own: tqdm would then draw nothing."""
    size = shutil.get_terminal_size()
    return {"ncols": size.columns, "nrows": size.lines}


@contextmanager
def download_bar() -> Iterator[Callable[[Progress], None]]:
    """A bar in bytes for whoever reports a Progress."""
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, disable=None, leave=False, **_screen()) as bar:

        def report(progress: Progress) -> None:
            bar.total = progress.total
            bar.set_description_str(progress.message, refresh=False)
            bar.update(progress.done - bar.n)

        yield report


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
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
