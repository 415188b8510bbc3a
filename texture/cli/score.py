"""`python -m texture score`: quality metrics of finished pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from texture.errors import TextureError
from texture.images.decoding import FINISHED, Pixels
from texture.images.encoding import read_recipe
from texture.images.sources import pixels_from
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.contract import Outline
from texture.methods.registry import find_method
from texture.methods.sizes import Extent, times
from texture.metrics import METRICS, SEAM, ExemplarMetrics, scaled_exemplar, seam

if TYPE_CHECKING:
    from torch import Tensor

LISTED = "\n\n".join(
    f"{one.title.lower()}: {one.help}{'; higher is better' if one.direction == 'higher' else ''}"
    for one in METRICS.values()
)


@click.command(
    short_help="Quality numbers as JSON",
    help=f"""Quality numbers of one or more results, as JSON; lower is better but where it says otherwise.

{LISTED}

seam: {SEAM.help}.

Beside the metrics stand their baselines: the same numbers between two halves of the source texture, which is taken
in the scale in which a result shows it: by the recipe in a PNG of ours, else reduced to the result's shorter side.""",
)
@click.argument("exemplar")
@click.argument("results", nargs=-1, required=True)
def score(exemplar: str, results: tuple[str, ...]) -> None:
    """Print the numbers."""
    source = pixels_from(exemplar, "exemplar")
    pictures = {path: pixels_from(path, "result", bounds=FINISHED) for path in results}
    scores = {"exemplar": _looks(exemplar, source), "results": _scores(source, pictures)}
    click.echo(json.dumps(scores, indent=2))


def _scores(exemplar: Pixels, pictures: Mapping[str, Pixels]) -> list[dict[str, Any]]:
    from texture.images.tensors import to_tensor

    source, known, scores = to_tensor(exemplar), {}, []
    for path, pixels in pictures.items():
        scaled = _scaled(source, path, pixels)
        if scaled.shape not in known:
            known[scaled.shape] = ExemplarMetrics(scaled)
        measured, baselines = known[scaled.shape](to_tensor(pixels)), known[scaled.shape].baselines
        scores.append({**_looks(path, pixels), "metrics": _rounded(measured), "baselines": _rounded(baselines)})
    return scores


def _looks(path: str, pixels: Pixels) -> dict[str, Any]:
    """The metrics of a picture that need no exemplar."""
    height, width = pixels.shape[:2]
    seams = {"x": seam(pixels, "x"), "y": seam(pixels, "y")}
    return {
        "picture": path,
        "width": width,
        "height": height,
        "seam": {axis: round(found.ratio, 4) for axis, found in seams.items()},
        "seamless": {axis: found.seamless for axis, found in seams.items()},
    }


def _scaled(source: Tensor, path: str, pixels: Pixels) -> Tensor:
    own = extent_of(source)
    found = _outline_of(path, own)
    if found is not None:
        return scaled_exemplar(source, found)
    return sized(source, times(own, min(1.0, min(pixels.shape[:2]) / min(own))))


def _outline_of(path: str, exemplar: Extent) -> Outline | None:
    """The outline of the run that made a picture; None if its recipe is missing or unusable."""
    try:
        made = read_recipe(Path(path).read_bytes()) or {}
        if "model" in find_method(made["method"]).needs:
            made = made["model"]  # a picture sampled from a model has the scale at which that was trained
        method, roles = find_method(made["method"]), ("source", *made.get("images", ()))
        return method.outline(method.parse(made["params"]), dict.fromkeys(roles, exemplar))
    except (OSError, TextureError, LookupError, TypeError, AttributeError):  # it may be any JSON
        return None


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in values.items()}
