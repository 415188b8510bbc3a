"""An uploaded file as a picture, or as the map of a material that its name, or its sender, says it is."""

from __future__ import annotations

from dataclasses import dataclass

from texture.errors import InvalidInput
from texture.images.decoding import UPLOADED, decode
from texture.images.levels import EXR, read_levels
from texture.images.map_files import Levels
from texture.materials.given import GIVEN, maps_of
from texture.materials.naming import BASE, is_by_letter, kind_of, title
from texture.wording import Limits, refused

AUTO = "auto"
KINDS = (AUTO, BASE, *GIVEN)  # what the sender of a file may say that it is


@dataclass(frozen=True)
class GivenFile:
    """What is in it: H×W×3 of 8 bits, or a map as it is stored. map: BASE, a name of GIVEN, or None."""

    levels: Levels
    note: str | None
    map: str | None


def read_given(data: bytes, name: str, map: str | None = None) -> GivenFile:
    """A file that somebody sends. map: what it is, AUTO where its name says; None: a picture, whatever its name.

    Raises:
        InvalidInput: no picture, or not the map that its sender says it is.
    """
    if map is not None and map not in KINDS:
        raise refused("map", map, Limits(choices=KINDS))
    kind, notes = kind_of(name) if map == AUTO else map, list[str]()
    if kind is not None and kind != BASE:
        try:
            levels = read_levels(data, name, notes.append, UPLOADED, GIVEN[kind].floats)
            maps_of({kind: levels}, levels.shape[:2])
            if map == AUTO and is_by_letter(name) and GIVEN[kind].makes[0][0].channels == 1 and _has_colours(levels):
                raise InvalidInput("it has colours")
            return GivenFile(levels, "; ".join(notes) or None, kind)
        except InvalidInput as error:
            if map != AUTO or data.startswith(EXR):
                raise error.placed("file") from error.__cause__
            notes = [f"named like {title(kind)}, but taken as a picture: {error}"]
            kind = None
    pixels = decode(data, tell=notes.append)
    return GivenFile(pixels, "; ".join(notes) or None, kind)


def _has_colours(levels: Levels) -> bool:
    return levels.ndim == 3 and levels.shape[2] > 2 and bool((levels[..., :3] != levels[..., :1]).any())
