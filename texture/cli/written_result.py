"""What a run has come to: taken from its last step, written, and said in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from texture import save
from texture.images.decoding import Pixels
from texture.images.encoding import ENDINGS, write_atomically
from texture.methods.artifacts import ANIMATION, PICTURE, Artifact
from texture.methods.contract import Method, Step
from texture.methods.sizes import Tile
from texture.metrics import seam
from texture.runs.collection import encoded, left


@dataclass(frozen=True)
class Result:
    """Nothing in it is live: the method that made it may be gone.

    pixels: the newest picture. instead: the file that is written in its place, where the method was started for another
    one; moves: whether that is an animation. further: what is written beside it, by the end of its name:
    "-origins.png", ".safetensors". recipe: what the picture's file says of it. seconds: how long it took.
    """

    pixels: Pixels
    instead: bytes | None
    moves: bool
    further: Mapping[str, bytes]
    recipe: Mapping[str, Any]
    last: bool
    seconds: float

    def write(self, path: Path) -> list[Path]:
        """The picture at that path, and what goes with it beside it; all that was written."""
        if self.instead is None:
            save(self.pixels, path, self.recipe)
        else:
            write_atomically(path, self.instead)
        written = [path]
        for end, data in self.further.items():
            written.append(path.with_name(path.stem + end))
            write_atomically(written[-1], data)
        return written

    def summary(self, tile: Tile) -> str:
        """Its size, its seam, how far it has come where it was stopped, and its time."""
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


def result_of(method: Method, step: Step, recipe: Mapping[str, Any], seconds: float) -> Result:
    """What there is of a run after that step, while the method is still there."""
    from texture.images.tensors import to_pixels

    main = method.produces[0]
    instead = None if main == PICTURE else encoded(step.made(main))
    beside = further(method)
    files = {beside[artifact]: encoded(step.made(artifact)) for artifact in left(method, step) if artifact in beside}
    return Result(to_pixels(step.image), instead, main == ANIMATION, files, recipe, step.last, seconds)


def further(method: Method) -> dict[Artifact, str]:
    """How the names end of what a method may leave beside what it was started for: "-origins.png", ".safetensors"."""
    ends = Counter([*(artifact.ending for artifact in method.produces), *ENDINGS])  # which a picture may have
    others = [artifact for artifact in method.produces[1:] if artifact != PICTURE]
    return {one: one.ending if ends[one.ending] == 1 else f"-{one.name}" for one in others}
