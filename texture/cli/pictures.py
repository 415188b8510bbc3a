"""Commands on finished pictures: `tile` and `score`."""

from __future__ import annotations

import json
from typing import Any

import click

from texture import save
from texture.cli.files import check_output, free_name, stem
from texture.images.sheets import sheet
from texture.images.sources import pixels_from
from texture.metrics import seam


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


@click.command()
@click.argument("exemplar")
@click.argument("results", nargs=-1, required=True)
def score(exemplar: str, results: tuple[str, ...]) -> None:
    """Quality numbers of one or more results, as JSON.

    seam: the step across the wrap over the median step inside, in each direction; 1 is as if nothing were.
    """
    scores = {"exemplar": _scores(exemplar, "exemplar"), "results": [_scores(path, "result") for path in results]}
    click.echo(json.dumps(scores, indent=2, ensure_ascii=False))


def _scores(path: str, field: str) -> dict[str, Any]:
    pixels = pixels_from(path, field)
    height, width = pixels.shape[:2]
    seams = {"x": seam(pixels, "x"), "y": seam(pixels, "y")}
    return {
        "picture": path,
        "width": width,
        "height": height,
        "seam": {axis: round(found.ratio, 4) for axis, found in seams.items()},
        "seamless": {axis: found.seamless for axis, found in seams.items()},
    }
