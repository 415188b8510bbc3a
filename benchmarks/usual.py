"""`gatys` against the usual tool: one scale, float32, 500 steps of L-BFGS from noise, without a tile.

    python -m benchmarks.usual [--sizes 256,512,1024] [--exemplars pebbles,…] [--set NAME=VALUE …]

Ours is the default, an exact tile, from the start to the finished picture. The usual tool's time is 500 times that of
one of its steps, the middle of several: they all do the same work. Both see the exemplar at the size of the result.
The patch distance is explained in docs/methods.md.
"""

from __future__ import annotations

import argparse
from typing import Any

import torch

from benchmarks.gatys import PLAIN, exemplar, step_seconds, steps
from benchmarks.report import row
from texture.methods.gatys import GatysParams
from texture.metrics import ExemplarMetrics

EXEMPLARS = "pebbles,brick,weave,clay,grass,gravel"
STEPS = 500
USUAL = {name: PLAIN[name] for name in ("precision", "limits", "tile")}


def ours(name: str, size: int, params: dict[str, Any]) -> tuple[float, float]:
    """The seconds of a run, and the patch distance of its picture."""
    source = exemplar(name, size)
    *_, (seconds, last) = steps(source, size=size, **params)
    return seconds, ExemplarMetrics(source)(last.image, ("patch",))["patch"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="256,512,1024", help="of the result, pixels  [default: 256,512,1024]")
    parser.add_argument("--exemplars", default=EXEMPLARS, help=f"samples  [default: {EXEMPLARS}]")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="parameters of ours")
    given = parser.parse_args()
    params = dict(pair.split("=", 1) for pair in given.set)
    names = given.exemplars.split(",")
    steps(exemplar(names[0], 64), size=64, **params)  # everything is loaded
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, precision {GatysParams().precision}\n")
    print(row(["exemplar", "size", "ours, seconds", "usual, seconds", "times faster", "patch distance"]))
    print("|---|--:|--:|--:|--:|--:|")
    for size in map(int, given.sizes.split(",")):
        for name in names:
            usual = STEPS * step_seconds(exemplar(name, size), size=size, **USUAL)
            seconds, patch = ours(name, size, params)
            figures = [f"{seconds:.1f}", f"{usual:.0f}", f"{usual / seconds:.0f}", f"{patch:.1f}"]
            print(row([name, size, *figures]), flush=True)


if __name__ == "__main__":
    main()
