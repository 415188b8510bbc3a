"""The built-in pictures: our own drawings (samples/make.py) and the CC0 photos that scikit-image brings along."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from texture.errors import NotFound
from texture.images.decoding import Pixels, read

SAMPLE = "sample:"  # what the id of a built-in picture begins with, wherever a path or an id could stand
FOLDER = Path(__file__).parents[2] / "samples"
OURS = "drawn for Texture Lab by samples/make.py"
DRAWINGS = {"pebbles": "Pebbles", "weave": "Woven cloth", "clay": "Cracked clay", "marble": "Marble"}
PHOTOS = {  # name -> title, whence; all three CC0 by the notes in skimage.data's docstrings
    "brick": ("Brick wall", "CC0, cc0textures.com Bricks25, by way of scikit-image"),
    "grass": ("Grass", "CC0, linolafett on DeviantArt, by way of scikit-image"),
    "gravel": ("Gravel", "CC0, cc0textures.com Gravel04, by way of scikit-image"),
}


@dataclass(frozen=True)
class Sample:
    """A picture that comes with the app; `credit` says who made it and under which terms."""

    name: str
    title: str
    path: Path
    credit: str

    def pixels(self) -> Pixels:
        """H×W×3 uint8, read anew."""
        return read(self.path)


@cache
def samples() -> Mapping[str, Sample]:
    """Every built-in picture by name, in the order in which they are offered; photos only where scikit-image is."""
    drawings = [Sample(name, title, FOLDER / f"{name}.jpg", OURS) for name, title in DRAWINGS.items()]
    return {sample.name: sample for sample in [*drawings, *_photos()] if sample.path.is_file()}


def _photos() -> list[Sample]:
    spec = importlib.util.find_spec("skimage")  # finds without importing
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent / "data"
    return [Sample(name, title, folder / f"{name}.png", credit) for name, (title, credit) in PHOTOS.items()]


def find_sample(name: str) -> Sample:
    """The sample of that name.

    Raises:
        NotFound: there is none; the text lists those there are.
    """
    known = samples()
    if name not in known:
        raise NotFound(f"sample {name!r}: one of {', '.join(known)}")
    return known[name]
