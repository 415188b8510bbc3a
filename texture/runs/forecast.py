"""How long a run will take, and how much memory, before it begins.

`references.json` has runs of each method in several sizes on one machine (`python -m benchmarks.forecast` writes it):
between them lies the curve that a run's work follows. How much slower or faster this machine is comes from its own
latest runs of the method, or else from a calibration of two seconds; both are kept between starts (`machine.Machine`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Literal

from pydantic import Field

from texture.methods.artifacts import MODEL
from texture.methods.contract import Method, Outline, Params

REFERENCES = Path(__file__).with_name("references.json")
COUNTED = frozenset({"size", "seed", "steps", "rounds", "minutes", "exemplar_size", "scales", "tile"})
"""Settings that are counted as work, or that change nothing: runs that differ by others are less alike."""
NEWEST = 5  # of the most similar runs of this machine, from which it is known how fast it is
LONG = 3600.0  # seconds, from which on a person is asked

Positive = Annotated[float, Field(gt=0, le=1e18)]
Value = Callable[["Example"], float | None]
Kind = Literal["network", "plain"]  # what a method spends its time on: convolutions, or loops of other kinds


@dataclass(frozen=True)
class Example:
    """A run that was made.

    settings: its parameters, for JSON. pixels: of its result, by which its memory grows, as its time does by its work.
    memory: its peak in bytes, None where not measured.
    """

    method: str
    settings: Mapping[str, Any]
    work: Positive
    pixels: Positive
    seconds: Positive
    memory: Annotated[int, Field(ge=0, lt=2**63)] | None = None

    @classmethod
    def of(cls, method: Method, params: Params, outline: Outline, seconds: float, memory: int | None) -> Example:
        """The one that such a run has given."""
        pixels = math.prod(outline.size) if outline.size else 1.0
        return cls(method.name, params.model_dump(mode="json"), outline.work, pixels, seconds, memory)


@dataclass(frozen=True)
class Forecast:
    """What a run is expected to take. seconds: with the device to itself; None where nobody knows. memory: bytes."""

    seconds: float | None
    memory: int | None

    @property
    def long(self) -> bool:
        """Whether it takes an hour or more."""
        return self.seconds is not None and self.seconds >= LONG


@dataclass(frozen=True)
class References:
    """The reference machine's runs. calibration: what it took for the calibration, in seconds by kind."""

    machine: str
    calibration: Mapping[str, float]
    examples: Sequence[Example]


@cache
def references() -> References:
    """Those that come with the package."""
    told = json.loads(REFERENCES.read_text("utf-8"))
    return References(told["machine"], told["calibration"], [Example(**one) for one in told["examples"]])


def write_references(found: References, path: Path = REFERENCES) -> None:
    """Write them, an example a line."""
    lines = ",\n".join(json.dumps(asdict(one)) for one in found.examples)
    head = f'{{\n"machine": {json.dumps(found.machine)},\n"calibration": {json.dumps(dict(found.calibration))},\n'
    path.write_text(f'{head}"examples": [\n{lines}\n]\n}}\n', "utf-8")


def kind_of(method: Method, outline: Outline) -> Kind:
    """What it spends its time on."""
    return "network" if outline.network or MODEL in method.produces else "plain"


def forecast(
    method: Method, params: Params, outline: Outline, own: Iterable[Example], calibration: Mapping[str, float]
) -> Forecast:
    """What a run is expected to take on this machine.

    own: runs that it has made, oldest first. calibration: what it took for it, in seconds by kind; {} before it.
    """
    here = [one for one in own if one.method == method.name]
    there = [one for one in references().examples if one.method == method.name]
    asked = Example.of(method, params, outline, 0.0, None)
    seconds = outline.seconds
    if seconds is None:
        slower = _ratio(kind_of(method, outline), calibration)
        seconds = _expected(asked, here, there, lambda one: one.work, lambda one: one.seconds, slower)
    memory = _expected(asked, here, there, lambda one: one.pixels, lambda one: one.memory, 1.0)
    if outline.memory is not None:
        memory = max(outline.memory, memory or 0)
    return Forecast(seconds, None if memory is None else round(memory))


def together(forecasts: Sequence[Forecast], at_once: bool = True) -> Forecast:
    """What several runs are expected to take; None of what is not known of each.

    at_once: whether they share the device, and so its memory, or come one after the other.
    """
    seconds = [one.seconds for one in forecasts if one.seconds is not None]
    memory = [one.memory for one in forecasts if one.memory is not None]
    return Forecast(
        sum(seconds) if len(seconds) == len(forecasts) else None,
        (sum if at_once else max)(memory) if len(memory) == len(forecasts) else None,
    )


def _ratio(kind: Kind, calibration: Mapping[str, float]) -> float | None:
    """How many times as long this machine takes as the reference machine; None before it is calibrated."""
    return calibration[kind] / references().calibration[kind] if kind in calibration else None


def _expected(
    asked: Example,
    here: Sequence[Example],
    there: Sequence[Example],
    extent: Callable[[Example], float],
    value: Value,
    usual: float | None,
) -> float | None:
    """What a value of `asked` comes to.

    extent: by which it grows. usual: how many times as much it is here as on the reference machine, where no run has
    shown it.
    """

    def curve(one: Example) -> float | None:
        alike = _most_alike(one, there, value)
        return _between([(extent(other), value(other) or 0.0) for other in alike], extent(one))

    alike = _most_alike(asked, here, value)[-NEWEST:]
    shown = [found / (curve(one) or extent(one)) for one in alike if (found := value(one))]
    expected = curve(asked)
    if expected is None:
        return median(shown) * extent(asked) if shown else None
    factor = median(shown) if shown else usual
    return None if factor is None else expected * factor


def _most_alike(asked: Example, examples: Sequence[Example], value: Callable[[Example], float | None]) -> list[Example]:
    """Those of which the value is known and the fewest settings differ, in their order."""
    known = [one for one in examples if value(one)]
    least = min((_differences(asked, one) for one in known), default=0)
    return [one for one in known if _differences(asked, one) == least]


def _differences(one: Example, other: Example) -> int:
    names = (one.settings.keys() | other.settings.keys()) - COUNTED
    return sum(one.settings.get(name) != other.settings.get(name) for name in names)


def _between(pairs: Iterable[tuple[float, float]], extent: float) -> float | None:
    """The value there: on a straight line between the points of log-log paper, and beyond the last in proportion.

    pairs: extents with their values; of several values for one extent the middle one counts.
    """
    values: dict[float, list[float]] = {}
    for there, value in pairs:
        values.setdefault(there, []).append(value)
    points = sorted((there, median(some)) for there, some in values.items())
    if not points or extent <= 0:
        return None
    (first, low), (last, high) = points[0], points[-1]
    if extent <= first:
        return low
    if extent >= last:
        return high * extent / last
    (left, a), (right, b) = next(pair for pair in pairwise(points) if pair[0][0] <= extent <= pair[1][0])
    share = math.log(extent / left) / math.log(right / left)
    return math.exp(math.log(a) + share * math.log(b / a))
