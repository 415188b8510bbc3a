"""`python -m texture METHOD …`: one method on one picture or one model, from start to file."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from texture.cli.files import MODEL, check_output, free_names, stem
from texture.cli.options import given, options
from texture.cli.progress_bar import Pressed, interruptible, shown
from texture.cli.seeds import USUAL, Attempt, Judge, check_seeds, compete, seed_options, seeded, table
from texture.cli.weights_command import bring
from texture.cli.written_result import Result, result_of
from texture.device import choose, keep_freed_memory
from texture.errors import TextureError
from texture.images.checksum import checksum
from texture.images.decoding import Pixels
from texture.images.encoding import ENDINGS
from texture.images.sources import pixels_from
from texture.methods.common.model_file import Model, model_from
from texture.methods.contract import Method, Params, Step
from texture.methods.roles import ROLES, Inputs
from texture.methods.sizes import Tile, sizes_of
from texture.recipe import recipe
from texture.settings import Settings

if TYPE_CHECKING:
    import torch

INTERRUPTED = 130
DEVICES = get_args(Settings.model_fields["device"].annotation)
ANIMATED = ("walk",)  # methods whose result moves
ANIMATION = ".webp"
PICTURE_HELP = "{} {} a PNG, JPEG or WebP file, or a built-in picture such as sample:pebbles."
MODEL_HELP = "MODEL is the .safetensors file that a method which trains has left."
MODEL_TOO = "The trained model is written beside the picture, for `sample` and `walk`."


@dataclass(frozen=True)
class Material:
    """What goes in. checksums: of the pixels of the pictures, and of the model's file, by role."""

    pictures: dict[str, Pixels]
    model: Model | None
    checksums: dict[str, str]


def method_command(method: Method) -> click.Command:
    """The command of a method: what it needs, options for what else it takes, and one for each of its parameters."""
    paints = "model" in method.needs
    return click.Command(
        method.name,
        callback=lambda **values: run(method, **values),
        help="\n\n".join([method.summary, " ".join(_about(method))]),
        short_help=method.title,
        hidden=not (method.listed or paints),
        params=[
            *(click.Argument([role], metavar=_word(method, role)) for role in method.needs),
            click.Option(["-o", "--output"], metavar="FILE", help=_output_help(method)),
            *([] if paints else [_preset_option(method)]),
            *(_role_option(role) for role in method.images if role not in method.needs),
            click.Option(["--device"], type=click.Choice(DEVICES), help="where to compute  [default: TEXTURE_DEVICE]"),
            *options(method.params),
            *seed_options(method),
        ],
    )


def _word(method: Method, role: str) -> str:
    """What a call names a role: SOURCE, CONTENT, STYLE."""
    return method.called.get(role, role).upper()


def _about(method: Method) -> list[str]:
    pictures = [_word(method, role) for role in method.needs if role != "model"]
    about = [PICTURE_HELP.format(" and ".join(pictures), "are each" if len(pictures) > 1 else "is")] if pictures else []
    if "model" in method.needs:
        about.append(MODEL_HELP)
    return [*about, MODEL_TOO] if method.sampler else about


def _output_help(method: Method) -> str:
    endings = (ANIMATION,) if method.name in ANIMATED else ENDINGS
    name = _word(method, method.needs[0])
    return f"a {' or '.join(endings[:2])}  [default: {name}-{method.name}{endings[0]} here]"


def _preset_option(method: Method) -> click.Parameter:
    return click.Option(
        ["--preset"], metavar="|".join(method.params.PRESETS), help="several parameters at once; options go on top"
    )


def _role_option(role: str) -> click.Parameter:
    help = "a model of this method to train further" if role == "model" else ROLES[role].about
    return click.Option([f"--{role.replace('_', '-')}"], metavar="FILE", help=help)


def run(
    method: Method,
    output: str | None,
    device: str | None,
    preset: str | None = None,
    seeds: int | None = None,
    keep: int | None = None,
    by: str | None = None,
    **values: Any,
) -> int | None:
    """Check the call, bring the weights, go through the steps, write what has come of them and say so."""
    asked = given(values, method.params)
    params = method.parse(asked, preset)
    check_seeds(seeds, keep, by)
    runs = [params] if seeds is None else seeded(method, asked, preset, seeds)
    named = {role: str(values[role]) for role in method.images if values[role] is not None}
    material = _material(named)
    method.check(params, sizes_of(material.pictures))
    paths = _paths(method, output, stem(named[method.needs[0]]), keep or 1)
    settings = Settings.from_environment()
    where = choose(device or settings.device)
    judge = (
        None
        if seeds is None
        else Judge(material.pictures["source"], params, by or USUAL, "content" in material.pictures)
    )
    _steps(method, params, material, where)  # which refuses now what only the pixels, or a model, can tell
    if method.network:
        bring(settings, getattr(params, "network", method.network))
    keep_freed_memory()
    attempt = partial(_attempt, method, material, where)
    tile: Tile = "none" if "content" in material.pictures else getattr(params, "tile", "none")
    return _alone(params, attempt, paths[0], tile) if judge is None else _best(runs, attempt, judge, paths, tile)


def _alone(params: Params, attempt: Attempt, path: Path, tile: Tile) -> int | None:
    """One run, and its status."""
    with interruptible() as pressed:
        result = attempt(params, pressed)
    click.echo(_write(result, path, tile))
    return None if result.last else INTERRUPTED


def _best(runs: Sequence[Params], attempt: Attempt, judge: Judge, paths: Sequence[Path], tile: Tile) -> int | None:
    """Runs that differ by their seed, of which as many are kept as there are paths; their status."""
    with interruptible() as pressed:
        trials = compete(runs, len(paths), judge, attempt, pressed)
    kept = [trial.result for trial in trials if trial.result]
    written = [_write(result, path, tile) for result, path in zip(kept, paths, strict=False)]
    for line in [*table(trials, judge, paths), *written]:
        click.echo(line)
    if len(trials) < len(runs) or any(trial.stopped for trial in trials):
        return INTERRUPTED
    if len(kept) < len(paths):
        raise TextureError(f"{len(kept)} of {len(paths)} pictures: {trials[-1].fate}")
    return None


def _attempt(
    method: Method, material: Material, device: torch.device, params: Params, pressed: Pressed, words: str = ""
) -> Result:
    """A run from its first step to its last, or until Ctrl-C is pressed."""
    began = time.monotonic()
    steps = _steps(method, params, material, device)
    last = follow(steps, pressed, words)
    made = recipe(method.name, params.model_dump(mode="json"), material.checksums, last.number, last.total)
    return result_of(last, made, time.monotonic() - began)


def _write(result: Result, path: Path, tile: Tile) -> str:
    """Write it, and what is to be said of that."""
    return f"{' and '.join(map(str, result.write(path)))}: {result.summary(tile)}"


def follow(steps: Iterator[Step], pressed: Pressed, words: str = "") -> Step:
    """Go through to the last step, or to the one at which Ctrl-C was pressed. `steps` stays suspended there."""
    with closing(shown(steps, words)) as visible:
        for step in visible:
            if pressed() or step.last:
                return step
    raise TextureError("the method ended before its last step")


def _material(named: Mapping[str, str]) -> Material:
    """Read what was named. The exemplar of one that only paints is the one that its model was trained on."""
    trained = model_from(named["model"]) if "model" in named else None
    pictures = {role: pixels_from(name, role) for role, name in named.items() if role != "model"}
    if trained is not None:
        pictures.setdefault("source", trained.exemplar)
    checksums = {role: checksum(pixels) for role, pixels in pictures.items()}
    if "model" in named:
        checksums["model"] = hashlib.sha256(Path(named["model"]).read_bytes()).hexdigest()
    return Material(pictures, trained, checksums)


def _paths(method: Method, output: str | None, name: str, count: int) -> list[Path]:
    """Where so many pictures go, the best first; checked before the work. Only what was named is written over."""
    endings = (ANIMATION,) if method.name in ANIMATED else ENDINGS
    beside = [MODEL] if method.sampler else []
    if not output:
        return list(islice(free_names(f"{name}-{method.name}", endings[0], *beside), count))
    first = check_output(output, endings)
    others = free_names(str(first.with_suffix("")), first.suffix, *beside, first=2)
    return [first, *islice(others, count - 1)]


def _steps(method: Method, params: Params, material: Material, device: torch.device) -> Iterator[Step]:
    from texture.images.tensors import to_tensor

    tensors: dict[str, Any] = {role: to_tensor(pixels) for role, pixels in material.pictures.items()}
    return method.run(params, Inputs(**tensors, model=material.model), device)
