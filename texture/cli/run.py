"""One method on one picture or one model, from start to finished file."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from texture.cli.expected import learn, tell
from texture.cli.options import given
from texture.cli.outputs import Outputs, Place, stem
from texture.cli.progress_bar import shown
from texture.cli.seeds import USUAL, Attempt, Judge, check_seeds, compete, seeded, table
from texture.cli.stopping import INTERRUPTED, Pressed, interruptible
from texture.cli.weights_command import bring
from texture.cli.writing import Writer
from texture.cli.written_result import (
    Pack,
    Result,
    as_files,
    ending_for,
    endings_of,
    further,
    packed,
    renamed,
    result_of,
)
from texture.device import choose, keep_freed_memory
from texture.errors import InvalidInput, TextureError
from texture.images.map_files import Levels
from texture.images.sources import pixels_from
from texture.materials.engines import find_engine
from texture.memory import check_memory, no_more_than_free
from texture.methods.artifacts import MAP_FILES
from texture.methods.contract import Method, Params, Step
from texture.methods.sizes import Tile
from texture.runs.exemplar_maps import Maps, MapSource, files_of, read_exemplar
from texture.runs.preparation import Prepared, prepare, trained_from
from texture.settings import Settings

if TYPE_CHECKING:
    import torch


def run(
    method: Method,
    output: str | None,
    device: str | None,
    force: bool = False,
    preset: str | None = None,
    seeds: int | None = None,
    keep: int | None = None,
    by: str | None = None,
    engine: str | None = None,
    maps: str | None = None,
    map: Sequence[str] = (),
    maps_as: str | None = None,
    **values: Any,
) -> int | None:
    """Check the call, then carry it out."""
    asked = given(values, method.params)
    params = method.parse(asked, preset)
    check_seeds(seeds, keep, by)
    runs = [params] if seeds is None else seeded(method, asked, preset, seeds)
    named = {role: str(values[role]) for role in method.images if values[role] is not None}
    prepared = _prepared(method, params, named, maps, map)
    if engine and not prepared.outline.surface:
        raise InvalidInput(f"--for {engine}: there are no maps; --maps or --map name them", field="for", value=engine)
    inputs = [*named.values(), *([maps] if maps else []), *(one.partition("=")[2] for one in map)]
    folders = [Path(one) for one in inputs if Path(one).is_dir()]
    if prepared.maps and not force:
        _check_apart(Path(output or "").parent, folders)
    with Outputs([*inputs, *(str(file) for folder in folders for file in folder.iterdir())], force) as outputs:
        name, zip_end = stem(named[method.needs[0]]), [ending_for(engine)] if engine else []
        ends = list(further(method, prepared.maps).values())
        if maps_as:
            names = renamed([f"-{MAP_FILES[one].name}" for one in prepared.maps], f".{maps_as}")
            ends = [names.get(end, end) for end in ends]
        places = _places(outputs, method, output, name, [*ends, *zip_end], keep or 1)
        pack = None if engine is None else Pack(find_engine(engine), Path(output).stem if output else name)
        metric, ending = None if seeds is None else by or USUAL, f".{maps_as}" if maps_as else None
        return carry_out(prepared, runs, places, device, pack, metric, ending)


def carry_out(
    prepared: Prepared,
    runs: Sequence[Params],
    places: Sequence[Place],
    device: str | None,
    pack: Pack | None = None,
    by: str | None = None,
    ending: str | None = None,
) -> int | None:
    """Get the weights, compute the steps, write the results and report them. Returns the exit status.

    runs: by their parameters; more than one compete by the metric `by`, and the best are kept, one for each place.
    ending: of the files of carried maps, if not .png.
    """
    outline = prepared.outline
    settings = Settings.from_environment()
    settings = settings.model_copy(update={"device": device or settings.device})
    where = choose(settings.device)
    check_memory(outline.memory, outline.size, where.type)
    judge = None if by is None else Judge(prepared.pictures["source"], outline, by)
    prepared.start(where)  # which rejects now what only the pixels, or a model, can show
    if outline.network:
        bring(settings, outline.network)
    keep_freed_memory()
    tell(settings, [(prepared.method, one, outline) for one in runs], at_once=False)
    attempt = partial(made, prepared, where, settings, pack, ending=ending)
    with no_more_than_free() if where.type == "cpu" else nullcontext():
        if judge is None:
            return _alone(runs[0], attempt, places[0], outline.tile)
        return _best(runs, attempt, judge, places, outline.tile)


def _alone(params: Params, attempt: Attempt, place: Place, tile: Tile) -> int | None:
    """One run. Returns its exit status."""
    writer = Writer()
    with interruptible() as pressed:
        result = attempt(params, pressed)
        line = _write(writer, result, place, tile)
    click.echo(line)
    writer.complain(result.lost)
    return None if result.last else INTERRUPTED


def _best(runs: Sequence[Params], attempt: Attempt, judge: Judge, places: Sequence[Place], tile: Tile) -> int | None:
    """Runs that differ by their seed, of which the best are kept, one for each place. Returns the exit status."""
    writer = Writer()
    with interruptible() as pressed:
        trials = compete(runs, len(places), judge, attempt, pressed)
        kept = [trial.result for trial in trials if trial.result]
        written = [_write(writer, result, place, tile) for result, place in zip(kept, places, strict=False)]
    for line in [*table(trials, judge, [place.main for place in places]), *written]:
        click.echo(line)
    writer.complain(words for result in kept for words in result.lost)
    if len(trials) < len(runs) or any(trial.stopped for trial in trials):
        return INTERRUPTED
    if len(kept) < len(places):
        raise TextureError(f"{len(kept)} of {len(places)} pictures: {trials[-1].fate}")
    return None


def made(
    prepared: Prepared,
    device: torch.device,
    settings: Settings,
    pack: Pack | None,
    params: Params,
    pressed: Pressed,
    words: str = "",
    ending: str | None = None,
) -> Result:
    """A run from its first step to its last, or until it is stopped.

    pack: what to make of its maps. ending: of their files, if not .png.
    """
    began = time.monotonic()
    steps = prepared.start(device, params=params)
    last = follow(shown(steps, pressed, words))
    seconds = time.monotonic() - began
    if last.last:
        learn(settings, (prepared.method, params, prepared.outline), seconds)
    result = result_of(prepared, last, prepared.recipe(last.number, last.total, params), seconds)
    surface = prepared.outline.surface
    if pack and surface and last.last:
        result = packed(result, prepared, pack, surface)
    return as_files(result, prepared.maps, ending) if ending else result


def follow(steps: Iterable[Step]) -> Step:
    """Compute all steps. Returns the last."""
    return deque(steps, maxlen=1).pop()


def _write(writer: Writer, result: Result, place: Place, tile: Tile) -> str:
    """Write the result. Returns the line that reports it."""
    written = writer.write(result.files(place))
    return f"{' and '.join(map(str, written)) or 'nothing written'}: {result.summary(tile)}"


def _prepared(
    method: Method, params: Params, named: Mapping[str, str], maps: str | None, each: Sequence[str]
) -> Prepared:
    """The run on the named inputs, read and checked. maps: a folder or zip of them; each: NAME=FILE."""
    pictures = {role: pixels_from(name, role) for role, name in named.items() if role not in ("model", "source")}
    levels: dict[str, Levels] = {}
    if "source" in named:
        pictures["source"], levels = read_exemplar(named["source"], _maps(maps, each))
    return prepare(method, params, pictures, trained_from(named["model"]) if "model" in named else None, levels)


def _maps(maps: str | None, each: Sequence[str]) -> Maps | None:
    """What the options name, single files before those of the folder."""
    if not each:
        return maps
    split = [one.partition("=") for one in each]
    for one, (name, _, file) in zip(each, split, strict=True):
        if not (name and file):
            raise InvalidInput(f"--map {one}: write NAME=FILE, such as normal=bricks_n.png", field="map", value=one)
    single: dict[str, MapSource] = {name: file for name, _, file in split}
    return single if maps is None else {**files_of(maps, single), **single}


def _check_apart(where: Path, materials: Iterable[Path]) -> None:
    """Raise InvalidInput where new maps would lie among those of a material, and be taken for its own next time."""
    for folder in materials:
        if where.exists() and where.samefile(folder):
            message = f"{folder} has the maps of the material: name a file in another folder with -o, or add --force"
            raise InvalidInput(message, field="output", value=str(where))


def _places(
    outputs: Outputs, method: Method, output: str | None, name: str, beside: Sequence[str], count: int
) -> list[Place]:
    """The places of so many pictures, best first. beside: how the names end of what comes with each."""
    ending = endings_of(method)[0]
    if output is None:
        return [outputs.unnamed(f"{name}-{method.name}", ending, beside) for _ in range(count)]
    first = outputs.named(output, endings_of(method), beside)
    wanted, ending = str(first.main.with_suffix("")), first.main.suffix
    return [first, *(outputs.unnamed(wanted, ending, beside, first=2) for _ in range(count - 1))]
