"""Fonts for text in pictures, and fitting text into a width."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
ELLIPSIS = "…"


@cache
def font(size: int, *, bold: bool = False) -> Font:
    """DejaVu Sans, `size` pixels high, bundled with matplotlib; without it Pillow's own, which has no accents."""
    path = _folder() / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), size) if path.is_file() else ImageFont.load_default(size)


def cut(text: str, letters: Font, width: float) -> str:
    """The text, on one line, with an ellipsis where it would be wider than `width` pixels."""
    text = " ".join(text.split())
    if letters.getlength(text) <= width:
        return text
    while text and letters.getlength(text + ELLIPSIS) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, letters: Font, width: float, most: int) -> list[str]:
    """The text on at most `most` lines of `width` pixels, broken between words; the rest is cut off."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    kept = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(line, letters, width) for line in kept if line]


@cache
def _folder() -> Path:
    spec = importlib.util.find_spec("matplotlib")  # finds without importing
    return Path(spec.origin or "").parent / "mpl-data/fonts/ttf" if spec else Path()
