"""`python -m texture tile`: a finished picture, repeated."""

from __future__ import annotations

import click

from texture import save
from texture.cli.output_paths import check_output, free_name, stem
from texture.images.sheets import sheet
from texture.images.sources import pixels_from


@click.command()
@click.argument("image")
@click.option("--columns", type=int, default=2, show_default=True, help="repeats across, 1 to 16")
@click.option("--rows", type=int, default=2, show_default=True, help="repeats down, 1 to 16")
@click.option("-o", "--output", metavar="FILE", help="a .png or .jpg  [default: IMAGE-2x2.png here]")
def tile(image: str, columns: int, rows: int, output: str | None) -> None:
    """Repeat a picture across and down into one sheet."""
    repeated = sheet(pixels_from(image, "image"), columns, rows)
    path = check_output(output) if output else free_name(f"{stem(image)}-{columns}x{rows}")
    save(repeated, path)
    height, width = repeated.shape[:2]
    click.echo(f"{path}: {width}x{height} pixels")
