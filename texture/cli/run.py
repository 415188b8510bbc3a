"""`python -m texture METHOD SOURCE`: one method on one picture, from start to file."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from typing import Any, get_args

import click

from texture import save, synthesize
from texture.cli.files import check_output, free_name, stem
from texture.cli.options import given, options
from texture.cli.progress import interruptible, shown
from texture.cli.weights import bring
from texture.device import keep_freed_memory
from texture.errors import TextureError
from texture.images.checksum import checksum
from texture.images.decoding import Pixels
from texture.images.sources import pixels_from
from texture.methods.base import Method, Params, Step, SynthesisParams
from texture.metrics import seam
from texture.recipe import recipe
from texture.settings import Settings

INTERRUPTED = 130
DEVICES = get_args(Settings.model_fields["device"].annotation)


def method_command(method: Method) -> click.Command:
    """The command of a method: a picture, the common options, and one option for each of its parameters."""
    presets = "|".join(method.params.PRESETS)
    return click.Command(
        method.name,
        callback=lambda **values: run(method, **values),
        help=f"{method.summary}\n\nSOURCE is a PNG, JPEG or WebP file, or a built-in picture such as sample:pebbles.",
        short_help=method.title,
        hidden=not method.listed,
        params=[
            click.Argument(["source"]),
            click.Option(["-o", "--output"], metavar="FILE", help="a .png or .jpg  [default: SOURCE-METHOD.png here]"),
            click.Option(["--preset"], metavar=presets, help="several parameters at once; options go on top"),
            click.Option(["--device"], type=click.Choice(DEVICES), help="where to compute  [default: TEXTURE_DEVICE]"),
            *options(method.params),
        ],
    )


def run(
    method: Method, source: str, output: str | None, preset: str | None, device: str | None, **values: Any
) -> int | None:
    """Check the call, bring the weights, go through the steps, write the picture and say so."""
    from texture.images.tensors import to_pixels

    typed = given(values, method.params)
    params = method.parse(typed, preset)
    exemplar = pixels_from(source)
    path = check_output(output) if output else free_name(f"{stem(source)}-{method.name}")
    settings = Settings.from_environment()
    steps = synthesize(method.name, exemplar, device=device or settings.device, preset=preset, **typed)
    if method.network:
        bring(settings)
    keep_freed_memory()
    began = time.monotonic()
    last = follow(steps)
    pixels = to_pixels(last.image)
    checksums = {"source": checksum(exemplar)}
    save(pixels, path, recipe(method.name, params.model_dump(mode="json"), checksums, last.number, last.total))
    click.echo(f"{path}: {_summary(pixels, last, params)}, {time.monotonic() - began:.1f} s")
    return None if last.number == last.total else INTERRUPTED


def follow(steps: Iterable[Step]) -> Step:
    """Go through to the last step, or to the one at which Ctrl-C was pressed. `steps` stays suspended there."""
    with interruptible() as pressed, closing(shown(steps)) as visible:
        for step in visible:
            if pressed() or step.number == step.total:
                return step
    raise TextureError("the method ended before its last step")


def _summary(pixels: Pixels, last: Step, params: Params) -> str:
    height, width = pixels.shape[:2]
    parts = [f"{width}x{height} pixels"]
    if isinstance(params, SynthesisParams) and params.tile != "none":
        parts.append(f"seam ratio {seam(pixels, params.tile).ratio:.2f}")
    if last.number < last.total:
        parts.append(f"stopped at step {last.number} of {last.total}")
    return ", ".join(parts)
