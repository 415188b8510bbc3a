"""The report of a comparison as one self-contained HTML page: pictures, table and curves are embedded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg
from texture.metrics import EVERY_METRIC
from texture.palette import run_colour
from texture.reports.curves import CLOCKS, curve_svg, measured
from texture.reports.result import Result
from texture.reports.sheet import NOTE, exemplar_title, fitted, scaled
from texture.reports.table import differing
from texture.reports.words import (
    beside,
    best_of,
    duration,
    memory,
    metrics_of,
    number,
    percent,
    size,
    steps,
)
from texture.version import VERSION

LARGEST, QUALITY = 1024, 90  # pixels a side, and JPEG quality, of what is embedded; the full files lie beside the page


@dataclass(frozen=True)
class Figure:
    """A picture on the page.

    width: of its pixels, for all pictures to be shown at one scale; 0 where there is none.
    data: its address, with the picture in it. link, model: addresses of the files beside the page.
    """

    name: str
    size: str
    width: int
    data: str
    colour: str | None = None
    link: str | None = None
    model: str | None = None
    summary: str = ""


@dataclass(frozen=True)
class Cell:
    """A value of the table, the baseline or limit beside it, and whether none of the others is better."""

    text: str
    more: str = ""
    best: bool = False


def comparison_page(
    exemplar: Pixels,
    title: str,
    results: Sequence[Result],
    links: Sequence[Mapping[str, str]] = (),
    files: Mapping[str, str] | None = None,
    content: Pixels | None = None,
) -> str:
    """The page, as text.

    exemplar, content: H×W×3 uint8. links: for each result the addresses, relative to the page, of its "picture" and
    "model", where there are such files; files: name to address of what else lies beside the page.
    """
    links = links or [{}] * len(results)
    pictures = [_given(exemplar_title(results), exemplar, scaled(exemplar, results))]
    pictures += [] if content is None else [_given("Content", content, fitted(content, results))]
    pictures += [_figure(place, result, links[place]) for place, result in enumerate(results)]
    return _template().render(
        title=title,
        note=NOTE,
        version=VERSION,
        pictures=pictures,
        widest=max(picture.width for picture in pictures),
        table=_table(results),
        runs=[{"name": result.label, "colour": run_colour(place)} for place, result in enumerate(results)],
        curves=[curve_svg(results, metric, clock) for metric in measured(results) for clock in CLOCKS],
        files=files or {},
    )


def _given(name: str, whole: Pixels, shown: Pixels) -> Figure:
    return Figure(name, size(whole.shape[1], whole.shape[0]), shown.shape[1], _data(shown))


def _figure(place: int, result: Result, links: Mapping[str, str]) -> Figure:
    pixels = result.pixels
    summary = [steps(result.number), f"{duration(result.seconds)} compute"]
    summary += [] if result.state == "done" else [result.state]
    return Figure(
        name=result.label,
        size=size(pixels.shape[1], pixels.shape[0]) if pixels is not None else "no picture",
        width=pixels.shape[1] if pixels is not None else 0,
        data=_data(pixels) if pixels is not None else "",
        colour=run_colour(place),
        link=links.get("picture"),
        model=links.get("model"),
        summary=" · ".join(summary),
    )


def _data(pixels: Pixels) -> str:
    return "data:image/jpeg;base64," + b64encode(encode_jpeg(pixels, QUALITY, LARGEST)).decode()


def _table(results: Sequence[Result]) -> list[tuple[str, list[Cell]]]:
    """Its columns: a title, and a cell for each run."""
    columns: dict[str, Sequence[str]] = {
        "State": [result.state for result in results],
        "Steps": [f"{result.number:,}" for result in results],
        "Compute time": [duration(result.seconds) for result in results],
        "Elapsed": [duration(result.wall) for result in results],
        "Device": ["–" if result.share is None else percent(result.share) for result in results],
        "Memory": ["–" if result.memory is None else memory(result.memory) for result in results],
    }
    parameters = {name: [_value(result, name) for result in results] for name in differing(results)}
    figures = [(EVERY_METRIC[metric].title, _metric(metric, results)) for metric in metrics_of(results)]
    plain = [(title, [Cell(text) for text in texts]) for title, texts in columns.items()]
    return [*plain[:1], *figures, *plain[1:], *((name, list(map(Cell, texts))) for name, texts in parameters.items())]


def _metric(metric: str, results: Sequence[Result]) -> list[Cell]:
    best = best_of(metric, results)
    return [_cell(result, metric, best) for result in results]


def _cell(result: Result, metric: str, best: float | None) -> Cell:
    if metric not in result.metrics:
        return Cell("–")
    found, value = beside(result, metric), result.metrics[metric]
    return Cell(number(value), f"{found[0]} {number(found[1])}" if found else "", value == best)


def _value(result: Result, name: str) -> str:
    value = result.params.get(name)
    return "–" if value is None else str(value)


@cache
def _template() -> Template:
    text = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text)
