"""Draw the pictures of docs/methods/match.md that need a mask or guides: `python -m tools.match_pictures`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from texture import save, synthesize
from texture.images.samples import find_sample

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
VIOLET = (170, 60, 255)


def main() -> None:
    """All of them."""
    mend()
    guides()
    several()


def mend() -> None:
    """A wall with a disc and a stripe painted over it, and without them."""
    wall = find_sample("wall").pixels().copy()
    (height, width), (down, right) = wall.shape[:2], np.indices(wall.shape[:2])
    disc = (down - 0.55 * height) ** 2 + (right - 0.4 * width) ** 2 < (0.17 * height) ** 2
    stripe = abs(down - 0.2 * height - 0.15 * right) < 6
    hole = disc | stripe
    wall[hole] = VIOLET
    *_, last = synthesize("mend", wall, mask=labels(hole))
    save(wall, PICTURES / "mend-hole.jpg")
    save(last.image, PICTURES / "mend-wall.jpg")


def guides() -> None:
    """Clay whose cracks are painted white, and new clay whose cracks are to write an S."""
    clay, shown = find_sample("clay").pixels(), np.indices((256, 256))
    light = np.asarray(Image.fromarray(clay).convert("L").filter(ImageFilter.GaussianBlur(3)))
    exemplar_guide = labels(light < np.percentile(light, 30))
    wave = 128 + 60 * np.sin(shown[0] / 256 * 2 * np.pi)
    guide = labels(abs(shown[1] - wave) < 22)
    *_, last = synthesize("match", clay, exemplar_guide=exemplar_guide, guide=guide)
    for name, picture in (("exemplar", exemplar_guide), ("result", guide), ("made", last.image)):
        save(picture, PICTURES / f"guide-{name}.png")


def several() -> None:
    """A path of pebbles through grass."""
    down, right = np.indices((256, 256))
    guide = labels(abs(right - 128 - 50 * np.sin(down / 256 * 2 * np.pi)) < 45)
    *_, last = synthesize("match", "sample:grass", sources=["sample:pebbles"], guide=guide)
    save(guide, PICTURES / "several-guide.png")
    save(last.image, PICTURES / "several-made.jpg")


def labels(white: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A guide of two parts, H×W×3: white there, and else black."""
    return np.repeat(white[..., None] * np.uint8(255), 3, 2)


if __name__ == "__main__":
    main()
