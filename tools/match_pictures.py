"""Draw the pictures of docs/methods/match.md that need a mask or guides: `python -m tools.match_pictures`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from texture import save, synthesize
from texture.images.samples import find_sample

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
VIOLET = (170, 60, 255)


def main() -> None:
    """All of them."""
    mend()


def mend() -> None:
    """A wall with a disc and a stripe painted over it, and without them."""
    wall = find_sample("wall").pixels().copy()
    (height, width), (down, right) = wall.shape[:2], np.indices(wall.shape[:2])
    disc = (down - 0.55 * height) ** 2 + (right - 0.4 * width) ** 2 < (0.17 * height) ** 2
    stripe = abs(down - 0.2 * height - 0.15 * right) < 6
    hole = disc | stripe
    wall[hole] = VIOLET
    mask = np.repeat(hole[..., None] * np.uint8(255), 3, 2)
    *_, last = synthesize("mend", wall, mask=mask)
    save(wall, PICTURES / "mend-hole.jpg")
    save(last.image, PICTURES / "mend-wall.jpg")


if __name__ == "__main__":
    main()
