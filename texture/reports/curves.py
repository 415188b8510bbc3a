"""The curves of a comparison: each metric of all runs, over elapsed time and over each run's own compute time.

matplotlib draws; it is imported when the first curve is wanted, and its global state is left alone, so that this
may be called from any thread.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from texture.jobs.domain.job import Point
from texture.metrics import EVERY_METRIC
from texture.palette import RUNS, run_colour
from texture.reports.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Clock = Literal["wall", "own"]
CLOCKS: Mapping[Clock, str] = {"wall": "elapsed", "own": "compute"}
_READ: Mapping[Clock, Callable[[Point], float]] = {
    "wall": lambda point: point.wall,
    "own": lambda point: point.seconds,
}
MINUTES_FROM = 180.0  # seconds; a longer axis is in minutes
DECADE = 10.0  # from this ratio of the largest to the smallest value on, the axis is logarithmic
FEW = 12  # up to so many points each one has a marker: a single one would be invisible otherwise
GROUND, INK, LINE = "#ffffff", "#1b1b1b", "#d9d9d9"
STAND_INS = {INK: "var(--ink)", LINE: "var(--line)", GROUND: "none"}  # in an SVG that is part of a page
_DRAWING = threading.Lock()  # matplotlib shares its caches of fonts between figures, and does not lock them


def curves_png(results: Sequence[Result]) -> bytes:
    """All metrics, one below the other, against both clocks; baselines are dashed."""
    with _DRAWING:
        metrics = measured(results)
        figure = _figure(10.5, 2.9 * max(1, len(metrics)) + 0.6)
        axes = figure.subplots(max(1, len(metrics)), 2, squeeze=False)
        for row, metric in zip(axes, metrics, strict=False):
            for place, clock in zip(row, CLOCKS, strict=True):
                _draw(place, results, metric, clock)
        if not metrics:
            _say_nothing(axes[0])
        _add_legend(figure, results)
        return _written(figure, "png")


def curve_svg(results: Sequence[Result], metric: str, clock: Clock) -> str:
    """One metric against one clock as an <svg> element for a page, coloured by the page's own --ink and --line."""
    with _DRAWING:
        figure = _figure(5.2, 2.9)
        _draw(figure.subplots(), results, metric, clock)
        text = _written(figure, "svg").decode()
    text = text[text.index("<svg") :]
    for drawn, meant in STAND_INS.items():
        text = text.replace(drawn, meant)
    return text


def measured(results: Sequence[Result]) -> list[str]:
    """The metrics that have points."""
    names = {name for result in results for point in result.points for name in point.values}
    return [name for name in EVERY_METRIC if name in names]


def _figure(width: float, height: float) -> Figure:
    """Inches, at 120 pixels to each."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    return Figure(figsize=(width, height), dpi=120, layout=layout, facecolor=GROUND)


def _written(figure: Figure, kind: str) -> bytes:
    from matplotlib import rc_context

    file = io.BytesIO()
    told = {"svg.fonttype": "none", "svg.hashsalt": "texture", "font.family": "sans-serif"}
    with rc_context(told):  # type: ignore[arg-type]
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()


def _draw(axes: Axes, results: Sequence[Result], metric: str, clock: Clock) -> None:
    unit = 60.0 if _longest(results, clock) > MINUTES_FROM else 1.0
    for place, result in enumerate(results):
        points = [point for point in result.points if metric in point.values]
        times = [_READ[clock](point) / unit for point in points]
        mark = "o" if len(points) <= FEW else None
        values = [point.values[metric] for point in points]
        axes.plot(times, values, **_pen(place), marker=mark, markersize=4, label=result.label)
    for baseline in {result.baselines[metric] for result in results if metric in result.baselines}:
        axes.axhline(baseline, color=INK, linewidth=1, linestyle="--")
    axes.set_title(EVERY_METRIC[metric].title, fontsize=10, fontweight="bold", loc="left", color=INK)
    axes.set_xlabel(f"{'minutes' if unit > 1 else 'seconds'} {CLOCKS[clock]}", fontsize=9, color=INK)
    _scale(axes, results, metric)
    _furnish(axes)


def _pen(place: int) -> dict[str, Any]:
    """How a run is drawn; dotted where colours repeat. Dashes are for baselines."""
    return {"color": run_colour(place), "linewidth": 1.8, "linestyle": "-" if place < len(RUNS) else ":"}


def _longest(results: Sequence[Result], clock: Clock) -> float:
    return max((_READ[clock](point) for result in results for point in result.points), default=0.0)


def _scale(axes: Axes, results: Sequence[Result], metric: str) -> None:
    values = [point.values[metric] for result in results for point in result.points if metric in point.values]
    values += [result.baselines[metric] for result in results if metric in result.baselines]
    if min(values) > 0 and max(values) / min(values) >= DECADE:
        _make_logarithmic(axes)
    else:
        axes.set_ylim(0, 1.08 * max(values) or 1)
    axes.set_xlim(left=0)


def _make_logarithmic(axes: Axes) -> None:
    """Ticks at 1, 2, 5, 10, written as plain numbers, not powers."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _furnish(axes: Axes) -> None:
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_facecolor(GROUND)
    axes.tick_params(colors=INK, which="both", labelsize=8, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(LINE)


def _add_legend(figure: Figure, results: Sequence[Result]) -> None:
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], **_pen(place)) for place in range(len(results))]
    labels = [result.label.replace("$", r"\$") for result in results]  # a dollar sign would begin a formula
    if any(result.baselines for result in results):
        lines, labels = [*lines, Line2D([], [], color=INK, linewidth=1, linestyle="--")], [*labels, "baseline"]
    figure.legend(lines, labels, loc="outside lower center", ncols=2, fontsize=9, frameon=False)


def _say_nothing(axes: Sequence[Axes]) -> None:
    for place in axes:
        place.set_axis_off()
        place.text(0.5, 0.5, "nothing was measured", ha="center", va="center")
