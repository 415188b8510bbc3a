"""`python -m texture METHOD …`: one method on one picture or one model, from start to file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from texture.cli.options import given, options
from texture.cli.output_paths import check_output, free_names, stem
from texture.cli.progress_bar import Pressed, interruptible, shown
from texture.cli.seeds import USUAL, Attempt, Judge, check_seeds, compete, seed_options, seeded, table
from texture.cli.weights_command import bring
from texture.cli.written_result import Result, further, result_of
from texture.device import choose, keep_freed_memory
from texture.errors import TextureError
from texture.images.encoding import ENDINGS
from texture.images.sources import pixels_from
from texture.methods.artifacts import PICTURE
from texture.methods.contract import Method, Params, Step
from texture.methods.roles import ROLES
from texture.methods.sizes import Tile
from texture.runs.preparation import Prepared, prepare, trained_from
from texture.settings import Settings

if TYPE_CHECKING:
    import torch

INTERRUPTED = 130
DEVICES = get_args(Settings.model_fields["device"].annotation)
PICTURE_HELP = "{} {} a PNG, JPEG or WebP file, or a built-in picture such as sample:pebbles."
MODEL_HELP = "MODEL is the .safetensors file that a method which trains has left."
MODEL_TOO = "The trained model is written beside the picture, for `sample` and `walk`."


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
    endings = _endings(method)
    name = _word(method, method.needs[0])
    return f"a {' or '.join(endings[:2])}  [default: {name}-{method.name}{endings[0]} here]"


def _endings(method: Method) -> Sequence[str]:
    """How the name may end of what a run is started for."""
    main = method.produces[0]
    return ENDINGS if main == PICTURE else (main.ending,)


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
    prepared = _prepared(method, params, named)
    outline = prepared.outline
    paths = _paths(method, output, stem(named[method.needs[0]]), keep or 1)
    settings = Settings.from_environment()
    where = choose(device or settings.device)
    judge = None if seeds is None else Judge(prepared.pictures["source"], outline, by or USUAL)
    prepared.start(where)  # which refuses now what only the pixels, or a model, can tell
    if outline.network:
        bring(settings, outline.network)
    keep_freed_memory()
    attempt = partial(_attempt, prepared, where)
    if judge is None:
        return _alone(params, attempt, paths[0], outline.tile)
    return _best(runs, attempt, judge, paths, outline.tile)


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


def _attempt(prepared: Prepared, device: torch.device, params: Params, pressed: Pressed, words: str = "") -> Result:
    """A run from its first step to its last, or until Ctrl-C is pressed."""
    began = time.monotonic()
    last = follow(prepared.start(device, params=params), pressed, words)
    made = prepared.recipe(last.number, last.total, params)
    return result_of(prepared.method, last, made, time.monotonic() - began)


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


def _prepared(method: Method, params: Params, named: Mapping[str, str]) -> Prepared:
    """The run on what was named, read and checked."""
    pictures = {role: pixels_from(name, role) for role, name in named.items() if role != "model"}
    return prepare(method, params, pictures, trained_from(named["model"]) if "model" in named else None)


def _paths(method: Method, output: str | None, name: str, count: int) -> list[Path]:
    """Where so many pictures go, the best first; checked before the work. Only what was named is written over."""
    endings, beside = _endings(method), further(method).values()
    if not output:
        return list(islice(free_names(f"{name}-{method.name}", endings[0], *beside), count))
    first = check_output(output, endings)
    others = free_names(str(first.with_suffix("")), first.suffix, *beside, first=2)
    return [first, *islice(others, count - 1)]
