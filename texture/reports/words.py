"""How numbers are written for people."""

from __future__ import annotations

from collections.abc import Sequence

from texture.jobs.domain.job import Comparison
from texture.metrics import EVERY_METRIC, best_first
from texture.reports.result import Result


def duration(seconds: float) -> str:
    """8 ms, 8.4 s, 2 min 05 s, 1 h 02 min."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def steps(count: int) -> str:
    """1 step, 2,400 steps."""
    return f"{count:,} step{'s' * (count != 1)}"


def memory(count: int) -> str:
    """Bytes as 0.3 MB, 412 MB or 1.2 GB."""
    if count < 10 * 2**20:
        return f"{count / 2**20:.1f} MB"
    return f"{count / 2**20:.0f} MB" if count < 2**30 else f"{count / 2**30:.1f} GB"


def percent(share: float) -> str:
    """A share of 0..1 as 48 %."""
    return f"{share:.0%}".replace("%", " %")


def number(value: float) -> str:
    """Three significant digits, which is all that such measurements are good for."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def size(width: int, height: int) -> str:
    """512×384."""
    return f"{width}×{height}"


def beside(result: Result, metric: str) -> tuple[str, float] | None:
    """What a metric is read beside: its baseline, or the limit up to which it is unremarkable."""
    if metric in result.baselines:
        return "source against itself", result.baselines[metric]
    if (limit := f"{metric}_limit") in result.metrics:
        return "limit", result.metrics[limit]
    return None


def best_of(metric: str, results: Sequence[Result]) -> float | None:
    """The best value of a metric among these runs; None where there are not two to choose from, or nothing to win."""
    values = [result.metrics[metric] for result in results if metric in result.metrics]
    if not EVERY_METRIC[metric].ranked or len(values) < 2:
        return None
    return min(values, key=lambda value: best_first(metric, value))


def metrics_of(results: Sequence[Result]) -> list[str]:
    """The metrics that any of them has, in the order in which they are shown."""
    return [name for name in EVERY_METRIC if any(name in result.metrics for result in results)]


def title_of(comparison: Comparison) -> str:
    """The title of a report on it."""
    count = len(comparison.jobs)
    return f"{comparison.exemplar} · {count} run{'s' * (count != 1)} compared"
