"""`python -m texture upscale RESULT.png`: a finished result, continued at two or four times its size."""

from __future__ import annotations

import click

from texture.cli.method_command import DEVICES
from texture.cli.outputs import FORCE_HELP, Outputs, stem
from texture.cli.run import carry_out
from texture.cli.written_result import further
from texture.runs.enlarging import enlarging


@click.command(short_help="A result at 2 or 4 times its size, with more detail")
@click.argument("result")
@click.option("--by", type=int, default=2, show_default=True, metavar="2|4", help="how many times as large")
@click.option("--source", metavar="FILE", help="the picture that RESULT was made from  [default: the sample it was]")
@click.option("-o", "--output", metavar="FILE", help="a .png, .jpg or .webp  [default: RESULT-x2.png here]")
@click.option("--device", type=click.Choice(DEVICES), help="where to compute  [default: TEXTURE_DEVICE]")
@click.option("--force", is_flag=True, help=FORCE_HELP)
def upscale(
    result: str, by: int, source: str | None, output: str | None, device: str | None, force: bool
) -> int | None:
    """Continue RESULT, a PNG of ours, at two or four times its size.

    It keeps its layout, and tiles as it did; the detail is synthesised from the source texture, which has to have that
    many more pixels. Method and settings are those of the recipe in RESULT.
    """
    prepared = enlarging(result, by, source)
    ends = [*further(prepared.method).values()]
    with Outputs([result, *([source] if source else [])], force) as outputs:
        usual = f"{stem(result)}-x{by}"
        place = outputs.unnamed(usual, ".png", ends) if output is None else outputs.named(output, beside=ends)
        return carry_out(prepared, [prepared.params], [place], device)
