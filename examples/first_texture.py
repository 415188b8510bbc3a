"""New pebbles from a picture of pebbles: `python examples/first_texture.py [SOURCE]`."""

from __future__ import annotations

import sys

from texture import save, synthesize
from texture.metrics import seam


def main(source: str = "sample:pebbles", out: str = "new-pebbles.png", method: str = "gatys") -> None:
    for step in synthesize(method, source, size="256", tile="both", seed=1):
        if step.number % 10 == 0 or step.number == step.total:
            losses = ", ".join(f"{name} {float(loss):.2e}" for name, loss in step.losses.items())
            print(f"step {step.number} of {step.total}: {losses}")
    save(step.image, out)
    print(f"{out} repeats without a seam: {seam(step.image).ratio:.2f} (1 is as if nothing were)")


if __name__ == "__main__":
    main(*sys.argv[1:])
