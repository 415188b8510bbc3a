"""What large results cost: time a pixel, and memory.

    python -m benchmarks.large [--method gatys] [--sides 512,1024,2048,4096] [--precision auto] [--rounds 2]
    python -m benchmarks.large --run --method gatys [--sides 2048,4096] [-- --steps 4 …]

The first is of one evaluation of a method's loss with its gradient. The shortest of the rounds counts. The exemplar is
noise of 256², the content too, of the result's size: what is measured does not depend on them.

With --run it is a whole run of the command line, from start to PNG, with what follows -- as its options; the time is
that of all processors together.

Each size in a process of its own; peak is the resident memory of that whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.losses.markov import MarkovObjective
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


def cnnmrf(image: Tensor, dtype: torch.dtype) -> MarkovObjective:
    """The objective of `cnnmrf` for pictures of that size, once it has been matched."""
    import torch

    from texture.features.layers import cell_side
    from texture.features.vgg import VGG
    from texture.features.weights import load
    from texture.losses.markov import MarkovObjective, Sampling, Weights
    from texture.methods.cnnmrf.params import CNNMRFParams
    from texture.settings import Settings

    p = CNNMRFParams()
    detail, side = p.detail_layers or {}, image.shape[1]
    sides = {layer: cell_side(layer) for layer in (*p.layers, *detail)}
    objective = MarkovObjective(
        VGG(load(Settings.from_environment()), sides, pooling=p.pooling, dtype=dtype),
        Weights(p.layers, detail, variation=p.total_variation),
        Sampling(p.patch_size, p.stride, p.exemplar_stride, sides),
        [torch.rand(3, 256, 256)],
        (side, side),
        "both",
    )
    objective.match(image)
    return objective


Objective = Callable[["Tensor"], tuple["Tensor", "Tensor"]]
METHODS: dict[str, Callable[[Tensor, torch.dtype], Objective]] = {"gatys": gatys, "style": style, "cnnmrf": cnnmrf}


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


PICTURES = {"style": ["sample:pebbles", "sample:strokes"]}  # of a whole run; one exemplar where nothing is said


def measure_run(method: str, side: int, options: list[str]) -> dict[str, float]:
    """Seconds of all processors in a whole run, and bytes at most."""
    pictures = PICTURES.get(method, ["sample:pebbles"])
    with tempfile.TemporaryDirectory() as folder:
        output = ["-o", f"{folder}/result.png", "--size", str(side), "--device", "cpu"]
        child = subprocess.Popen(
            [sys.executable, "-m", "texture", method, *pictures, *output, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{method} {side}: status {os.waitstatus_to_exitcode(status)}")
    return {"seconds": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}


def measure_evaluation(method: str, side: int, precision: str, rounds: int) -> dict[str, float]:
    """The same of an evaluation, in a process of its own."""
    options = ["--precision", precision, "--rounds", str(rounds)]
    child = [sys.executable, "-m", "benchmarks.large", "--method", method, "--one", str(side), *options]
    found: dict[str, float] = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", default="gatys", help=f"of an evaluation: {', '.join(METHODS)}")
    parser.add_argument("--sides", default="512,1024,2048,4096", help="of the pictures, pixels")
    parser.add_argument("--precision", default="auto", choices=("auto", "bfloat16", "float32"))
    parser.add_argument("--rounds", type=int, default=2, help="of each size (2)")
    parser.add_argument("--run", action="store_true", help="whole runs instead of single evaluations")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("options", nargs="*", help="of a whole run")
    given = parser.parse_args()
    if given.one:
        json.dump(measure(given.method, given.one, given.precision, given.rounds), sys.stdout)
        return
    told = " ".join(given.options) if given.run else f"precision {given.precision}"
    print(f"{given.method}, {os.cpu_count()} processors, {told}\n")
    print("| side | seconds | time per pixel, relative to the first | peak |\n|---|---|---|---|")
    first = None
    for side in map(int, given.sides.split(",")):
        found = (
            measure_run(given.method, side, given.options)
            if given.run
            else measure_evaluation(given.method, side, given.precision, given.rounds)
        )
        a_pixel = found["seconds"] / side**2
        first = first or a_pixel
        print(f"| {side} | {found['seconds']:.2f} | {a_pixel / first:.2f} | {found['peak'] / 1e9:.2f} GB |", flush=True)


if __name__ == "__main__":
    main()
