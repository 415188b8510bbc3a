"""The contact sheet of a comparison: the exemplar and every result at one scale, with their metrics beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from texture.errors import TextureError
from texture.images.decoding import Pixels
from texture.methods.registry import find_method
from texture.methods.sizes import Extent, Sizes, looked_at, sizes_of
from texture.metrics import EVERY_METRIC, HIGHER_IS_BETTER
from texture.palette import run_colour
from texture.reports.fonts import cut, font, wrapped
from texture.reports.result import Result
from texture.reports.words import (
    beside,
    duration,
    memory,
    metrics_of,
    number,
    percent,
    size,
    steps,
)

GROUND, SURFACE, INK, SOFT, LINE = "#f4f4f4", "#e2e2e2", "#1b1b1b", "#5c5c5c", "#d0d0d0"
MARGIN, GAP = 48, 36  # pixels, around the sheet and between its panels
CELL = 512  # pixels, a picture's largest side
TITLE, NAME, TEXT = 34, 23, 18  # pixels, text heights
TITLE_ROW, NAME_ROW, TEXT_ROW, FIGURE_ROW = 68, 31, 26, 31  # pixels from one line to the next
DOT, INDENT = 16, 26  # pixels: the dot in a run's colour, and where its name begins
NAME_LINES = 2
HIGHER = " and ".join(EVERY_METRIC[name].title.lower() for name in sorted(HIGHER_IS_BETTER))
NOTE = f"Lower is better, but higher {HIGHER}. Source against itself: the same metric between its two halves."


@dataclass(frozen=True)
class Panel:
    """A picture and its caption. lines: name and value of a metric, and what stands beside it."""

    pixels: Pixels | None
    name: str
    colour: str | None
    summary: list[str]
    lines: list[tuple[str, str, str]]


def comparison_sheet(
    exemplar: Pixels | None, title: str, results: Sequence[Result], content: Pixels | None = None
) -> Pixels:
    """A labelled sheet, H×W×3 uint8, some 2000 pixels wide.

    exemplar, content: H×W×3 uint8, shown at the scale at which the methods work on them; None: not shown. All pictures
    are drawn at one scale, the largest one filling its place.
    """
    metrics = metrics_of(results)
    panels = [] if exemplar is None else [_given(exemplar_title(results), exemplar, scaled(exemplar, results))]
    panels += [] if content is None else [_given("Content", content, fitted(content, results))]
    panels += [_panel(result, run_colour(place), metrics) for place, result in enumerate(results)]
    return _Sheet(panels).drawn(title)


def exemplar_title(results: Sequence[Result]) -> str:
    """The title of the exemplar that `scaled` shows."""
    return "Source texture as fitted" if results and results[0].exemplar is not None else "Source texture"


def scaled(exemplar: Pixels, results: Sequence[Result]) -> Pixels:
    """The exemplar as the first method sees it: fitted, or reduced to the result's shorter side, or as asked."""
    if results and results[0].exemplar is not None:
        return results[0].exemplar
    own = sizes_of({"source": exemplar})["source"]
    shown = _shown(results[0], {"source": own}) if results else None
    return _resized(exemplar, looked_at(own, _longest(results)) if shown in (None, own) else shown)


def fitted(content: Pixels, results: Sequence[Result]) -> Pixels:
    """The content as large as the largest result: reduced to its longer side."""
    height, width = content.shape[:2]
    share = min(1.0, _longest(results) / max(width, height))
    return _resized(content, (max(1, round(width * share)), max(1, round(height * share))))


def _given(name: str, whole: Pixels, shown: Pixels) -> Panel:
    """An input picture: as it is shown, and its size."""
    return Panel(shown, name, None, [size(whole.shape[1], whole.shape[0])], [])


def _longest(results: Sequence[Result]) -> int:
    """The longest side among their pictures."""
    return max((max(result.pixels.shape[:2]) for result in results if result.pixels is not None), default=CELL)


def _shown(result: Result, sizes: Sizes) -> Extent | None:
    """The size at which a run looks at its exemplar; None where a method of another version did."""
    try:
        method = find_method(result.method)
        return method.outline(method.parse(result.params), sizes).exemplar
    except TextureError:
        return None


def _panel(result: Result, ink: str, metrics: Sequence[str]) -> Panel:
    clock = [steps(result.number), f"{duration(result.seconds)} compute"]
    sharing = [f"{duration(result.wall)} elapsed"]
    sharing += [f"{percent(result.share)} of the device"] if result.share is not None else []
    sharing += [memory(result.memory)] if result.memory is not None else []
    head = clock if result.state == "done" else [*clock, result.state]
    lines = [_line(result, name) for name in metrics]
    return Panel(result.pixels, result.label, ink, [" · ".join(head), " · ".join(sharing)], lines)


def _line(result: Result, metric: str) -> tuple[str, str, str]:
    value = number(result.metrics[metric]) if metric in result.metrics else "–"
    found = beside(result, metric)
    return EVERY_METRIC[metric].title, value, f"{found[0]} {number(found[1])}" if found else ""


class _Sheet:
    """Lays everything out and draws it."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        self._panels, self._columns = panels, _columns(len(panels))
        shapes = [panel.pixels.shape for panel in panels if panel.pixels is not None] or [(CELL, CELL)]
        self._scale = CELL / max(max(shape[:2]) for shape in shapes)
        self._cell = round(self._scale * max(shape[0] for shape in shapes))  # its height; its width is CELL
        self._names = max((len(_name_lines(panel)) for panel in panels), default=0)
        self._figures = max((len(panel.lines) for panel in panels), default=0)
        self._image = Image.new("RGB", self._size(), GROUND)
        self._draw = ImageDraw.Draw(self._image)

    def drawn(self, title: str) -> Pixels:
        """All of it."""
        width, height = self._image.size
        letters = font(TITLE, bold=True)
        self._draw.text((MARGIN, MARGIN), cut(title, letters, width - 2 * MARGIN), INK, letters)
        for place, panel in enumerate(self._panels):
            row, column = divmod(place, self._columns)
            self._place(panel, MARGIN + column * (CELL + GAP), MARGIN + TITLE_ROW + row * (self._row + GAP))
        if self._figures:
            self._write((MARGIN, height - MARGIN - TEXT), NOTE, SOFT)
        return np.asarray(self._image)

    def _size(self) -> tuple[int, int]:
        rows = -(-len(self._panels) // self._columns)
        foot = TEXT_ROW if self._figures else -GAP
        height = MARGIN + TITLE_ROW + rows * (self._row + GAP) + foot + MARGIN
        return 2 * MARGIN + self._columns * (CELL + GAP) - GAP, height

    @property
    def _row(self) -> int:
        """Height of a panel."""
        above: int = self._cell + 14 + self._names * NAME_ROW + 2 * TEXT_ROW + 12
        return above + self._figures * FIGURE_ROW

    def _place(self, panel: Panel, left: int, top: int) -> None:
        self._picture(panel.pixels, left, top)
        y = self._name(panel, left, top + self._cell + 14)
        for line in panel.summary:
            self._write((left, y), cut(line, font(TEXT), CELL), SOFT)
            y += TEXT_ROW
        y = top + self._row - self._figures * FIGURE_ROW  # at one height in all panels of a row
        for figure in panel.lines:
            self._figure(left, y, *figure)
            y += FIGURE_ROW

    def _picture(self, pixels: Pixels | None, left: int, top: int) -> None:
        self._draw.rectangle((left, top, left + CELL - 1, top + self._cell - 1), fill=SURFACE)
        if pixels is None:
            self._write((left + CELL // 2, top + self._cell // 2), "no picture", SOFT, "mm")
            return
        height, width = (max(1, round(side * self._scale)) for side in pixels.shape[:2])
        corner = left + (CELL - width) // 2, top + (self._cell - height) // 2
        self._image.paste(Image.fromarray(_resized(pixels, (width, height))), corner)

    def _name(self, panel: Panel, left: int, y: int) -> int:
        """Write the name after a dot in the run's colour. Returns where the next line begins."""
        if panel.colour:
            self._draw.ellipse((left, y + 6, left + DOT, y + 6 + DOT), fill=panel.colour)
        for line in _name_lines(panel):
            self._draw.text((left + INDENT * bool(panel.colour), y), line, INK, font(NAME, bold=True))
            y += NAME_ROW
        return y

    def _figure(self, left: int, y: int, name: str, value: str, more: str) -> None:
        self._draw.line((left, y, left + CELL - 1, y), fill=LINE)
        y += 6
        self._write((left, y), name, SOFT)
        self._draw.text((left + round(CELL * 0.62), y), value, INK, font(TEXT, bold=True), "ra")
        self._write((left + CELL - 1, y), more, SOFT, "ra")

    def _write(self, at: tuple[int, int], text: str, ink: str, anchor: str = "la") -> None:
        self._draw.text(at, text, ink, font(TEXT), anchor)


def _name_lines(panel: Panel) -> list[str]:
    return wrapped(panel.name, font(NAME, bold=True), CELL - INDENT, NAME_LINES)


def _columns(panels: int) -> int:
    """Up to four in one row; more are split evenly into rows of three or four."""
    if panels <= 4:
        return max(1, panels)
    return 3 if panels in (5, 6, 9) else 4


def _resized(pixels: Pixels, wanted: tuple[int, int]) -> Pixels:
    """To (width, height): nearest neighbour where it grows by a whole factor, smooth otherwise."""
    height, width = pixels.shape[:2]
    if (width, height) == wanted:
        return pixels
    whole = wanted[0] % width == 0 and wanted[1] % height == 0
    way = Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(pixels).resize(wanted, way))
