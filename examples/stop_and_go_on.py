"""Stop in the midst, keep the state in a file, and go on in another run to the very same picture."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import torch

from texture import save, synthesize


def main(source: str = "sample:clay", out: str = "clay.png", method: str = "gatys", stop_after: int = 20) -> None:
    kept = Path(out).with_suffix(".state")
    for step in islice(synthesize(method, source, size="128"), stop_after):
        if step.number >= stop_after:
            torch.save(step.state(), kept)  # state() is live: keep it before the next step
    print(f"stopped at step {step.number} of {step.total}, kept in {kept}")

    state = torch.load(kept, weights_only=True)
    for step in synthesize(method, source, size="128", state=state):
        print(f"\rgoing on: step {step.number} of {step.total}", end="")
    save(step.image, out)
    print(f"\nwritten to {out}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
