"""Our methods beside pictures by others, made from the same exemplars: a table of metrics and a contact sheet.

    python -m benchmarks.bench50 FOLDER [--methods match,gatys:fine] [--size 512] [-o OUTPUT]

FOLDER has one folder for each exemplar: NAME/source.jpg, and NAME/OTHER.jpg for each picture by another method (PNG,
JPEG or WebP). docs/benchmarks.md tells where to get one. Ours are made here: squares of --size pixels that tile, at the
exemplar's own scale, with the seed 0 and the default settings, or those of a preset (METHOD:PRESET).

OUTPUT (bench50, unless told) keeps them as NAME/METHOD.png, with table.md and sheet.png; a picture that is there with
the settings asked for is not made again: remove it where the method itself has changed. The others' pictures are judged
by the exemplar as it is, ours by the exemplar as it was fitted to the tile.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from benchmarks.report import Panel, contact_sheet, figures, row
from texture import save, synthesize
from texture.errors import InvalidInput, TextureError
from texture.images.checksum import checksum
from texture.images.decoding import Pixels, read
from texture.images.encoding import read_recipe
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.metrics import HIGHER_IS_BETTER, METRICS, ExemplarMetrics, best_first, scaled_exemplar
from texture.runs.recipe import recipe

if TYPE_CHECKING:
    from torch import Tensor

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
COMPARED = tuple(metric.name for metric in METRICS.values() if metric.ranked)
BASELINE = "baseline"
CELL = 240  # pixels: the widest picture of the sheet


@dataclass(frozen=True)
class Case:
    """An exemplar, and the pictures that others made of it, by the method's name."""

    name: str
    source: Path
    others: dict[str, Path]


@dataclass(frozen=True)
class Score:
    """The metrics of one picture, or the baselines of one exemplar, which have none. seconds: of ours."""

    exemplar: str
    method: str
    metrics: dict[str, float]
    picture: Path | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Ours:
    """A method of ours and what it is told."""

    method: Method
    preset: str | None

    @property
    def name(self) -> str:
        """METHOD, or METHOD:PRESET."""
        return self.method.name + (f":{self.preset}" if self.preset else "")

    @property
    def label(self) -> str:
        """What tells it from another one's method of that name."""
        return f"our {self.name}"

    def params(self, size: int, exemplar: Pixels) -> Params:
        """For a picture of `size` pixels a side that shows the exemplar, H×W×3, at its own scale."""
        told: dict[str, Any] = {"size": size}
        if "exemplar_size" in self.method.params.model_fields:
            told["exemplar_size"] = min(exemplar.shape[:2])
        return self.method.parse(told, self.preset)


def cases(folder: Path) -> list[Case]:
    """What there is, by name.

    Raises:
        InvalidInput: no such folder, nothing in it, or an exemplar is missing or there twice.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{folder}: there is no such folder", field="folder", value=str(folder))
    found = [_case(inner) for inner in sorted(folder.iterdir()) if inner.is_dir() and not inner.name.startswith(".")]
    if not found:
        raise InvalidInput(f"{folder}: no folders in it; there should be one for each exemplar", field="folder")
    return found


def _case(folder: Path) -> Case:
    pictures = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in PICTURES]
    named = {path.stem: path for path in pictures}
    if "source" not in named:
        raise InvalidInput(f"{folder}: no exemplar in it; expected is source.png, .jpg or .webp", field="folder")
    for one in pictures:
        if named[one.stem] is not one:
            raise InvalidInput(f"{folder}: both {one.name} and {named[one.stem].name}; keep one", field="folder")
    return Case(folder.name, named.pop("source"), named)


def ours(names: str) -> list[Ours]:
    """METHOD or METHOD:PRESET, with commas between; none for an empty text.

    Raises:
        TextureError: there is no such method or preset, or it takes more than an exemplar.
    """
    found = []
    for name in filter(None, names.split(",")):
        method, _, preset = name.partition(":")
        one = Ours(find_method(method), preset or None)
        if tuple(one.method.needs) != ("source",):
            raise InvalidInput(f"--methods {method}: it takes more than an exemplar", field="methods", value=method)
        one.method.parse({}, one.preset)
        found.append(one)
    return found


def make(one: Ours, case: Case, size: int, folder: Path) -> tuple[Path, float]:
    """The picture's file and the seconds that it took; made only where it is not there yet."""
    exemplar = read(case.source)
    params = one.params(size, exemplar).model_dump(mode="json")
    path = folder / case.name / f"{one.name.replace(':', '-')}.png"
    made = _recipe_of(path)
    if made is not None and (made.get("params"), made.get("exemplar")) == (params, checksum(exemplar)):
        return path, float(made["seconds"])
    began = time.perf_counter()
    *_, last = synthesize(one.method.name, exemplar, **params)
    seconds = time.perf_counter() - began
    path.parent.mkdir(parents=True, exist_ok=True)
    told = recipe(one.method.name, params, {"source": checksum(exemplar)}, last.number, last.total)
    save(last.image, path, told | {"seconds": seconds})
    return path, seconds


def _recipe_of(path: Path) -> dict[str, Any] | None:
    try:
        return read_recipe(path.read_bytes())
    except (OSError, InvalidInput):
        return None


def score(case: Case, chosen: Sequence[Ours], size: int, folder: Path) -> list[Score]:
    """The exemplar's baselines, then the others' pictures, then ours."""
    from texture.images.tensors import to_tensor
    from texture.methods.common.multiscale import extent_of

    exemplar = to_tensor(read(case.source))
    plain = ExemplarMetrics(exemplar)
    scores = [Score(case.name, BASELINE, plain.baselines)]
    scores += [Score(case.name, name, plain(to_tensor(read(path))), path) for name, path in case.others.items()]
    for one in chosen:
        path, seconds = make(one, case, size, folder)
        measure = _metrics_of(
            scaled_exemplar(exemplar, one.params(size, read(case.source)).outline({"source": extent_of(exemplar)})),
            exemplar,
            plain,
        )
        scores.append(Score(case.name, one.label, measure(to_tensor(read(path))), path, seconds))
    return scores


def _metrics_of(fitted: Tensor, exemplar: Tensor, plain: ExemplarMetrics) -> ExemplarMetrics:
    return plain if fitted is exemplar else ExemplarMetrics(fitted)


def means(scores: Sequence[Score]) -> str:
    """A line for each method: each metric's mean over the exemplars for which there is one, the best ones bold."""
    lines = [row(["method", "pictures", *METRICS, "seconds"]), "|---" + "|--:" * (len(METRICS) + 2) + "|"]
    found = {method: _means_of(method, scores) for method in methods(scores)}
    best = {name: _best(name, [values for method, values in found.items() if method != BASELINE]) for name in COMPARED}
    for method, values in found.items():
        cells = figures(values, METRICS)
        marked = [
            f"**{cell}**" if method != BASELINE and name in values and values[name] == best.get(name) else cell
            for name, cell in zip(METRICS, cells, strict=True)
        ]
        own = [one for one in scores if one.method == method]
        seconds = [one.seconds for one in own if one.seconds is not None]
        count = "" if method == BASELINE else len(own)
        lines.append(row([method, count, *marked, f"{mean(seconds):.0f}" if seconds else ""]))
    return "\n".join(lines)


def _means_of(method: str, scores: Sequence[Score]) -> dict[str, float]:
    own = [one.metrics for one in scores if one.method == method]
    return {name: mean(one[name] for one in own if name in one) for name in METRICS if any(name in one for one in own)}


def _best(metric: str, found: Iterable[dict[str, float]]) -> float | None:
    values = [values[metric] for values in found if metric in values]
    return min(values, key=lambda value: best_first(metric, value)) if len(values) > 1 else None


def wins(scores: Sequence[Score]) -> str:
    """A line for each method of ours against each other one: on how many exemplars it is better, metric by metric."""
    lines = [row(["", *COMPARED]), "|---" + "|--:" * len(COMPARED) + "|"]
    by_place = {(one.method, one.exemplar): one.metrics for one in scores}
    own = [method for method in methods(scores) if method.startswith("our ")]
    for mine in own:
        for other in (method for method in methods(scores) if method not in (*own, BASELINE)):
            pairs = [
                (by_place[mine, one.exemplar], one.metrics)
                for one in scores
                if one.method == other and (mine, one.exemplar) in by_place
            ]
            lines.append(row([f"{mine} against {other}", *(_won(name, pairs) for name in COMPARED)]))
    return "\n".join(lines)


def _won(metric: str, pairs: Sequence[tuple[dict[str, float], dict[str, float]]]) -> str:
    """ "9 of 12"; where both are the same, neither has won."""
    both = [(mine[metric], other[metric]) for mine, other in pairs if metric in mine and metric in other]
    won = sum(best_first(metric, mine) < best_first(metric, other) for mine, other in both)
    return f"{won} of {len(both)}" if both else "–"


def table(scores: Sequence[Score]) -> str:
    """A line for each picture, the exemplar's baselines above them."""
    lines = [row(["exemplar", "method", *METRICS]), "|---|---" + "|--:" * len(METRICS) + "|"]
    for one in scores:
        name = f"**{one.exemplar}**" if one.method == BASELINE else ""
        lines.append(row([name, one.method, *figures(one.metrics, METRICS)]))
    return "\n".join(lines)


def methods(scores: Sequence[Score]) -> list[str]:
    """In the order of the table: the baseline, the others, ours."""
    names = dict.fromkeys(one.method for one in scores)
    return sorted(names, key=lambda name: (name != BASELINE, name.startswith("our ")))


def page(scores: Sequence[Score]) -> str:
    """All tables."""
    count = len({one.exemplar for one in scores})
    higher = " and ".join(sorted(HIGHER_IS_BETTER))
    head = f"Means over {count} exemplars. Lower is better, but higher {higher}, which only those have that repeat."
    parts = [head, means(scores)]
    if any(one.seconds is not None for one in scores):
        parts += ["Exemplars on which ours is better:", wins(scores)]
    return "\n\n".join([*parts, "Each picture:", table(scores)]) + "\n"


def sheet(found: Sequence[Case], scores: Sequence[Score]) -> Pixels:
    """A row for each exemplar, all its pictures at one scale, figures beneath: H×W×3 uint8."""
    columns = methods(scores)
    by_place = {(one.exemplar, one.method): one for one in scores}
    rows = [_panels(case, [by_place.get((case.name, method)) for method in columns]) for case in found]
    return contact_sheet(["exemplar, baselines", *columns[1:]], rows, CELL)


def _panels(case: Case, scores: Sequence[Score | None]) -> list[Panel]:
    paths = [case.source, *(one.picture if one else None for one in scores[1:])]
    pictures = [None if path is None else read(path) for path in paths]
    largest = max(max(pixels.shape[:2]) for pixels in pictures if pixels is not None)
    lines = [["" if number else case.name, *_lines(one)] for number, one in enumerate(scores)]
    return [
        Panel(None if pixels is None else _reduced(pixels, CELL / largest), text)
        for pixels, text in zip(pictures, lines, strict=True)
    ]


def _reduced(pixels: Pixels, share: float) -> Pixels:
    height, width = (max(1, round(side * share)) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _lines(one: Score | None) -> list[str]:
    if one is None:
        return []
    found = dict(zip(METRICS, figures(one.metrics, METRICS), strict=True))
    pairs = (("patch", "colour"), ("spectrum", "copying"), ("odd", "regularity"))
    return [" · ".join(f"{name} {found[name]}" for name in pair) for pair in pairs]


def run(folder: Path, names: str, size: int, output: Path) -> None:
    """Score everything, and write it down after each exemplar: what there is can be looked at."""
    found, chosen = cases(folder), ours(names)
    output.mkdir(parents=True, exist_ok=True)
    scores: list[Score] = []
    for number, case in enumerate(found, 1):
        scores += score(case, chosen, size, output)
        print(table([one for one in scores if one.exemplar == case.name]), flush=True)
        (output / "table.md").write_text(page(scores), encoding="utf-8")
        save(sheet(found[:number], scores), output / "sheet.png")
    print(page(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", default="match", help="ours, with commas between; '' for none  [default: match]")
    parser.add_argument("--size", type=int, default=512, help="of ours, pixels a side  [default: 512]")
    parser.add_argument("-o", "--output", type=Path, default=Path("bench50"), help="[default: bench50]")
    arguments = parser.parse_args()
    try:
        run(arguments.folder, arguments.methods, arguments.size, arguments.output)
    except TextureError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
