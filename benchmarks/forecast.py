"""How well the forecast of a run's time and memory does; with --write, new references for it.

    python -m benchmarks.forecast [--methods gatys,match] [--write] [--longest 60]

Without --write: a few runs with settings that the references do not have, each beside its forecast: by the calibration
alone, and by one run of the method at its default settings. With --write: each method at the sizes of SIZES, as far as
a run takes no longer than --longest seconds; those that train, with the steps of BATCHES.

The machine must do nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from typing import Any

from texture.device import choose, keep_freed_memory
from texture.images.sources import pixels_from
from texture.jobs.running.memory import Memory
from texture.methods.artifacts import MODEL
from texture.methods.contract import Method
from texture.methods.registry import find_method, methods
from texture.runs.calibration import calibrate
from texture.runs.forecast import Example, References, forecast, references, write_references
from texture.runs.machine import machine_name
from texture.runs.preparation import Prepared, prepare

SIZES = (128, 256, 512, 1024)
BATCHES = (20, 60)
FURTHER: Mapping[str, list[dict[str, Any]]] = {
    "gatys": [{"size": "128", "start": "noise"}, {"size": "256", "start": "noise"}],
}
SOURCE, OTHER = "sample:pebbles", "sample:coffee"
CHECKED: Mapping[str, list[dict[str, Any]]] = {
    "gatys": [{"size": "384"}, {"size": "256", "steps": "60"}, {"size": "320", "start": "noise", "steps": "60"}],
    "match": [{"size": "384"}, {"size": "640x320"}],
    "style": [{"size": 320}],
    "cnnmrf": [{"size": "192"}],
    "guided": [{"size": "192"}],
    "patch": [{"size": "384"}],
    "sgan": [{"steps": 40}],
    "texnet": [{"steps": 40}],
}


def prepared(method: Method, given: Mapping[str, Any]) -> Prepared:
    """A run on the samples."""
    pictures = {role: pixels_from(SOURCE if role == "source" else OTHER, role) for role in method.needs}
    return prepare(method, method.parse(given), pictures)


def made(run: Prepared) -> Example:
    """Make it, and tell what it took."""
    device = choose()
    memory, began = Memory(device), time.perf_counter()
    steps = run.start(device)
    while True:
        with memory.turn():
            if next(steps, None) is None:
                break
    return Example.of(run.method, run.params, run.outline, time.perf_counter() - began, memory.peak)


def cases(method: Method) -> Iterator[dict[str, Any]]:
    """The settings of the references, from the quickest on."""
    if MODEL in method.produces:
        yield from ({"steps": steps} for steps in BATCHES)
        return
    whole = isinstance(method.params().model_dump(mode="json").get("size"), int)
    yield from FURTHER.get(method.name, [])
    yield from ({"size": side if whole else str(side)} for side in SIZES)


def write(names: list[str], longest: float) -> None:
    """Measure references, and keep those of other methods."""
    found = [one for one in references().examples if one.method not in names]
    for name in names:
        for given in cases(find_method(name)):
            run = prepared(find_method(name), given)
            one = made(run)
            print(f"{name} {given}: {one.seconds:.1f} s, {(one.memory or 0) / 1e6:.0f} MB", flush=True)
            found.append(one)
            if one.seconds * 4 > longest and given not in FURTHER.get(name, []):  # the next one is four times as large
                break
    write_references(References(machine_name("cpu"), calibrate(choose()), found))


def check(names: list[str]) -> None:
    """Print each run beside its forecasts."""
    calibration = calibrate(choose())
    print(f"calibration: {calibration}; of the references: {references().calibration}\n")
    print("| run | took | by the calibration | by a run | memory | forecast |\n|---|---|---|---|---|---|")
    for name in names:
        method = find_method(name)
        own = [made(prepared(method, next(one for one in cases(method) if one not in FURTHER.get(name, []))))]
        for given in CHECKED.get(name, []):
            run = prepared(method, given)
            first, second = (forecast(method, run.params, run.outline, runs, calibration) for runs in ([], own))
            one = made(run)
            by = " | ".join(f"{(told.seconds or 0) / one.seconds:.2f}" for told in (first, second))
            memory = f"{(one.memory or 0) / 1e6:.0f} MB | {(first.memory or 0) / max(one.memory or 0, 1):.2f}"
            print(f"| {name} {given} | {one.seconds:.1f} s | {by} | {memory} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = ",".join(method.name for method in methods().values() if method.listed and method.name in CHECKED)
    parser.add_argument("--methods", default=usual)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--longest", type=float, default=60.0, help="seconds of a reference's run, at most (60)")
    given = parser.parse_args()
    keep_freed_memory()
    for name in ("match", "gatys"):  # what is compiled, imported and loaded once is no part of a run
        made(prepared(find_method(name), {"size": "64"}))
    names = given.methods.split(",")
    write(names, given.longest) if given.write else check(names)


if __name__ == "__main__":
    main()
