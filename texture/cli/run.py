"""`python -m texture METHOD …`: one method on one picture or one model, from start to file."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click

from texture import save
from texture.cli.files import MODEL, check_output, free_name, stem
from texture.cli.options import given, options
from texture.cli.progress import interruptible, shown
from texture.cli.weights import bring
from texture.device import choose, keep_freed_memory
from texture.errors import TextureError
from texture.images.checksum import checksum
from texture.images.decoding import Pixels
from texture.images.encoding import ENDINGS, write_atomically
from texture.images.sources import pixels_from
from texture.jobs.files import MODEL as MODEL_FILE
from texture.methods.base import Method, Params, Step, Tile, sizes_of
from texture.methods.inputs import ROLES, Inputs
from texture.methods.model import Model, model_from
from texture.metrics import seam
from texture.recipe import recipe
from texture.settings import Settings

INTERRUPTED = 130
DEVICES = get_args(Settings.model_fields["device"].annotation)
ANIMATED = ("walk",)  # methods whose result moves
ANIMATION = ".webp"
ANIMATION_FILE = "animation.webp"  # as a step calls it
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
    help = "a model of this method to train further" if role == "model" else ROLES[role].words
    return click.Option([f"--{role}"], metavar="FILE", help=help)


def run(
    method: Method,
    output: str | None,
    device: str | None,
    preset: str | None = None,
    **values: Any,
) -> int | None:
    """Check the call, bring the weights, go through the steps, write what has come of them and say so."""
    params = method.parse(given(values, method.params), preset)
    named = {role: str(values[role]) for role in method.images if values[role] is not None}
    material = _material(named)
    method.check(params, sizes_of(material.pictures))
    path = _path(method, output, stem(named[method.needs[0]]))
    settings = Settings.from_environment()
    steps = _steps(method, params, material, device or settings.device)
    if method.network:
        bring(settings, getattr(params, "network", method.network))
    keep_freed_memory()
    began = time.monotonic()
    last = follow(steps)
    made = recipe(method.name, params.model_dump(mode="json"), material.checksums, last.number, last.total)
    written, pixels = _write(last, path, made)
    tile: Tile = "none" if "content" in material.pictures else getattr(params, "tile", "none")
    click.echo(f"{' and '.join(map(str, written))}: {_summary(pixels, last, tile)}, {time.monotonic() - began:.1f} s")
    return None if last.last else INTERRUPTED


def follow(steps: Iterable[Step]) -> Step:
    """Go through to the last step, or to the one at which Ctrl-C was pressed. `steps` stays suspended there."""
    with interruptible() as pressed, closing(shown(steps)) as visible:
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


def _path(method: Method, output: str | None, name: str) -> Path:
    """Where the picture goes; checked before the work."""
    endings = (ANIMATION,) if method.name in ANIMATED else ENDINGS
    if output:
        return check_output(output, endings)
    return free_name(f"{name}-{method.name}", endings[0], *([MODEL] if method.sampler else []))


def _steps(method: Method, params: Params, material: Material, device: str) -> Iterator[Step]:
    where = choose(device)
    from texture.images.tensors import to_tensor  # torch, which `choose` has loaded

    tensors: dict[str, Any] = {role: to_tensor(pixels) for role, pixels in material.pictures.items()}
    return method.run(params, Inputs(**tensors, model=material.model), where)


def _write(last: Step, path: Path, made: dict[str, Any]) -> tuple[list[Path], Pixels]:
    """The picture, or the animation, and the model where there is one; what was written, and the newest picture."""
    from texture.images.tensors import to_pixels

    pixels, written = to_pixels(last.image), [path]
    if ANIMATION_FILE in last.files:
        write_atomically(path, last.files[ANIMATION_FILE]())
    else:
        save(pixels, path, made)
    for name, draw in last.maps.items():
        written.append(path.with_name(f"{path.stem}-{name}.png"))
        save(draw(), written[-1])
    if MODEL_FILE in last.files:
        written.append(path.with_suffix(MODEL))
        write_atomically(written[-1], last.files[MODEL_FILE]())
    return written, pixels


def _summary(pixels: Pixels, last: Step, tile: Tile) -> str:
    height, width = pixels.shape[:2]
    parts = [f"{width}x{height} pixels"]
    if ANIMATION_FILE in last.files:
        parts.append(f"{last.number} pictures in a loop")
    if tile != "none":
        parts.append(f"seam ratio {seam(pixels, tile).ratio:.2f}")
    if not last.last:
        parts.append(f"stopped at step {last.number}{f' of {last.total}' if last.total else ''}")
    return ", ".join(parts)
