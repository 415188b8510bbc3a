"""Each method on the processor and on CUDA: a step, a run with the default settings, and painting from a model.

    python -m benchmarks.devices [--sizes 256,512,1024] [--quick]

Everything is measured in one run: read the ratios. Where there is no CUDA the processor stands alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch

from texture import sample, stylise, synthesize
from texture.device import wait_for
from texture.jobs.store.files import MODEL
from texture.methods.contract import Step

SOURCE, CONTENT = "sample:gravel", "sample:cat"
ONE_SCALE: dict[str, Any] = {"scales": 1, "steps": 12}
STEPS: dict[str, tuple[str, dict[str, Any]]] = {  # label -> method, parameters
    "gatys": ("gatys", {**ONE_SCALE, "start": "noise"}),
    "style": ("style", {**ONE_SCALE, "content": CONTENT}),
    "cnnmrf": ("cnnmrf", {**ONE_SCALE, "rematch": 4}),
}
TRAININGS: dict[str, tuple[str, dict[str, Any]]] = {
    "patch": ("patch", {"steps": 40, "coarsest": 256}),
    "sgan": ("sgan", {"steps": 30}),
    "texnet": ("texnet", {"steps": 20}),
    "texnet, stylise": ("texnet", {"task": "stylise", "steps": 20}),
}
WHOLE = ("gatys", "style", "cnnmrf", "patch")
WARM = 6  # steps that are not counted


def timed(method: str, device: torch.device, **params: Any) -> Iterator[tuple[float, Step]]:
    """The steps of a run, each with the seconds since the first was asked for."""
    began = time.perf_counter()
    for step in synthesize(method, SOURCE, device=device.type, **params):
        wait_for(device)
        yield time.perf_counter() - began, step


def step_seconds(method: str, device: torch.device, **params: Any) -> float:
    """Median seconds of a step."""
    times = [seconds for seconds, _ in timed(method, device, **params)][WARM:]
    return statistics.median(later - sooner for sooner, later in pairwise(times))


def print_steps(devices: Sequence[torch.device], sizes: Sequence[int]) -> None:
    names = [device.type for device in devices]
    print("| a step of | pixels | " + " | ".join(f"{name}, s" for name in names) + " | times faster |")
    print("|---|--:|" + "--:|" * (len(names) + 1))
    rows = [(label, method, {**params, "size": size}) for label, (method, params) in STEPS.items() for size in sizes]
    rows += [(label, method, {**params, "size": 256}) for label, (method, params) in TRAININGS.items()]
    for label, method, params in rows:
        found = [step_seconds(method, device, **params) for device in devices]
        values = " | ".join(f"{seconds:.4f}" for seconds in found)
        print(f"| {label} | {params['size']} | {values} | {found[0] / found[-1]:.1f} |", flush=True)
    print()


def print_runs(device: torch.device, sizes: Sequence[int]) -> None:
    """Whole runs with the default settings, and what they take of the memory that CUDA counts."""
    print(f"| default run on {device.type} | pixels | steps | seconds | memory |\n|---|--:|--:|--:|--:|")
    for method in WHOLE:
        given = {"content": CONTENT} if method == "style" else {}
        for size in sizes:
            if device.type == "cuda":
                torch.cuda.reset_peak_memory_stats()
            *_, (seconds, step) = timed(method, device, size=size, **given)
            memory = f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GB" if device.type == "cuda" else ""
            print(f"| {method} | {size} | {step.number} | {seconds:.1f} | {memory} |", flush=True)
    print()


def print_painting(devices: Sequence[torch.device], side: int) -> None:
    """A seamless sample from each kind of model, and a picture repainted, from pixels to pixels."""
    names = [device.type for device in devices]
    print("| painting | pixels | " + " | ".join(f"{name}, s" for name in names) + " |")
    print("|---|--:|" + "--:|" * len(names))
    for label in ("sgan", "texnet", "texnet, stylise"):
        method, params = TRAININGS[label]
        *_, (_, step) = timed(method, devices[-1], **{**params, "steps": 2})
        model = step.artifacts[MODEL]()
        found = []
        for device in devices:
            for _ in range(2):  # the first is to warm up
                began = time.perf_counter()
                if label.endswith("stylise"):
                    stylise(model, CONTENT, size=min(side, 2048), device=device.type)
                else:
                    sample(model, size=side, device=device.type)
                seconds = time.perf_counter() - began
            found.append(f"{seconds:.2f}")
        pixels = min(side, 2048) if label.endswith("stylise") else side
        print(f"| {label} | {pixels} | " + " | ".join(found) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="256,512,1024", help="pixels, with commas between  [default: 256,512,1024]")
    parser.add_argument("--quick", action="store_true", help="128 pixels: to see that it works")
    arguments = parser.parse_args()
    sizes = [128] if arguments.quick else [int(size) for size in arguments.sizes.split(",")]
    devices = [torch.device("cpu")]
    accelerator = ""
    if torch.cuda.is_available():
        devices.append(torch.device("cuda"))
        accelerator = f", {torch.cuda.get_device_name()}"
    print(f"PyTorch {torch.__version__}, {os.cpu_count()} cores{accelerator}\n")
    print_steps(devices, sizes)
    print_runs(devices[-1], sizes)
    print_painting(devices, 512 if arguments.quick else 4096)


if __name__ == "__main__":
    main()
