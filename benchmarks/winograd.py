"""Winograd convolutions against oneDNN and NNPACK: layer by layer of VGG-19, and a whole evaluation with its gradient.

    python -m benchmarks.winograd [--times N] [SIZE …]

All ways take turns within one run, and the fastest of N tries counts, since machines are shared: read the ratios.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.device import keep_freed_memory
from texture.features import winograd
from texture.features.vgg import VGG
from texture.features.weights import load
from texture.settings import Settings

LAYERS = ((64, 64, 1), (64, 128, 2), (128, 128, 2), (128, 256, 4), (256, 256, 4), (256, 512, 8), (512, 512, 8))
SEEN = ("relu1_1", "pool1", "pool2", "pool3", "pool4")


def fastest(ways: Mapping[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Milliseconds of the fastest try of each, taken in turn."""
    found = dict.fromkeys(ways, float("inf"))
    for _ in range(times):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            found[name] = min(found[name], 1000 * (time.perf_counter() - began))
    return found


def layer(ins: int, outs: int, side: int, times: int) -> dict[str, float]:
    """One convolution of a picture's features with zeros about it, as oneDNN has it, NNPACK, and we."""
    plain, weight, bias = torch.randn(1, ins, side, side), torch.randn(outs, ins, 3, 3), torch.randn(outs)
    x, last = (it.contiguous(memory_format=torch.channels_last) for it in (plain, weight))
    kernels = winograd.transformed(weight)
    ways: dict[str, Callable[[], object]] = {
        "oneDNN": lambda: F.conv2d(x, last, bias, padding=1).relu_(),
        "Winograd": lambda: winograd.convolve(x, kernels, (False, False), bias=bias),
    }
    if torch.backends.nnpack.is_available():
        ways["NNPACK"] = lambda: torch._nnpack_spatial_convolution(plain, weight, bias, [1, 1], [1, 1]).relu_()
    return fastest(ways, times)


def evaluation(network: VGG, side: int, times: int) -> dict[str, float]:
    """All layers that `gatys` looks at, on a torus, and the gradient to the picture."""
    image = torch.rand(1, 3, side, side, requires_grad=True)

    def once(least: int) -> Tensor | None:
        winograd.TILES, usual = least, winograd.TILES
        try:
            image.grad = None
            torch.stack([it.square().mean() for it in network(image, "both").values()]).sum().backward()  # type: ignore[no-untyped-call]
        finally:
            winograd.TILES = usual
        return image.grad

    return fastest({"oneDNN": lambda: once(2**60), "Winograd": lambda: once(winograd.TILES)}, times)


def told(name: str, found: Mapping[str, float]) -> None:
    figures = "  ".join(f"{way} {milliseconds:7.1f} ms" for way, milliseconds in found.items())
    print(f"{name:<16} {figures}  {found['oneDNN'] / found['Winograd']:.2f} times as fast", flush=True)


def measure(sizes: Sequence[int], times: int) -> None:
    keep_freed_memory()
    for size in sizes:
        for ins, outs, shrunk in LAYERS:
            told(f"{ins}→{outs} at {size // shrunk}²", layer(ins, outs, size // shrunk, times))
    network = VGG(load(Settings.from_environment()), SEEN)
    for size in sizes:
        told(f"VGG-19 at {size}²", evaluation(network, size, times))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.winograd")
    parser.add_argument("--times", type=int, default=9, help="tries of each")
    parser.add_argument("sizes", nargs="*", type=int, metavar="SIZE", help="sides of the picture (64 128 256)")
    given = parser.parse_args()
    # keep_freed_memory is for threads that begin after it, as a job's does
    thread = threading.Thread(target=measure, args=(given.sizes or [64, 128, 256], given.times))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
