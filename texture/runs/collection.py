"""The artifacts of a run after a step, as files: the only place where they are drawn and encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from texture.images.decoding import Pixels
from texture.images.encoding import encode_png
from texture.methods.artifacts import PICTURE, Artifact
from texture.methods.contract import Method, Step

if TYPE_CHECKING:
    from torch import Tensor

    from texture.images.map_files import Levels

Thick = TypeVar("Thick", Pixels, "Levels", "Tensor")

ENOUGH = 1024  # pixels a side, from which a picture for the screen is reduced


def left(method: Method, step: Step) -> list[Artifact]:
    """The artifacts available if a run ended with this step, the main one first.

    Raises:
        ValueError: the step has something that its method does not say it produces.
    """
    for artifact in step.artifacts:
        if artifact not in method.leaves:
            raise ValueError(f"{method.name} does not declare that it produces {artifact.name}")
    return [artifact for artifact in method.leaves if artifact == PICTURE or artifact in step.artifacts]


def encoded(
    artifact: Artifact, made: Tensor | Levels | bytes, recipe: Mapping[str, Any] | None = None, for_screen: bool = False
) -> bytes:
    """An artifact of a step as a file.

    recipe: goes into a picture. for_screen: no larger and no finer than a screen needs it.
    """
    if isinstance(made, bytes):
        return made
    from texture.images.map_files import encode_map
    from texture.images.tensors import to_levels, to_pixels

    if isinstance(made, np.ndarray):
        return encode_map(made)
    if artifact.bits == 8 and len(made) == 3:
        pixels = to_pixels(made)
        return encode_png(thinned(pixels) if for_screen else pixels, recipe)
    levels = to_levels(made, 8 if for_screen else artifact.bits)
    return encode_map(thinned(levels) if for_screen else levels)


def thinned(pixels: Thick) -> Thick:
    """A very large picture by every n-th pixel, so that making a small one of it costs neither time nor memory."""
    step = max(1, min(pixels.shape[:2]) // ENOUGH)
    return pixels[::step, ::step]
