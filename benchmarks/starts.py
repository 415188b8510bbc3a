"""What a start with `match`'s picture is worth: the same method from noise and from that picture, after so many steps.

    python -m benchmarks.starts [--method gatys] [--steps 60] [--at 0,5,10,20,30,40,60] [--set NAME=VALUE …] EXEMPLAR …

EXEMPLAR is a sample's name or a picture's file. A line for each start and number of steps: the seconds of processor
time, and the metrics by the exemplar as it was fitted to the tile. 256², exact tile, seed 0. From noise it is what the
preset `from-noise` asks for, or else the default settings with that start.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.report import figures, row
from texture.images.decoding import Pixels, read
from texture.images.samples import find_sample
from texture.images.tensors import to_tensor
from texture.methods.common.multiscale import extent_of
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.metrics import METRICS, ExemplarMetrics, scaled_exemplar

Line = tuple[int, float, dict[str, float]]  # steps of the method's own, seconds of processor time, metrics


def pixels_of(exemplar: str) -> Pixels:
    """A file's, or a sample's."""
    return read(Path(exemplar)) if Path(exemplar).suffix else find_sample(exemplar).pixels()


def name_of(exemplar: Path) -> str:
    """Its own, or its folder's, as benchmarks.bench50 has them."""
    return exemplar.parent.name if exemplar.stem == "source" else exemplar.stem


def lines(method: Method, p: Params, exemplar: Pixels, own: int = 0, at: Collection[int] = ()) -> Iterator[Line]:
    """What a run has come to in the end, and after each of `at` of its last `own` steps. Measuring takes no time."""
    source = to_tensor(exemplar)
    measure = ExemplarMetrics(scaled_exemplar(source, p.outline({"source": extent_of(source)})))
    spent, began = 0.0, time.process_time()
    for step in method.run(p, Inputs(source), torch.device("cpu")):
        assert step.total is not None
        done = own - (step.total - step.number)
        if not step.last and (done < 0 or done not in at):
            continue
        spent += time.process_time() - began
        yield done if own else step.number, spent, measure(step.image)
        began = time.process_time()


def print_lines(name: str, start: str, found: Iterator[Line]) -> None:
    for steps, seconds, metrics in found:
        print(row([name, start, steps, f"{seconds:.1f}", *figures(metrics, METRICS)]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exemplars", nargs="+", metavar="EXEMPLAR")
    parser.add_argument("--method", default="gatys", help="[default: gatys]")
    parser.add_argument("--steps", type=int, default=60, help="after match  [default: 60]")
    parser.add_argument("--at", default="0,5,10,20,30,40,60", help="steps after which it is measured")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="parameters, after match")
    arguments = parser.parse_args()
    method = find_method(arguments.method)
    noise = method.parse({"start": "noise"}, "from-noise" if "from-noise" in method.params.PRESETS else None)
    told: dict[str, Any] = dict(pair.split("=", 1) for pair in arguments.set)
    quick = method.parse({"start": "match", "steps": arguments.steps, **told})
    at = [int(number) for number in arguments.at.split(",")]
    print(row(["exemplar", "start", "steps", "seconds", *METRICS]) + "\n|---|---|--:|--:|" + "--:|" * len(METRICS))
    for exemplar in arguments.exemplars:
        name, pixels = name_of(Path(exemplar)), pixels_of(exemplar)
        print_lines(name, "noise", lines(method, noise, pixels))
        print_lines(name, "match", lines(method, quick, pixels, arguments.steps, at))


if __name__ == "__main__":
    main()
