"""PatchMatch: seconds at several sizes and numbers of threads, and against another program in the same run.

    python -m benchmarks.match [--sizes 256 512 1024] [--against "python sketch.py {exemplar} {output} --size {size}"]

The exemplar is the drawn wall of bricks, at its own size; results tile. The other program is run once at each size and
timed as a whole; ours without loading PyTorch, after one run that is not counted. The pictures must be the same to the
bit whatever the number of threads, or this ends with an error.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from numpy.typing import NDArray

from benchmarks.report import machine, row
from texture import save, synthesize
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels

EXEMPLAR = "sample:wall"


def made(size: int, threads: int) -> tuple[float, NDArray]:  # type: ignore[type-arg]
    """Seconds, and the picture."""
    torch.set_num_threads(threads)
    began = time.perf_counter()
    *_, last = synthesize("match", EXEMPLAR, size=size, exemplar_size=384)
    return time.perf_counter() - began, to_pixels(last.image)


def other(command: str, size: int) -> float:
    """Seconds that another program takes, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        exemplar, output = Path(folder) / "exemplar.png", Path(folder) / "output.png"
        save(find_sample("wall").pixels(), exemplar)
        words = [word.format(exemplar=exemplar, output=output, size=size) for word in shlex.split(command)]
        began = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--against", help="a command with {exemplar}, {output} and {size} in it")
    options = parser.parse_args()
    threads = sorted({1, torch.get_num_threads()})
    made(64, threads[-1])
    print(machine())
    print(row(["size", *(f"{count} thread{'s' * (count > 1)}" for count in threads), "the other", "ratio"]))
    print(row(["---:"] * (3 + len(threads))))
    for size in options.sizes:
        runs = [made(size, count) for count in threads]
        if any((picture != runs[0][1]).any() for _, picture in runs):
            raise SystemExit(f"at {size} pixels the picture depends on the number of threads")
        theirs = other(options.against, size) if options.against else None
        ratio = ["–", "–"] if theirs is None else [f"{theirs:.1f} s", f"{theirs / runs[-1][0]:.1f}"]
        print(row([f"{size}²", *(f"{seconds:.1f} s" for seconds, _ in runs), *ratio]), flush=True)


if __name__ == "__main__":
    main()
