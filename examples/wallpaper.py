"""Three seeds take turns on one picture; the one that comes nearest to it becomes a 4×3 sheet of wallpaper."""

from __future__ import annotations

import sys

from texture import METHODS, save, synthesize
from texture.images.sheets import sheet
from texture.images.tensors import to_pixels


def main(source: str = "sample:weave", out: str = "wallpaper.png", method: str = "gatys") -> None:
    print(METHODS[method].summary)
    runs = [synthesize(method, source, size="128", tile="both", seed=seed) for seed in (1, 2, 3)]
    for steps in zip(*runs, strict=True):  # one step each in turn: a method is a generator, so this is all it takes
        last = steps
    distances = [float(sum(step.losses.values())) for step in last]
    best = min(range(len(last)), key=distances.__getitem__)
    print(", ".join(f"seed {seed}: {distance:.2e}" for seed, distance in enumerate(distances, start=1)))
    save(sheet(to_pixels(last[best].image), columns=4, rows=3), out)
    print(f"seed {best + 1}, four times across and three times down: {out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
