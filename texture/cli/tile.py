"""`python -m texture tile`: a finished picture, repeated."""

from __future__ import annotations

import click

from texture.cli.outputs import FORCE_HELP, Outputs, stem
from texture.cli.writing import Writer
from texture.images.decoding import FINISHED, OWN_PIXELS
from texture.images.encoding import encode_as
from texture.images.sheets import sheet
from texture.images.sources import pixels_from


@click.command(short_help="Repeat a picture")
@click.argument("image")
@click.option("--columns", type=int, default=2, show_default=True, help="repeats across, 1 to 16")
@click.option("--rows", type=int, default=2, show_default=True, help="repeats down, 1 to 16")
@click.option("-o", "--output", metavar="FILE", help="a .png, .jpg or .webp  [default: IMAGE-2x2.png here]")
@click.option("--force", is_flag=True, help=FORCE_HELP)
def tile(image: str, columns: int, rows: int, output: str | None, force: bool) -> None:
    """Repeat a picture across and down into one sheet."""
    repeated = sheet(pixels_from(image, "image", bounds=FINISHED), columns, rows, OWN_PIXELS)
    writer = Writer()
    with Outputs([image], force) as outputs:
        usual = f"{stem(image)}-{columns}x{rows}"
        path = (outputs.unnamed(usual, ".png") if output is None else outputs.named(output)).main
        written = writer.write({path: encode_as(path.suffix.lower(), repeated)})
    height, width = repeated.shape[:2]
    for path in written:
        click.echo(f"{path}: {width}x{height} pixels")
    writer.complain()
