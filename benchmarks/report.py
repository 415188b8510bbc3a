"""What the reports of several benchmarks have in common: rows of Markdown, figures, a contact sheet, the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from texture.images.decoding import Pixels
from texture.reports.fonts import cut, font

GAP, TEXT, LINE, HEAD = 12, 15, 18, 34  # pixels of the contact sheet


@dataclass(frozen=True)
class Panel:
    """A picture of a contact sheet, or none, and the lines beneath it."""

    pixels: Pixels | None
    lines: Sequence[str]


def row(cells: Iterable[object]) -> str:
    """Of a Markdown table."""
    return "| " + " | ".join(map(str, cells)) + " |"


def figures(values: Mapping[str, float], names: Iterable[str]) -> list[str]:
    """Three digits each; a dash for what there is not."""
    return [f"{values[name]:.3g}" if name in values else "–" for name in names]


def contact_sheet(titles: Sequence[str], rows: Sequence[Sequence[Panel]], cell: int = 176) -> Pixels:
    """A column for each title: H×W×3 uint8. Pictures larger than `cell` pixels are reduced to it."""
    lines = max(len(panel.lines) for panels in rows for panel in panels)
    pitch, height = cell + GAP, cell + GAP + 6 + lines * LINE
    sheet = Image.new("RGB", (pitch * len(titles) + GAP, HEAD + height * len(rows)), "white")
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(titles):
        draw.text((GAP + column * pitch, 8), cut(title, font(TEXT + 2), cell), "black", font(TEXT + 2))
    for line, panels in enumerate(rows):
        for column, panel in enumerate(panels):
            left, top = GAP + column * pitch, HEAD + line * height
            if panel.pixels is not None:
                picture = Image.fromarray(panel.pixels)
                picture.thumbnail((cell, cell), Image.Resampling.LANCZOS)
                sheet.paste(picture, (left, top))
            for place, text in enumerate(panel.lines):
                draw.text((left, top + cell + 3 + place * LINE), text, "#555555", font(TEXT))
    return np.asarray(sheet)


def machine() -> str:
    """The processor in words."""
    import torch

    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "a processor")
    return f"{os.cpu_count()} cores of {model}, PyTorch {torch.__version__.partition('+')[0]}"
