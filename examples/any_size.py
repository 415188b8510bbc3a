"""Train a model once, then paint from it at any size, at once: `python examples/any_size.py [SOURCE]`."""

from __future__ import annotations

import sys
from pathlib import Path

from texture import sample, save, synthesize
from texture.methods.artifacts import MODEL


def main(source: str = "sample:pebbles", out: str = "wall.png", method: str = "sgan") -> None:
    kept = Path(out).with_suffix(".safetensors")
    more = {"train": True} if method == "counting" else {}  # the tests' own method trains only where it is told to
    for step in synthesize(method, source, seed=1, **more):
        print(f"\rtraining: {step.done:.0%}", end="")
        if step.last:
            kept.write_bytes(step.artifacts[MODEL]())  # valid until the next step, like all of a step
    print(f"\nthe model is in {kept}")

    pixels = sample(kept, size="1000x600", tile="x", seed=7)  # another seed, another picture, of any size
    save(pixels, out)
    height, width = pixels.shape[:2]
    print(f"{out}: {width}x{height} pixels, and its left side goes on at its right one")


if __name__ == "__main__":
    main(*sys.argv[1:])
