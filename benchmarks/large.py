"""What one evaluation of a method's loss with its gradient costs at each size: time a pixel, and memory.

    python -m benchmarks.large [--method gatys] [--sides 512,1024,2048,4096] [--precision auto] [--rounds 2]

Each size in a process of its own; peak is the resident memory of that whole process. The shortest of the rounds counts.
The exemplar is noise of 256², the content too, of the result's size: what is measured does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.losses.objective import GramObjective
    from texture.losses.style import StyleObjective


def gatys(image: Tensor, dtype: torch.dtype) -> GramObjective:
    """The objective of `gatys` for pictures of that size."""
    import torch

    from texture.features.vgg import VGG
    from texture.features.weights import load
    from texture.losses.objective import GramObjective
    from texture.methods.gatys import GatysParams
    from texture.settings import Settings

    layers = GatysParams().matched
    network = VGG(load(Settings.from_environment()), layers, dtype=dtype)
    return GramObjective(network, layers, torch.rand(3, 256, 256), "both")


def style(image: Tensor, dtype: torch.dtype) -> StyleObjective:
    """The objective of `style` for pictures of that size."""
    import torch

    from texture.features.vgg import VGG
    from texture.features.weights import load
    from texture.losses.style import Region, StyleObjective, Weights, style_grams
    from texture.methods.style.params import StyleParams
    from texture.settings import Settings

    p = StyleParams()
    layers = {*p.style_layers, *p.content_layers}
    network = VGG(load(Settings.from_environment()), layers, pooling=p.pooling, dtype=dtype)
    weights = Weights(p.content_weight, p.style_weight, p.total_variation, p.content_layers, p.style_layers)
    region = Region(style_grams(network, p.style_layers, torch.rand(3, 256, 256)))
    return StyleObjective(network, weights, torch.rand_like(image), [region])


METHODS: dict[str, Callable[[Tensor, torch.dtype], GramObjective | StyleObjective]] = {"gatys": gatys, "style": style}


def measure(method: str, side: int, precision: str, rounds: int) -> dict[str, float]:
    """Seconds of an evaluation, and bytes at most."""
    import torch

    from texture.features.precision import precision as named

    image, times = torch.rand(3, side, side), []
    objective = METHODS[method](image, named(precision, torch.device("cpu")))
    for _ in range(rounds):
        began = time.perf_counter()
        objective(image)
        times.append(time.perf_counter() - began)
    return {"seconds": min(times), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", default="gatys", choices=tuple(METHODS))
    parser.add_argument("--sides", default="512,1024,2048,4096", help="of the pictures, pixels")
    parser.add_argument("--precision", default="auto", choices=("auto", "bfloat16", "float32"))
    parser.add_argument("--rounds", type=int, default=2, help="of each size (2)")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        json.dump(measure(given.method, given.one, given.precision, given.rounds), sys.stdout)
        return
    print(f"{given.method}, {os.cpu_count()} processors, precision {given.precision}\n")
    print("| side | seconds | time per pixel, relative to the first | peak |\n|---|---|---|---|")
    first = None
    for side in map(int, given.sides.split(",")):
        options = ["--precision", given.precision, "--rounds", str(given.rounds)]
        child = [sys.executable, "-m", "benchmarks.large", "--method", given.method, "--one", str(side), *options]
        found = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
        a_pixel = found["seconds"] / side**2
        first = first or a_pixel
        print(f"| {side} | {found['seconds']:.2f} | {a_pixel / first:.2f} | {found['peak'] / 1e9:.2f} GB |", flush=True)


if __name__ == "__main__":
    main()
