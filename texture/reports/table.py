"""The table of a comparison, and its curves, as rows and as CSV: plain numbers, for other programs to read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from texture.methods.registry import methods
from texture.metrics import EVERY_METRIC
from texture.reports.result import Result

Cell = str | float | int | None


def rows(results: Sequence[Result]) -> list[dict[str, Cell]]:
    """One row for each run, all with the same columns; None where a run has no such value.

    Times are in seconds, memory in bytes, `share` is of the device's time, 0..1. The parameters by which the runs
    differ come last, as `params.<name>`.
    """
    figures, parameters = _figures(results), differing(results)
    return [
        {
            "run": result.label,
            "method": result.method,
            "state": result.state,
            "steps": result.number,
            "seconds": result.seconds,
            "wall_seconds": result.wall,
            "share": result.share,
            **{name: _figure(result, name) for name in figures},
            "memory_bytes": result.memory,
            **{f"params.{name}": _written(result.params.get(name)) for name in parameters},
        }
        for result in results
    ]


def table_csv(results: Sequence[Result]) -> str:
    """`rows` with a line of names above them."""
    made = rows(results)
    return as_csv(list(made[0]) if made else [], made)


def curves_csv(results: Sequence[Result]) -> str:
    """Every point of every run on a line of its own: run, steps, both clocks in seconds, and what was measured."""
    points = [(result.label, point) for result in results for point in result.points]
    names = list(dict.fromkeys(name for _, point in points for name in point.values))
    lines: Iterable[dict[str, Cell]] = (
        {"run": label, "steps": point.number, "wall_seconds": point.wall, "seconds": point.seconds, **point.values}
        for label, point in points
    )
    return as_csv(["run", "steps", "wall_seconds", "seconds", *names], lines)


def differing(results: Sequence[Result]) -> list[str]:
    """The parameters that say what is special about a run.

    Those whose value differs between the runs that have them; and, where not all runs have them, those that depart
    from the default.
    """
    names = dict.fromkeys(name for result in results for name in result.params)
    return [name for name in names if _differs(name, results)]


def _differs(name: str, results: Sequence[Result]) -> bool:
    having = [result for result in results if name in result.params]
    if any(result.params[name] != having[0].params[name] for result in having):
        return True
    return len(having) < len(results) and having[0].params[name] != _defaults(having[0].method).get(name)


def _defaults(method: str) -> Mapping[str, Any]:
    known = methods()
    return known[method].params().model_dump(mode="json") if method in known else {}


def _figures(results: Sequence[Result]) -> list[str]:
    """The columns for metrics: each one that any run has, and beside it its baseline or limit."""
    candidates = [column for name in EVERY_METRIC for column in (name, f"{name}_baseline", f"{name}_limit")]
    return [name for name in candidates if any(_figure(result, name) is not None for result in results)]


def _figure(result: Result, column: str) -> float | None:
    if column.endswith("_baseline"):
        return result.baselines.get(column.removesuffix("_baseline"))
    return result.metrics.get(column)


def _written(value: Any) -> Cell:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def as_csv(names: Sequence[str], lines: Iterable[Mapping[str, Cell]]) -> str:
    """Lines by the names of their columns; what is missing is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in line.items()} for line in lines)
    return text.getvalue()


def _cell(value: Cell) -> Cell:
    """Six significant digits: more would claim a precision that no measurement has."""
    return f"{value:.6g}" if isinstance(value, float) else value
