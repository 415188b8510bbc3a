"""SGAN: speed of a step, how near the exemplar a picture is after how long, and samples of 4096².

    python -m benchmarks.sgan [--quick] [--speed] [--seconds 240] [--steps 1200] [--set NAME=VALUE …]

Everything is measured in one run, since machines differ and drift: read the ratios. `usual` is the generator as it is
usually written: pixels repeated by nn.Upsample, circular padding by F.pad, a 3×3 convolution, float32.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from benchmarks.gatys import exemplar, steps
from texture import save
from texture.methods.artifacts import MODEL
from texture.methods.sgan.params import SGANParams
from texture.metrics import ExemplarMetrics
from texture.networks import gan

WIDE: dict[str, Any] = {"base_channels": 64, "discriminator_channels": 64}  # as it was, and as the paper has it
MARKS = (30, 60, 120)  # seconds at which to look, before the end
SAMPLED = """
import json, resource, sys, time
from texture import sample
sample(sys.argv[1], size="64")
began = time.perf_counter()
sample(sys.argv[1], size=sys.argv[2])
print(json.dumps([time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
"""


def usual_upsample_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """What `texture.networks.torus.upsample_conv` computes, as it is usually written."""
    larger = pad(interpolate(x, scale_factor=2), (1,) * 4, mode="circular")
    return torch.nn.functional.conv2d(larger, weight.flip(2, 3).transpose(0, 1), bias)


def usual_conv(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The same for `conv`."""
    return torch.nn.functional.conv2d(pad(x, (1,) * 4, mode="circular"), weight, bias)


def step_seconds(source: Tensor, **params: Any) -> float:
    """Median seconds of a step, once the first few have warmed everything up."""
    times = [seconds for seconds, _ in steps(source, "sgan", **{"steps": 25, **params})]
    return statistics.median(later - sooner for sooner, later in pairwise(times[4:]))


def print_speed(source: Tensor) -> None:
    rows: dict[str, Callable[[], float]] = {
        "default": lambda: step_seconds(source),
        "default, one discriminator": lambda: step_seconds(source, discriminator_scales=1),
        "default, float32": lambda: step_seconds(source, precision="float32"),
        "64 channels, float32": lambda: step_seconds(source, precision="float32", **WIDE),
        "usual, 64 channels, float32": lambda: usual_step_seconds(source, **WIDE),
        "usual, float32": lambda: usual_step_seconds(source),
        "ensemble of 3": lambda: step_seconds(source, scheme="ensemble", steps=12),
    }
    print("| a step of 8 crops of 64² (both networks) | seconds | of usual |\n|---|---|---|")
    found = {label: measure() for label, measure in rows.items()}
    for label, seconds in found.items():
        print(f"| {label} | {seconds:.3f} | {seconds / found['usual, float32']:.0%} |", flush=True)
    print()


def usual_step_seconds(source: Tensor, **params: Any) -> float:
    ours = gan.upsample_conv, gan.conv
    gan.upsample_conv, gan.conv = usual_upsample_conv, usual_conv
    try:
        return step_seconds(source, precision="float32", **params)
    finally:
        gan.upsample_conv, gan.conv = ours


def print_quality(source: Tensor, seconds: float, params: dict[str, Any], folder: Path) -> Path:
    """The table, and where the last model lies. params: of the training; with `steps` it takes as long as these do."""
    measure = ExemplarMetrics(source)
    print("| picture | own time | steps | patch | spectrum | colour | copying | patch, of Gatys |")
    print("|---|---|---|---|---|---|---|---|")
    print(_row("baseline", 0, 0, measure.baselines, None))
    *_, (spent, step) = steps(source)
    gatys = measure(step.image)
    print(_row("Gatys, default", spent, step.number, gatys, gatys["patch"]), flush=True)
    marks = [mark for mark in MARKS if mark < seconds]
    length = {} if "steps" in params else {"minutes": seconds / 60}
    for spent, step in steps(source, "sgan", **length, **params):
        if step.last or (marks and spent >= marks[0]):
            marks = marks[1:]
            found = measure(step.image)
            print(_row("SGAN", spent, step.number, found, gatys["patch"]), flush=True)
            save(step.image, folder / f"sgan-{spent:.0f}s.png")
    print()
    path = folder / "sgan.safetensors"
    path.write_bytes(step.artifacts[MODEL]())
    return path


def _row(name: str, seconds: float, number: int, found: dict[str, float], gatys: float | None) -> str:
    ratio = f"{found['patch'] / gatys:.2f}" if gatys else ""
    values = " | ".join(f"{found[metric]:.3g}" for metric in ("patch", "spectrum", "colour", "copying"))
    return f"| {name} | {seconds:.0f} s | {number} | {values} | {ratio} |"


def print_samples(model: Path, sizes: tuple[int, ...]) -> None:
    print(f"A model of {model.stat().st_size / 2**20:.0f} MB, seamless samples, each in a process of its own:\n")
    print("| size | seconds | peak memory of the process |\n|---|---|---|")
    for size in sizes:
        command = [sys.executable, "-c", SAMPLED, str(model), str(size)]
        seconds, gigabytes = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"| {size}² | {seconds:.1f} | {gigabytes:.2f} GB |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="twenty seconds of training: to see that it works")
    parser.add_argument("--speed", action="store_true", help="only the time of a step")
    parser.add_argument("--seconds", type=float, default=240, help="own time of the training  [default: 240]")
    parser.add_argument("--steps", type=int, help="of the training, instead of seconds")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="parameters of the training")
    parser.add_argument("--exemplar", default="pebbles", help="one of the samples  [default: pebbles]")
    parser.add_argument("-o", "--output", type=Path, help="folder for the pictures and the model")
    arguments = parser.parse_args()
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {SGANParams().crop}² crops\n")
    source = exemplar(arguments.exemplar, 256)
    print_speed(source)
    if arguments.speed:
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.output or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        params = dict(pair.split("=", 1) for pair in arguments.set)
        params |= {"steps": arguments.steps} if arguments.steps else {}
        model = print_quality(source, 20 if arguments.quick else arguments.seconds, params, folder)
        print_samples(model, (1024,) if arguments.quick else (1024, 4096, 8192))


if __name__ == "__main__":
    main()
