"""A finished result, prepared to be continued at two or four times its size, by the recipe in its PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from texture.errors import InvalidInput
from texture.images.checksum import checksum
from texture.images.decoding import FINISHED, Pixels, decode_own
from texture.images.encoding import read_recipe
from texture.images.samples import samples
from texture.images.sources import Source, pixels_from
from texture.methods.common.continued import continued
from texture.methods.registry import find_method
from texture.methods.sizes import sizes_of
from texture.runs.preparation import Prepared, prepare
from texture.wording import system_reason


def enlarging(result: Path | str | bytes, by: int, source: Source | None = None) -> Prepared:
    """The run that begins with a result at `by` times its size.

    result: a PNG of ours, as a path or a file's bytes. source: the picture that it was made from; None: one of the
    samples, by its pixels.

    Raises:
        InvalidInput: it has no recipe, was stopped on its way, or cannot be continued; or that is not its source.
        NotFound: no sample, or no method, of that name.
    """
    name, data = _read(result)
    recipe, pixels = _recipe(name, data), decode_own(data, "result", bounds=FINISHED)
    method = find_method(str(recipe["method"]))
    if others := sorted(set(recipe["images"]) - {"source", "initial"}):
        raise InvalidInput(f"{name} was also made with: {others[0]}, which cannot be given here", field="result")
    exemplar = _source(name, source, str(recipe["exemplar"]))
    p: Any = continued(method, recipe["params"], sizes_of({"source": exemplar}), by)
    height, width = pixels.shape[:2]
    if (width * by, height * by) != tuple(p.size):
        made = f"{p.size.width // by}x{p.size.height // by}"
        raise InvalidInput(f"{name} has {width}x{height} pixels, and was made with {made}", field="result", value=name)
    return prepare(method, p, {"source": exemplar, "initial": pixels})


def _read(result: Path | str | bytes) -> tuple[str, bytes]:
    """What an error calls it, and its bytes."""
    if isinstance(result, bytes):
        return "the result", result
    try:
        return str(result), Path(result).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{result}: {system_reason(error)}", field="result", value=str(result)) from error


def _recipe(name: str, data: bytes) -> dict[str, Any]:
    """That of a run that went to its end, as far as it is needed."""
    try:
        found = read_recipe(data)
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error}", field="result", value=name) from error
    kinds = {"method": str, "params": dict, "images": dict, "exemplar": str}
    if not found or not all(isinstance(found.get(key), kind) for key, kind in kinds.items()):
        raise InvalidInput(f"{name} has no recipe in it: give a PNG that Texture Lab made", field="result", value=name)
    if found.get("step") != found.get("steps"):
        words = f"{name} was stopped at step {found.get('step')} of {found.get('steps')}: give a finished result"
        raise InvalidInput(words, field="result", value=name)
    return found


def _source(name: str, source: Source | None, wanted: str) -> Pixels:
    """The picture that has this checksum."""
    if source is None:
        for sample in samples().values():
            if checksum(pixels := sample.pixels()) == wanted:
                return pixels
        raise InvalidInput(f"{name} was made from a picture of yours: say which one (source)", field="source")
    pixels = pixels_from(source)
    if checksum(pixels) != wanted:
        raise InvalidInput(f"{name} was made from another picture than this source", field="source")
    return pixels
