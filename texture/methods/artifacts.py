"""What runs leave: each kind of file once, with what others need to know to keep, serve and show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from texture.materials.maps import BASE_COLOUR, CARRIED, MAPS


@dataclass(frozen=True)
class Artifact:
    """A file that a run leaves.

    name: of the file, without a folder: "origins.png". media: its type, "image/png" for what is drawn. title: a heading
    for it. use: what somebody does with it, in a phrase. bits: of each channel of what is drawn. live: whether it is
    drawn for the screen while the run goes on.
    """

    name: str
    media: str
    title: str
    use: str
    bits: Literal[8, 16] = 8
    live: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9]+", self.name):
            raise ValueError(f"{self.name!r} is no plain file name with an ending")

    @property
    def stem(self) -> str:
        """The name without its ending: "origins"."""
        return PurePath(self.name).stem

    @property
    def ending(self) -> str:
        """How the name ends: ".png"."""
        return PurePath(self.name).suffix

    @property
    def drawn(self) -> bool:
        """Whether it is made as a picture, 3×H×W in 0..1, or 1×H×W, and not as a file's bytes."""
        return self.media == "image/png"


PICTURE = Artifact("result.png", "image/png", "Picture", "the texture at full size, its recipe inside")
ORIGINS = Artifact("origins.png", "image/png", "Map of origins", "where in the source texture each pixel comes from")
MODEL = Artifact(
    "model.safetensors", "application/octet-stream", "Model", "the trained generator, for `sample` and `walk`"
)
ANIMATION = Artifact("animation.webp", "image/webp", "Animation", "an endless loop")
PREVIEW = Artifact("preview.jpg", "image/jpeg", "Preview", "the newest picture, for the screen")
FITTED = Artifact(
    "exemplar.png", "image/png", "Source texture", "a regular source texture as it was fitted to the tile"
)
RESERVED = frozenset({PREVIEW.name, FITTED.name, "given.safetensors"})  # of files of a job that no method makes
MAP_FILES = {  # by the map's name
    one.name: Artifact(f"{one.name}.png", "image/png", one.title, one.use, one.bits, live=False) for one in CARRIED
}
MATERIAL = {one.name: PICTURE if one == BASE_COLOUR else MAP_FILES[one.name] for one in MAPS}
