"""`python -m texture batch FOLDER`: one method on every picture of a folder, one result for each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from texture.cli.compared_runs import settings_of
from texture.cli.expected import tell
from texture.cli.method_command import DEVICES
from texture.cli.outputs import Outputs, Place, named_in_errors
from texture.cli.run import made
from texture.cli.stopping import INTERRUPTED, Pressed, interruptible
from texture.cli.weights_command import bring
from texture.cli.written_result import Pack, ending_for, further
from texture.device import choose, keep_freed_memory
from texture.errors import InvalidInput, TextureError, is_out_of_memory
from texture.images.decoding import FINISHED, Pixels, read
from texture.images.encoding import check_folder, read_recipe, write_atomically
from texture.images.formats import ENDINGS
from texture.materials.engines import ENGINES, find_engine
from texture.memory import check_memory, no_more_than_free
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.methods.roles import ROLES
from texture.metrics import seam
from texture.reports.table import as_csv
from texture.runs.preparation import Prepared, prepare
from texture.settings import Settings
from texture.wording import system_reason

if TYPE_CHECKING:
    import torch

TABLE = "batch.csv"
SAME = ("method", "params", "images")  # of a recipe: what decides what a picture looks like
WIDTHS = {"outcome": 7, "size": 9, "seconds": 7, "seam": 5}  # of the columns after the picture's name


@dataclass(frozen=True)
class Row:
    """What has become of a picture.

    outcome: made, kept (it was there already) or failed. result: the name of its file. seconds: that it took. seam: the
    ratio of its worst edge, where it tiles. message: why it has failed.
    """

    picture: str
    outcome: str
    size: str = ""
    seconds: float | None = None
    seam: float | None = None
    result: str = ""
    message: str = ""


@dataclass(frozen=True)
class Batch:
    """What is done to every picture. material: what makes maps of the results, if any; engine: that packs them."""

    method: Method
    params: Params
    material: Method | None
    engine: str | None
    folder: Path
    outputs: Outputs
    settings: Settings
    device: torch.device
    pressed: Pressed


class Stopped(Exception):
    """Ctrl-C came before a picture was done."""


@click.command(short_help="One method on every picture of a folder")
@click.argument("folder")
@click.option("--method", "name", required=True, metavar="METHOD", help="a method that needs one picture: match")
@click.option("--preset", help="several of its parameters at once; --set overrides it")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="one of its parameters; may be repeated")
@click.option("--maps", is_flag=True, help="also make the maps of a material from each result")
@click.option("--for", "engine", type=click.Choice(list(ENGINES)), help="and pack them for this engine, a zip each")
@click.option("-o", "--output", metavar="DIR", required=True, help="folder for the results and their table")
@click.option("--device", type=click.Choice(DEVICES), help="where to compute  [default: TEXTURE_DEVICE]")
@click.option("--force", is_flag=True, help="overwrite files in DIR that were made otherwise")
def batch(
    folder: str,
    name: str,
    preset: str | None,
    pairs: tuple[str, ...],
    maps: bool,
    engine: str | None,
    output: str,
    device: str | None,
    force: bool,
) -> int | None:
    """Run a method on every picture of FOLDER, with the same settings.

    DIR gets NAME.png for each, with what the method leaves beside it, and batch.csv, a table of all. What fails is
    told, and stops nothing. After Ctrl-C the same call goes on: what is there already, made of the same picture with
    the same settings, is kept.
    """
    method = find_method(name)
    _check_method(method)
    params = method.parse(settings_of(pairs, method.params, "set"), preset)
    if not folder:
        raise InvalidInput("the name of the folder is empty", field="folder", value=folder)
    material = find_method("material") if (maps or engine) and not method.makes_material else None
    pictures = _pictures(Path(folder))
    _check_names(pictures, Path(folder), method, material)
    settings = Settings.from_environment()
    where = choose(device or settings.device)
    settings = settings.model_copy(update={"device": where.type})
    outline, began = method.outline(params, {}), time.monotonic()
    with Outputs(map(str, pictures), force) as outputs:
        into = _take(outputs, Path(output), Path(folder))
        if outline.network:
            bring(settings, outline.network)
        keep_freed_memory()
        _check_table(into / TABLE, force)
        new = [path for path in pictures if not (into / f"{path.stem}.png").exists()]
        if new:
            tell(settings, [(method, params, outline)] * len(new), at_once=False)
        with interruptible() as pressed, no_more_than_free() if where.type == "cpu" else nullcontext():
            asked = Batch(method, params, material, engine, into, outputs, settings, where, pressed)
            rows = list(_told(asked, pictures))
    return _end(rows, pictures, into, time.monotonic() - began)


def _check_method(method: Method) -> None:
    """Raise InvalidInput where it needs more than one picture, or something else."""
    if method.needs != ("source",):
        needed = " and ".join(ROLES[role].words for role in method.needs)
        words = f"{method.name} needs {needed}: a batch gives each run one source texture"
        raise InvalidInput(words, field="method", value=method.name)


def _pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, by name; what else is in it is told.

    Raises:
        InvalidInput: it cannot be read, or has no picture.
    """
    try:
        there = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise InvalidInput(f"{folder}: {system_reason(error)}", field="folder", value=str(folder)) from error
    pictures = [path for path in there if path.name.lower().endswith(ENDINGS) and path.is_file()]
    if others := [path.name for path in there if path not in pictures]:
        click.echo(f"skipped, as no picture: {', '.join(others)}", err=True)
    if not pictures:
        raise InvalidInput(f"{folder} has no picture in it", field="folder", value=str(folder))
    return pictures


def _check_names(pictures: Sequence[Path], folder: Path, method: Method, material: Method | None) -> None:
    """Raise InvalidInput where two pictures would leave files of one name."""
    ends = [".png", *further(method).values()]
    if material:
        ends += [f"-{material.name}{end}" for end in (".png", *further(material).values())]
    names: dict[str, str] = {}
    for path in pictures:
        for name in (path.stem + end for end in ends):
            other = names.setdefault(name.casefold(), path.name)
            if other != path.name:
                words = f"{other} and {path.name} would both become {name}: rename one of them"
                raise InvalidInput(words, field="folder", value=str(folder))


def _check_table(path: Path, force: bool) -> None:
    """Raise InvalidInput where a file that is no table of ours would be overwritten."""
    header = ",".join(one.name for one in fields(Row)).encode()
    if not force and path.exists() and not path.read_bytes().startswith(header):
        words = f"{path} is there, and is no table of a batch: choose another folder, or add --force"
        raise InvalidInput(words, field="output", value=str(path))


def _take(outputs: Outputs, into: Path, folder: Path) -> Path:
    """The folder of the results, made where it is not there yet. Raises InvalidInput."""
    with named_in_errors(into):
        outputs.make_folder(into)
        check_folder(into)
        if into.samefile(folder):
            words = f"{into} is the folder of the pictures: choose another one"
            raise InvalidInput(words, field="output", value=str(into))
    return into


def _told(asked: Batch, pictures: Sequence[Path]) -> Iterator[Row]:
    """The rows as they come, each said at once and kept in the table, until all are done or Ctrl-C was pressed."""
    width = max(len("picture"), *(len(path.name) for path in pictures))
    click.echo("  ".join([f"{'picture':{width}}", *(f"{name:>{room}}" for name, room in WIDTHS.items())]))
    rows: list[Row] = []
    for place, path in enumerate(pictures, 1):
        try:
            row = _row(asked, path, f"{place} of {len(pictures)} ")
        except Stopped:
            return
        rows.append(row)
        cells = {name: "–" if (value := getattr(row, name)) in (None, "") else str(value) for name in WIDTHS}
        told = [f"{row.picture:{width}}", *(f"{cells[name]:>{room}}" for name, room in WIDTHS.items())]
        click.echo("  ".join([*told, row.message]).rstrip())
        write_atomically(asked.folder / TABLE, as_csv([one.name for one in fields(Row)], map(asdict, rows)).encode())
        yield row


def _row(asked: Batch, path: Path, words: str) -> Row:
    """One picture, come what may: there are others.

    Raises:
        Stopped: by Ctrl-C.
    """
    began = time.monotonic()
    try:
        if asked.pressed():
            raise Stopped
        pixels, kept = _result(asked, asked.method, asked.params, read(path), path.stem, words)
        tile = asked.method.outline(asked.params, {}).tile
        if asked.material:
            params = asked.material.parse({"tile": tile})
            name = f"{path.stem}-{asked.material.name}"
            kept = _result(asked, asked.material, params, pixels, name, f"{words}maps ")[1] and kept
    except Stopped:
        raise
    except Exception as error:
        reason = "not enough memory" if is_out_of_memory(error) else str(error) or type(error).__name__
        return Row(path.name, "failed", message=" ".join(reason.split()))
    size, ratio = f"{pixels.shape[1]}x{pixels.shape[0]}", None if tile == "none" else seam(pixels, tile).ratio
    seconds = None if kept else round(time.monotonic() - began, 1)
    return Row(
        path.name, "kept" if kept else "made", size, seconds, ratio and float(f"{ratio:.3g}"), f"{path.stem}.png"
    )


def _result(asked: Batch, method: Method, params: Params, source: Pixels, stem: str, words: str) -> tuple[Pixels, bool]:
    """What a method makes of a picture, and whether it was there already.

    Raises:
        InvalidInput: it does not fit the method, or what is there must not be overwritten.
        Stopped: by Ctrl-C.
    """
    engine = asked.engine if method.makes_material else None
    zipped = [ending_for(engine)] if engine else []
    ends = [*further(method).values(), *zipped]
    place = Place(asked.folder / f"{stem}.png", {end: asked.folder / (stem + end) for end in ends})
    prepared = prepare(method, params, {"source": source})
    ours = _is_of(place.main, prepared)
    if ours and all(place.beside[end].exists() for end in zipped):
        return read(place.main, bounds=FINISHED), True
    for path in (place.main, *place.beside.values()):
        asked.outputs.check(path)
        if path.exists() and not (ours or asked.outputs.force):
            words = f"{path} is there, and was made otherwise: choose another folder, or add --force"
            raise InvalidInput(words, field="output", value=str(path))
    check_memory(prepared.outline.memory, prepared.outline.size, asked.device.type)
    pack = Pack(find_engine(engine), stem) if engine else None
    result = made(prepared, asked.device, asked.settings, pack, params, asked.pressed, words)
    if not result.last:
        raise Stopped
    if result.lost:
        raise TextureError("; ".join(result.lost))
    for path, data in reversed(result.files(place).items()):  # the picture last: where it is, all is
        write_atomically(path, data)
    return result.pixels, False


def _is_of(path: Path, prepared: Prepared) -> bool:
    """Whether a file is the finished result of such a run, by the recipe in it."""
    with suppress(OSError, InvalidInput):
        there, wanted = read_recipe(path.read_bytes()) or {}, prepared.recipe(0, None)
        ended = "steps" in there and there.get("step") == there["steps"]
        return ended and all(there.get(one) == wanted[one] for one in SAME)
    return False


def _end(rows: Sequence[Row], pictures: Sequence[Path], into: Path, seconds: float) -> int | None:
    """Say what has come of all. Returns the exit status; raises TextureError where something has failed."""
    outcomes = Counter(row.outcome for row in rows)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    click.echo(f"{into}: {counts or 'nothing made'} of {len(pictures)}, {seconds:.1f} s")
    if len(rows) < len(pictures):
        click.echo("stopped; the same call goes on from here", err=True)
        return INTERRUPTED
    if outcomes["failed"]:
        raise TextureError(f"failed: {', '.join(row.picture for row in rows if row.outcome == 'failed')}")
    return None
