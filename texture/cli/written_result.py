"""What a run has come to: taken from its last step, as files, and said in a line."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from texture.cli.outputs import Place
from texture.errors import is_out_of_memory
from texture.images.decoding import Pixels
from texture.images.encoding import ENDINGS, encode_as, encode_png
from texture.images.map_files import decode_map, encode_map_as
from texture.materials.engines import Engine
from texture.materials.maps import BASE_COLOUR, CARRIED, Map, Surface
from texture.materials.packing import write_zip
from texture.methods.artifacts import ANIMATION, MAP_FILES, PICTURE, Artifact
from texture.methods.contract import Method, Step
from texture.methods.sizes import Tile
from texture.metrics import seam
from texture.runs.collection import encoded
from texture.runs.preparation import Prepared


@dataclass(frozen=True)
class Result:
    """Nothing in it is live: the method that made it may be gone.

    pixels: the newest picture. instead: the file that is written in its place, where the method was started for another
    one; moves: whether that is an animation. further: what is written beside it, by the end of its name:
    "-origins.png", ".safetensors". lost: what could not be made of that, and why. recipe: what the picture's file says
    of it. seconds: how long it took.
    """

    pixels: Pixels
    instead: bytes | None
    moves: bool
    further: Mapping[str, bytes]
    lost: Sequence[str]
    recipe: Mapping[str, Any]
    last: bool
    seconds: float

    def files(self, place: Place) -> dict[Path, bytes]:
        """What is to be written, and where, the picture first."""
        main = self.instead or encode_as(place.main.suffix.lower(), self.pixels, self.recipe)
        return {place.main: main, **{place.beside[end]: data for end, data in self.further.items()}}

    def summary(self, tile: Tile) -> str:
        """Its size, its seam, where it was stopped, if it was, and its time."""
        height, width = self.pixels.shape[:2]
        parts = [f"{width}x{height} pixels"]
        if self.moves:
            parts.append(f"{self.recipe['step']} pictures in a loop")
        if tile != "none":
            parts.append(f"seam ratio {seam(self.pixels, tile).ratio:.2f}")
        if not self.last:
            parts.append(self.standing)
        return ", ".join([*parts, f"{self.seconds:.1f} s"])

    @property
    def standing(self) -> str:
        """Where it was stopped."""
        step, steps = self.recipe["step"], self.recipe["steps"]
        return f"stopped at step {step}{f' of {steps}' if steps else ''}"


def result_of(run: Prepared, step: Step, recipe: Mapping[str, Any], seconds: float) -> Result:
    """The result of a run after that step, taken while the method is still alive."""
    from texture.images.tensors import to_pixels

    main = run.method.produces[0]
    instead = None if main == PICTURE else encoded(main, step.made(main))
    files, lost = _beside(step, further(run.method, run.maps))
    return Result(to_pixels(step.image), instead, main == ANIMATION, files, lost, recipe, step.last, seconds)


@dataclass(frozen=True)
class Pack:
    """What a material is packed for. name: of the material, in the names of its textures."""

    engine: Engine
    name: str


def packed(result: Result, run: Prepared, pack: Pack, surface: Surface) -> Result:
    """The result of a run that has made the maps of a material, with a zip of them besides."""
    ends = {name: further(run.method, run.maps).get(artifact, "") for name, artifact in MAP_FILES.items()}
    wanted = [one for one in CARRIED if ends[one.name]]

    def read(one: Map) -> bytes:
        return encode_png(result.pixels, result.recipe) if one == BASE_COLOUR else result.further[ends[one.name]]

    if not all(ends[one.name] in result.further for one in wanted):
        return result  # what could not be made is told in `lost`
    file = io.BytesIO()
    write_zip(file, pack.engine, pack.name, surface, read, (BASE_COLOUR, *wanted))
    return replace(result, further={**result.further, ending_for(pack.engine.name): file.getvalue()})


def as_files(result: Result, maps: Iterable[str], ending: str) -> Result:
    """The same with its maps as files of that ending: .tif, .exr."""
    names = renamed({f"-{MAP_FILES[name].name}" for name in maps}, ending)
    files = {
        names.get(end, end): encode_map_as(ending, decode_map(data, end)) if end in names else data
        for end, data in result.further.items()
    }
    return replace(result, further=files)


def renamed(ends: Iterable[str], ending: str) -> dict[str, str]:
    """How the names of maps end as files of that ending."""
    return {end: end.removesuffix(".png") + ending for end in ends}


def ending_for(engine: str) -> str:
    """How the name of a zip for an engine ends: "-unity.zip"."""
    return f"-{engine}.zip"


def _beside(step: Step, ends: Mapping[Artifact, str]) -> tuple[dict[str, bytes], list[str]]:
    """What is written beside the picture, by the end of its name; and what could not be made of it, and why."""
    files, lost = {}, []
    for artifact in filter(step.artifacts.__contains__, ends):
        try:
            files[ends[artifact]] = encoded(artifact, step.made(artifact))
        except Exception as error:  # whatever it is, it must not cost the picture
            why = "not enough memory" if is_out_of_memory(error) else error
            lost.append(f"{artifact.title} could not be made: {why}")
    return files, lost


def further(method: Method, maps: Iterable[str] = ()) -> dict[Artifact, str]:
    """How the names end of what a method may leave beside what it was started for: "-origins.png", ".safetensors".

    maps: those that a run carries along.
    """
    ends = Counter([*(artifact.ending for artifact in method.produces), *ENDINGS])  # which a picture may have
    others = [artifact for artifact in method.produces[1:] if artifact != PICTURE]
    others += [MAP_FILES[name] for name in maps]
    return {one: one.ending if ends[one.ending] == 1 else f"-{one.name}" for one in others}


def endings_of(method: Method) -> Sequence[str]:
    """How the name may end of what a run is started for."""
    main = method.produces[0]
    return ENDINGS if main == PICTURE else (main.ending,)
