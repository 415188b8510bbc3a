"""What one evaluation of `gatys`' loss with its gradient costs at each size: time a pixel, and memory.

    python -m benchmarks.large [--sides 512,1024,2048,4096] [--precision auto] [--rounds 2]

Each size in a process of its own; peak is the resident memory of that whole process. The shortest of the rounds counts.
The exemplar is noise of 256²: what is measured does not depend on it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time

LAYERS = {"relu1_1": 1.0, "pool1": 1.0, "pool2": 1.0, "pool3": 1.0, "pool4": 1.0}


def measure(side: int, precision: str, rounds: int) -> dict[str, float]:
    """Seconds of an evaluation, and bytes at most."""
    import torch

    from texture.features.precision import precision as named
    from texture.features.vgg import VGG
    from texture.features.weights import load
    from texture.losses.objective import GramObjective
    from texture.settings import Settings

    dtype = named(precision, torch.device("cpu"))
    network = VGG(load(Settings.from_environment()), LAYERS, dtype=dtype)
    objective, times = GramObjective(network, LAYERS, torch.rand(3, 256, 256), "both"), []
    image = torch.rand(3, side, side)
    for _ in range(rounds):
        began = time.perf_counter()
        objective(image)
        times.append(time.perf_counter() - began)
    return {"seconds": min(times), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", default="512,1024,2048,4096", help="of the pictures, pixels")
    parser.add_argument("--precision", default="auto", choices=("auto", "bfloat16", "float32"))
    parser.add_argument("--rounds", type=int, default=2, help="of each size (2)")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        json.dump(measure(given.one, given.precision, given.rounds), sys.stdout)
        return
    print(f"{os.cpu_count()} processors, precision {given.precision}\n")
    print("| side | seconds | time per pixel, relative to the first | peak |\n|---|---|---|---|")
    first = None
    for side in map(int, given.sides.split(",")):
        options = ["--one", str(side), "--precision", given.precision, "--rounds", str(given.rounds)]
        child = [sys.executable, "-m", "benchmarks.large", *options]
        found = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
        a_pixel = found["seconds"] / side**2
        first = first or a_pixel
        print(f"| {side} | {found['seconds']:.2f} | {a_pixel / first:.2f} | {found['peak'] / 1e9:.2f} GB |", flush=True)


if __name__ == "__main__":
    main()
