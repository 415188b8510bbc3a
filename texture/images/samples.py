"""The built-in pictures: our own drawings (samples/make.py) and free photos bundled with scikit-image."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from texture.errors import NotFound
from texture.images.decoding import Pixels, read

SAMPLE = "sample:"  # prefix of the id of a built-in picture, wherever a path or an id is accepted
PACKED = Path(__file__).with_name("drawings")  # in a wheel
FOLDER = PACKED if PACKED.is_dir() else Path(__file__).parents[2] / "samples"
OURS = "drawn for Texture Lab by samples/make.py"
DRAWINGS = {
    "pebbles": "Pebbles",
    "wall": "Wall of bricks",
    "weave": "Woven cloth",
    "clay": "Cracked clay",
    "marble": "Marble",
    "strokes": "Brush strokes",
}
PHOTOS = {  # name -> title, whence; all three CC0 by the notes in skimage.data's docstrings
    "brick": ("Brick paving", "CC0, cc0textures.com Bricks25, by way of scikit-image"),
    "grass": ("Grass", "CC0, linolafett on DeviantArt, by way of scikit-image"),
    "gravel": ("Gravel", "CC0, cc0textures.com Gravel04, by way of scikit-image"),
}
SCENES = {  # name -> title, file, whence; for methods that repaint a picture; free by the same notes
    "astronaut": ("Astronaut", "astronaut.png", "public domain, NASA, by way of scikit-image"),
    "coffee": ("Coffee", "coffee.png", "CC0, Pikolo Espresso Bar, by Rachel Michetti, by way of scikit-image"),
    "cat": ("Cat", "chelsea.png", "CC0, Chelsea, by Stefan van der Walt, by way of scikit-image"),
    "rocket": ("Rocket", "rocket.jpg", "public domain, SpaceX, by way of scikit-image"),
}


@dataclass(frozen=True)
class Sample:
    """A built-in picture; `credit` names its author and licence."""

    name: str
    title: str
    path: Path
    credit: str
    kind: Literal["texture", "scene"] = "texture"  # a scene is no exemplar, but something to repaint

    def pixels(self) -> Pixels:
        """H×W×3 uint8, read from the file."""
        return read(self.path)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.pixels().shape[:2]
        return width, height


def textures() -> list[Sample]:
    """Those that are exemplars."""
    return [sample for sample in samples().values() if sample.kind == "texture"]


@cache
def samples() -> Mapping[str, Sample]:
    """Every built-in picture by name, in display order; photos only if scikit-image is installed."""
    drawings = [Sample(name, title, FOLDER / f"{name}.jpg", OURS) for name, title in DRAWINGS.items()]
    return {sample.name: sample for sample in [*drawings, *_photos()] if sample.path.is_file()}


def _photos() -> list[Sample]:
    spec = importlib.util.find_spec("skimage")  # finds without importing
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent / "data"
    textures = [Sample(name, title, folder / f"{name}.png", credit) for name, (title, credit) in PHOTOS.items()]
    scenes = [Sample(name, title, folder / file, credit, "scene") for name, (title, file, credit) in SCENES.items()]
    return [*textures, *scenes]


def find_sample(name: str) -> Sample:
    """The sample of that name.

    Raises:
        NotFound: there is none; the text lists those there are.
    """
    known = samples()
    if name not in known:
        raise NotFound(f"sample {name!r}: one of {', '.join(known)}")
    return known[name]
