"""All methods on all built-in textures, each with the same time: a table of metrics and a contact sheet.

    python -m benchmarks.quality [--seconds 60] [--methods gatys,patch] [--samples pebbles,clay] [-o FOLDER]

Every run has a process of its own, its default settings at 256² and an exact tile; one that trains is told the time,
the others are stopped when it is over, with the picture so far. `style` repaints the scene `cat` with each texture.
Without -o the result goes where the documents show it: docs/quality.md and docs/pictures/quality.jpg.
"""

from __future__ import annotations

import argparse
import json
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import geometric_mean
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.report import Panel, contact_sheet, figures, machine, row
from texture import METHODS, save, synthesize
from texture.images.decoding import Pixels, read
from texture.images.samples import find_sample, textures
from texture.methods.contract import Method
from texture.metrics import METRICS, QUICK

ROOT = Path(__file__).parents[1]
SCENE = "sample:cat"
SHOWN = tuple(METRICS)
INTRODUCTION = """# Quality: all methods with the same time

Each method had {seconds:g} seconds for each picture of 256 × 256 with its default settings; made by

    {command}

in one run, on {machine}. *Seconds* are those that the method took: one that
was done sooner did not use its time. *Memory* is the peak of the whole process. The metrics are explained under
[How like the source texture?](methods.md#how-like-the-source-texture-the-numbers-beside-each-picture):
lower is better, but for regularity, and nothing is gained beyond the baseline.
`style` repaints a photograph of a cat, so its distances say how far the style came through
and no more. Numbers judge no picture: look at the sheet.
What stands beneath each one is its patch distance.

![Every sample by every method]({picture})

"""


@dataclass(frozen=True)
class Outcome:
    """What one run came to. memory: bytes, the peak of its process."""

    method: str
    sample: str
    seconds: float
    steps: int
    memory: int
    metrics: dict[str, float]
    baselines: dict[str, float]
    picture: str


def listed() -> list[Method]:
    """Those that make a new picture, of a size that is asked for."""
    return [method for method in METHODS.values() if method.listed and "size" in method.params.model_fields]


def run_one(method: str, sample: str, seconds: float, picture: Path) -> Outcome:
    """One method on one sample, in this process."""
    from texture.images.tensors import to_tensor
    from texture.methods.common.multiscale import extent_of
    from texture.metrics import ExemplarMetrics, scaled_exemplar

    fields = METHODS[method].params.model_fields
    params: dict[str, Any] = {"minutes": seconds / 60} if "minutes" in fields else {}
    if "content" in METHODS[method].needs:
        params |= {"content": SCENE, "size": 256}
    began = time.perf_counter()
    for step in synthesize(method, f"sample:{sample}", **params):
        if step.last or time.perf_counter() - began >= seconds:
            break
    spent = time.perf_counter() - began
    save(step.image, picture)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    parsed = METHODS[method].parse({name: value for name, value in params.items() if name in fields})
    exemplar = to_tensor(find_sample(sample).pixels())
    outline = METHODS[method].outline(parsed, {"source": extent_of(exemplar)})
    measure = ExemplarMetrics(scaled_exemplar(exemplar, outline))
    found = measure(step.image)
    return Outcome(method, sample, spent, step.number, memory, found, measure.baselines, str(picture))


def run_apart(method: str, sample: str, seconds: float, folder: Path) -> Outcome:
    """The same in a process of its own."""
    picture = folder / f"{sample}-{method}.png"
    command = [sys.executable, "-m", "benchmarks.quality", "--one", method, sample, str(seconds), str(picture)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return Outcome(**json.loads(done.stdout))


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each run, the exemplar's baselines above each sample's."""
    lines = [row(["sample", "method", "seconds", "steps", "memory", *SHOWN]), "|---|---|" + "--:|" * (3 + len(SHOWN))]
    for place, one in enumerate(outcomes):
        first = place == 0 or outcomes[place - 1].sample != one.sample
        if first:
            lines.append(row([f"**{one.sample}**", "baseline", "", "", "", *figures(one.baselines, SHOWN)]))
        spent = [f"{one.seconds:.0f}", one.steps, f"{one.memory / 2**30:.1f} GB"]
        lines.append(row(["", f"`{one.method}`", *spent, *figures(one.metrics, SHOWN)]))
    return "\n".join(lines)


def summary(outcomes: Sequence[Outcome]) -> str:
    """A line for each method: how many times its baseline each metric is, over all samples."""
    lines = [row(["method", *(f"{name}, times the baseline" for name in QUICK)]), "|---|--:|--:|--:|"]
    for method in dict.fromkeys(one.method for one in outcomes):
        own = [one for one in outcomes if one.method == method]
        ratios = [geometric_mean(one.metrics[name] / one.baselines[name] for one in own) for name in QUICK]
        lines.append(row([f"`{method}`", *(f"{ratio:.2f}" for ratio in ratios)]))
    return "\n".join(lines)


def contacts(outcomes: Sequence[Outcome]) -> Pixels:
    """A row for each sample, a column for the exemplar and one for each method: H×W×3 uint8."""
    methods = list(dict.fromkeys(one.method for one in outcomes))
    by_place = {(one.sample, one.method): one for one in outcomes}
    rows = [
        [Panel(find_sample(sample).pixels(), [sample]), *(_panel(by_place.get((sample, name))) for name in methods)]
        for sample in dict.fromkeys(one.sample for one in outcomes)
    ]
    return contact_sheet(["exemplar", *methods], rows)


def _panel(one: Outcome | None) -> Panel:
    return Panel(None, []) if one is None else Panel(read(Path(one.picture)), [f"{one.metrics['patch']:.0f}"])


def write(outcomes: Sequence[Outcome], seconds: float, command: str, page: Path, picture: Path) -> None:
    """The page and the sheet that it shows."""
    save(contacts(outcomes), picture)
    shown = picture.relative_to(page.parent).as_posix()
    head = INTRODUCTION.format(seconds=seconds, command=command, machine=machine(), picture=shown)
    page.write_text(head + summary(outcomes) + "\n\n" + table(outcomes) + "\n", encoding="utf-8")


def run_all(methods: Iterable[str], samples: Iterable[str], seconds: float, folder: Path) -> list[Outcome]:
    outcomes = []
    for sample in samples:
        for method in methods:
            outcomes.append(run_apart(method, sample, seconds, folder))
            print(table(outcomes[-1:]).splitlines()[-1].replace("|  |", f"| {sample} |", 1), flush=True)
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="for each picture  [default: 60]")
    parser.add_argument("--methods", help="names with commas between  [default: all]")
    parser.add_argument("--samples", help="names with commas between  [default: all textures]")
    parser.add_argument("-o", "--output", type=Path, help="folder for the page and the sheet  [default: docs]")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        method, sample, seconds, picture = arguments.one
        print(json.dumps(asdict(run_one(method, sample, float(seconds), Path(picture)))))
        return
    methods = arguments.methods.split(",") if arguments.methods else [method.name for method in listed()]
    samples = arguments.samples.split(",") if arguments.samples else [sample.name for sample in textures()]
    with TemporaryDirectory() as temporary:
        outcomes = run_all(methods, samples, arguments.seconds, Path(temporary))
        command = shlex.join(["python", "-m", "benchmarks.quality", *sys.argv[1:]])
        folder = arguments.output or ROOT / "docs"
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        write(outcomes, arguments.seconds, command, folder / "quality.md", folder / "pictures" / "quality.jpg")


if __name__ == "__main__":
    main()
