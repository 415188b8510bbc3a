"""Texture Lab with a method whose steps wait instead of computing, as a processor waits for its GPU.

python -m benchmarks.resting serve [what app.py takes]
python -m benchmarks.resting worker [what `texture worker` takes]

So several workers do not compete for the processor of the one machine that they are measured on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from texture.methods.contract import State, Step
from texture.methods.counting import CountingParams
from texture.methods.registry import method
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@method("resting", title="Resting", paper="none", params=CountingParams, listed=False, processor=True)
def resting(p: CountingParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Waits `work` milliseconds for each step and shows the exemplar passing by."""
    number = 0 if state is None else state["number"]
    picture = images.source[:, : p.size.height, : p.size.width].to(device)
    while number < p.steps:
        number += 1
        time.sleep(p.work / 1000)
        shown = picture.roll(number, dims=2)
        yield Step(number, p.steps, partial(_same, shown), {"distance": shown.mean()}, partial(dict, number=number))


def _same(image: Tensor) -> Tensor:
    return image


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        import app

        app._leave(app.main(sys.argv[2:]))
    from texture.cli.main import main

    sys.exit(main(sys.argv[1:]))
