"""Colours with a meaning: of the runs of a comparison, of the regions of a mask, and of the parts that guides name."""

from __future__ import annotations

from collections.abc import Mapping

# Distinguishable with colour blindness, dark enough on white and light enough on black.
RUNS = ("#2f7fc1", "#d9730d", "#1d9a78", "#c04a95", "#9a7b16", "#7a63d4", "#c8413a", "#6c7a89")
REGIONS: Mapping[str, str] = {"black": "#000000", "white": "#ffffff", "red": "#ff0000", "blue": "#0000ff"}
"""Of a mask, in the order of the styles to which they belong."""

LABELS: Mapping[str, str] = {
    **REGIONS,
    **{"green": "#00ff00", "yellow": "#ffff00", "cyan": "#00ffff", "magenta": "#ff00ff"},
}
"""Of the parts that guides tell apart: the corners of the cube of colours, as far from each other as can be."""


def run_colour(place: int) -> str:
    """Of the run at that place in its comparison, as #rrggbb; beyond those that there are they come again."""
    return RUNS[place % len(RUNS)]
