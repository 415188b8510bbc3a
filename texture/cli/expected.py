"""What runs will take, said before they begin, and what they took, kept for the next time."""

from __future__ import annotations

from collections.abc import Sequence

import click

from texture.methods.contract import Method, Outline, Params
from texture.runs.forecast import Forecast, forecast, references, together
from texture.runs.machine import Machine
from texture.settings import Settings

SHORT, LITTLE = 10.0, 1e8  # seconds and bytes, for which nobody needs a forecast
MEASURED = 30.0  # seconds on the reference machine, from which on it is worth two to measure this one
ROUGH = ((10, 1), (60, 5), (600, 30), (3600, 300), (float("inf"), 1800))  # up to so many seconds: in steps of

Planned = tuple[Method, Params, Outline]


def tell(settings: Settings, runs: Sequence[Planned], at_once: bool = True) -> None:
    """Say on stderr what they will take together, unless it is little or nobody knows. at_once: as in `together`."""
    expected = together(_expected(settings, runs), at_once)
    if expected.seconds is not None and expected.seconds >= SHORT:
        memory = expected.memory or 0
        room = f", {memory / 1e9:.1f} GB of memory" if memory >= LITTLE else ""
        stop = "; Ctrl-C stops it, and keeps the picture so far" if expected.long else ""
        click.echo(f"about {roughly(expected.seconds)}{room}{stop}", err=True)


def learn(settings: Settings, run: Planned, seconds: float) -> None:
    """Keep what a run took that has gone to its end."""
    Machine(settings.cache, settings.device).learn(*run, seconds)


def roughly(seconds: float) -> str:
    """A duration that nobody knows exactly: "7 s", "1 min 30 s", "1 h 30 min"."""
    step = next(step for end, step in ROUGH if seconds < end)
    whole = max(step, round(seconds / step) * step)
    minutes, over = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (over, "s")) if count)


def _expected(settings: Settings, runs: Sequence[Planned]) -> list[Forecast]:
    machine = Machine(settings.cache, settings.device)
    known = machine.known()
    calibration = known.calibration
    if not calibration:
        there = together([forecast(*run, [], references().calibration) for run in runs])
        if there.seconds is not None and there.seconds >= MEASURED:
            from texture.runs.calibration import calibrated  # imports torch

            calibration = calibrated(machine, settings.device)
    return [forecast(*run, known.runs, calibration) for run in runs]
