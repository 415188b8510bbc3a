"""Ctrl-C and the other ways to stop a program: `timeout`, a batch system, a terminal that is closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Pressed = Callable[[], bool]  # whether an end was asked for
Handler = Callable[[int, FrameType | None], None]

INTERRUPTED = 130  # the exit status
interrupted = False  # KeyboardInterrupt was raised; it may have been lost: Python drops it in callbacks of imports
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def all_alike() -> Iterator[None]:
    """Raise KeyboardInterrupt on any of these signals, as Ctrl-C does."""
    global interrupted
    tell, sys.unraisablehook = sys.unraisablehook, _tell_of_others
    try:
        with _handled_by(_interrupt):
            yield
    finally:
        interrupted, sys.unraisablehook = False, tell


@contextmanager
def interruptible() -> Iterator[Pressed]:
    """Suspend interruption; the result tells whether a stop was requested. A second Ctrl-C interrupts.

    A second signal of another kind does not: a terminal that is closed sends several.

    Raises:
        KeyboardInterrupt: one of `all_alike` has been lost on its way.
    """
    if interrupted:
        raise KeyboardInterrupt
    asked = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked = True

    with _handled_by(note):
        yield lambda: asked


@contextmanager
def undisturbed() -> Iterator[None]:
    """Suspend interruption entirely, while files are written."""
    with _handled_by(lambda number, frame: None):
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    global interrupted
    interrupted = True
    raise KeyboardInterrupt


def _tell_of_others(lost: sys.UnraisableHookArgs) -> None:
    """What Python says of an exception that it drops; not of this one, which is not forgotten."""
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in ENDING if _heeded(number)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _heeded(number: int) -> bool:
    """Whether the signal counts: not what `nohup` has switched off, so that the work outlives its terminal."""
    return number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
