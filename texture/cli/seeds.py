"""`--seeds 8 --keep 2 --by patch`: runs that differ by their seed alone, of which the best are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from texture.cli.stopping import Pressed
from texture.cli.written_result import Result
from texture.errors import Diverged, InvalidInput
from texture.images.decoding import Pixels
from texture.jobs.store.comparisons import MOST_RUNS
from texture.methods.contract import Method, Outline, Params
from texture.metrics import METRICS, ExemplarMetrics, best_first, scaled_exemplar
from texture.wording import Limits, refused

Attempt = Callable[..., Result]  # of parameters, a flag for Ctrl-C, and a label for the bar

USUAL = "patch"  # the metric, unless told


@dataclass(frozen=True)
class Trial:
    """The outcome of one seed.

    result: None where the method has failed, and where enough others are better. value: by which it is ranked; None
    where the method has failed or was stopped. fate: what has become of it, where there is no value.
    """

    seed: int
    result: Result | None
    value: float | None = None
    fate: str = ""
    stopped: bool = False


class Judge:
    """Measures pictures by one metric. baseline: that of the two halves of the exemplar."""

    def __init__(self, exemplar: Pixels, outline: Outline, by: str) -> None:
        """outline: of the runs whose pictures are measured.

        Raises:
            InvalidInput: the exemplar does not have that metric.
        """
        from texture.images.tensors import to_tensor

        self._metrics_of = ExemplarMetrics(scaled_exemplar(to_tensor(exemplar), outline))
        self.by = by
        if by not in self._metrics_of.baselines:
            raise InvalidInput(f"by={by!r}: this source texture does not have that metric", field="by", value=by)
        self.baseline = self._metrics_of.baselines[by]

    def __call__(self, pixels: Pixels) -> float:
        """The metric of a picture."""
        from texture.images.tensors import to_tensor

        return self._metrics_of(to_tensor(pixels), (self.by,))[self.by]


def seed_options(method: Method) -> list[click.Parameter]:
    """Of a method whose pictures depend on a seed."""
    if "seed" not in method.params.model_fields:
        return []
    many = f"try this many seeds, from --seed on, and keep the best  [2 to {MOST_RUNS}; default: one]"
    kept = "how many of the pictures are written; OUT-2.png is the second best  [1 to N; default: 1]"
    best = f"metric to compare them by, as measured by `score`: {', '.join(METRICS)}  [default: {USUAL}]"
    return [
        click.Option(["--seeds"], type=int, metavar="N", help=many),
        click.Option(["--keep"], type=int, metavar="K", help=kept),
        click.Option(["--by"], metavar="METRIC", help=best),
    ]


def check_seeds(seeds: int | None, keep: int | None, by: str | None) -> None:
    """Raise InvalidInput if the three options do not make sense."""
    if seeds is None:
        for name, value in (("keep", keep), ("by", by)):
            if value is not None:
                raise InvalidInput(f"{name}={value!r}: only with --seeds", field=name, value=value)
    elif not 2 <= seeds <= MOST_RUNS:
        raise refused("seeds", seeds, Limits(2, MOST_RUNS))
    elif keep is not None and not 1 <= keep <= seeds:
        raise refused("keep", keep, Limits(1, seeds), f"there are {seeds} seeds")
    elif by is not None and by not in METRICS:
        raise refused("by", by, Limits(choices=tuple(METRICS)))


def seeded(method: Method, asked: Mapping[str, Any], preset: str | None, seeds: int) -> list[Params]:
    """The parameters of each run. Raises InvalidInput where there are not as many seeds from the first one on."""
    first: Any = method.parse(asked, preset)
    return [method.parse({**asked, "seed": first.seed + further}, preset) for further in range(seeds)]


def compete(runs: Sequence[Params], keep: int, judge: Judge, attempt: Attempt, pressed: Pressed) -> list[Trial]:
    """One run after another, until all have ended or Ctrl-C was pressed. Returns the trials, best first.

    Raises:
        Diverged: all runs have failed.
    """
    trials: list[Trial] = []
    for place, params in enumerate(runs, 1):
        if trials and pressed():
            break
        trial = _trial(params, judge, partial(attempt, params, pressed, f"seed {place} of {len(runs)} "))
        ranked = sorted([*trials, trial], key=lambda one: _rank(one, judge.by))
        trials = [*ranked[:keep], *(replace(one, result=None) for one in ranked[keep:])]
    if not any(trial.result for trial in trials):
        raise Diverged(trials[0].fate)
    return trials


def _trial(params: Any, judge: Judge, attempt: Callable[[], Result]) -> Trial:
    try:
        result = attempt()
    except Diverged as error:
        return Trial(params.seed, None, fate=str(error))
    if not result.last:
        return Trial(params.seed, result, fate=result.standing, stopped=True)
    return Trial(params.seed, result, judge(result.pixels))


def _rank(trial: Trial, by: str) -> tuple[bool, bool, float]:
    """The sort key: the best first, then what was stopped, then what has failed."""
    if trial.value is None or not math.isfinite(trial.value):
        return True, trial.result is None, 0.0
    return False, False, best_first(by, trial.value)


def table(trials: Sequence[Trial], judge: Judge, paths: Iterable[Path]) -> Iterator[str]:
    """A line for each seed, best first: its metric, and the file that has its picture."""
    width = max(len("seed"), *(len(str(trial.seed)) for trial in trials))
    yield f"{'seed':>{width}}  {judge.by:>8}"
    kept = iter(paths)
    for trial in trials:
        value = "–" if trial.value is None else f"{trial.value:.4g}"
        notes = [str(next(kept))] if trial.result else []
        yield f"{trial.seed:>{width}}  {value:>8}  {', '.join([*notes, *filter(None, [trial.fate])])}".rstrip()
    yield f"{'':>{width}}  {judge.baseline:>8.4g}  source against itself"
