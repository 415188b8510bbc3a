"""Gatys et al. 2015: speed of a step, its share of what the machine can do, and coarse to fine against one scale.

    python -m benchmarks.gatys [--quick] [--speed SIZE …]

Everything is measured in one run, since machines differ and drift: read the ratios. `plain` is what the usual tools
do: one scale, float32, 200 steps of L-BFGS, no limits, no tile. Losses are those of the picture that a person downloads
(its values cut to 0..1), in float32 at full size, as a share of flat grey's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from texture.features.layers import LAYERS
from texture.features.vgg import VGG
from texture.features.weights import load
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_tensor
from texture.losses.objective import GramObjective
from texture.methods.gatys import GatysParams
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.metrics import seam
from texture.settings import Settings

CPU = torch.device("cpu")
EXEMPLARS = ("pebbles", "brick")
NOISE: dict[str, Any] = dict(GatysParams.PRESETS["from-noise"])
PLAIN: dict[str, Any] = {
    "start": "noise",
    "scales": 1,
    "steps": 200,
    "precision": "float32",
    "limits": "none",
    "tile": "none",
}
RUNS: dict[str, dict[str, Any]] = {
    "default, tile": {},
    "draft, tile": dict(GatysParams.PRESETS["draft"]),
    "from noise, tile": NOISE,
    "from noise, no tile": NOISE | {"tile": "none"},
    "no limits, tile": NOISE | {"limits": "none"},
    "from 64 pixels, tile": NOISE | {"scales": 3, "steps": "100 80 50"},
}
CHANNELS = {1: 64, 2: 128, 3: 256, 4: 512, 5: 512}


def exemplar(name: str, size: int) -> Tensor:
    pixels = find_sample(name).pixels()
    side = min(pixels.shape[:2])
    return resize(to_tensor(pixels[:side, :side]), (size, size)).clamp(0, 1)


def steps(source: Tensor, name: str = "gatys", **params: Any) -> Iterator[tuple[float, Any]]:
    """The steps of a run of a method, each with the seconds of work so far; the time between two is not counted."""
    method = find_method(name)
    run = method.run(method.parse(params), Inputs(source), CPU)
    seconds = 0.0
    while True:
        began = time.perf_counter()
        step = next(run, None)
        seconds += time.perf_counter() - began
        if step is None:
            return
        yield seconds, step


def step_seconds(source: Tensor, **params: Any) -> float:
    """Median seconds of a step, once the first few have warmed everything up."""
    times = [seconds for seconds, _ in steps(source, start="noise", scales=1, steps=12, **params)]
    return statistics.median(later - sooner for sooner, later in pairwise(times[3:]))


def product_rate(dtype: torch.dtype) -> float:
    """Floating-point operations a second in a matrix product of side 2048: the best of several."""
    a, b = torch.randn(2048, 2048).to(dtype), torch.randn(2048, 2048).to(dtype)
    times = []
    for _ in range(8):
        began = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - began)
    return float(2 * 2048**3 / min(times))


def operations(size: int) -> float:
    """Floating-point operations in the convolutions of one step, forwards and backwards to the picture."""
    total, before, side = 0.0, 3, size
    for layer in LAYERS[: LAYERS.index("pool4")]:
        if layer.startswith("pool"):
            side //= 2
            continue
        channels = CHANNELS[int(layer[4])]
        total += 2 * 2 * 9 * before * channels * side * side
        before = channels
    return total


class Judge:
    """The loss of a finished picture, in float32 at full size."""

    def __init__(self, source: Tensor, tile: str) -> None:
        layers = GatysParams().matched
        network = VGG(load(Settings.from_environment()), layers)
        self.objective = GramObjective(network, layers, source, tile)

    def loss(self, image: Tensor) -> float:
        """image: 3×H×W."""
        with torch.no_grad():
            return float(self.objective.loss(image))


@dataclass
class Outcome:
    """What one run came to."""

    seconds: float
    loss: float
    reached: float | None  # seconds until the picture was as good as `goal`
    image: Tensor


def outcome(source: Tensor, params: dict[str, Any], goal: float = 0.0) -> Outcome:
    """Run to the end; `goal` is a loss, and the first picture at full size that is as good is waited for."""
    judge = Judge(source, params.get("tile", "both"))
    reached = None
    for seconds, step in steps(source, **params):
        looked_at = reached is None and step.image.shape == source.shape and step.number % 5 == 0
        if looked_at and judge.loss(step.image) <= goal:
            reached = seconds
    return Outcome(seconds, judge.loss(step.image), reached, step.image)


def print_speed(sizes: Sequence[int]) -> None:
    print("| size | precision | tile | seconds a step | of the matrix-product rate |\n|---|---|---|---|---|")
    rates = {"float32": product_rate(torch.float32), "auto": product_rate(torch.bfloat16)}
    for size in sizes:
        source = exemplar("pebbles", size)
        for precision, tile in (("auto", "none"), ("auto", "both"), ("float32", "none")):
            seconds = step_seconds(source, size=size, precision=precision, tile=tile)
            share = operations(size) / seconds / rates[precision]
            print(f"| {size} | {precision} | {tile} | {seconds:.3f} | {share:.0%} |", flush=True)
    print(f"\nMatrix product: {rates['float32'] / 1e9:.0f} GFLOP/s float32, {rates['auto'] / 1e9:.0f} bfloat16\n")


def print_quality(name: str, size: int) -> None:
    source = exemplar(name, size)
    plain = outcome(source, PLAIN | {"size": size})
    print(f"| {name}, {size}² | seconds | of plain | loss | lower by | plain's loss after | seam ratio |")
    print("|---|---|---|---|---|---|---|")
    print(f"| plain | {plain.seconds:.1f} | 100% | {plain.loss:.2g} | 1 | {plain.seconds:.1f} s | |", flush=True)
    for label, params in RUNS.items():
        ours = outcome(source, params | {"size": size}, plain.loss)
        share, lower = ours.seconds / plain.seconds, plain.loss / ours.loss
        reached = f"{ours.reached:.1f} s" if ours.reached else ""
        row = f"| {label} | {ours.seconds:.1f} | {share:.0%} | {ours.loss:.2g} | {lower:.1f} | {reached} "
        print(f"{row}| {seam(ours.image).ratio:.2f}{' seamless' * seam(ours.image).seamless} |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one exemplar at 128 pixels: to see that it works")
    parser.add_argument("--speed", type=int, nargs="+", metavar="SIZE", help="only the time of a step, at these sizes")
    arguments = parser.parse_args()
    quick = arguments.quick
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads\n")
    print_speed(arguments.speed or ((128,) if quick else (256, 512)))
    if arguments.speed:
        return
    for name in EXEMPLARS[:1] if quick else EXEMPLARS:
        print_quality(name, 128 if quick else 256)


if __name__ == "__main__":
    main()
