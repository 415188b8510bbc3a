"""What a run has come to: taken from its last step, written, and said in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from texture import save
from texture.cli.files import MODEL
from texture.images.decoding import Pixels
from texture.images.encoding import encode_png, write_atomically
from texture.jobs.store.files import MODEL as MODEL_FILE
from texture.methods.contract import Step
from texture.methods.sizes import Tile
from texture.metrics import seam

ANIMATION_FILE = "animation.webp"  # as a step calls it


@dataclass(frozen=True)
class Result:
    """Nothing in it is live: the method that made it may be gone.

    pixels: the newest picture. animation: what is written instead, where the result moves. further: what is written
    beside it, by the end of its name: "-origins.png", ".safetensors". recipe: what the picture's file says of it.
    seconds: how long it took.
    """

    pixels: Pixels
    animation: bytes | None
    further: Mapping[str, bytes]
    recipe: Mapping[str, Any]
    last: bool
    seconds: float

    def write(self, path: Path) -> list[Path]:
        """The picture at that path, and what goes with it beside it; all that was written."""
        if self.animation is None:
            save(self.pixels, path, self.recipe)
        else:
            write_atomically(path, self.animation)
        written = [path]
        for end, data in self.further.items():
            written.append(path.with_name(path.stem + end))
            write_atomically(written[-1], data)
        return written

    def summary(self, tile: Tile) -> str:
        """Its size, its seam, how far it has come where it was stopped, and its time."""
        height, width = self.pixels.shape[:2]
        parts = [f"{width}x{height} pixels"]
        if self.animation is not None:
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


def result_of(step: Step, recipe: Mapping[str, Any], seconds: float) -> Result:
    """What there is of a run after that step, while the method is still there."""
    from texture.images.tensors import to_pixels

    further = {f"-{name}.png": encode_png(to_pixels(draw())) for name, draw in step.maps.items()}
    if MODEL_FILE in step.files:
        further[MODEL] = step.files[MODEL_FILE]()
    animation = step.files[ANIMATION_FILE]() if ANIMATION_FILE in step.files else None
    return Result(to_pixels(step.image), animation, further, recipe, step.last, seconds)
