"""The maps of an exemplar, carried along: each pixel of the result takes its own from where it comes from itself.

Nothing is averaged: a value of 16 bits is copied as it is, and a normal keeps its length. Only where the exemplar
itself is looked at in another size, or turned, its maps are, too, in the same way; normals are then turned by as much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor

from texture.images.map_files import Levels
from texture.images.tensors import to_levels
from texture.materials.given import turned
from texture.materials.maps import NORMAL
from texture.methods.artifacts import MAP_FILES
from texture.methods.common.exemplar_copies import Copy
from texture.methods.common.multiscale import extent_of, extents_of
from texture.methods.common.origins import copied
from texture.methods.common.sources import Sources
from texture.methods.contract import Params, Step
from texture.methods.roles import Inputs
from texture.methods.sizes import times


def carrying_maps(steps: Iterator[Step], p: Params, images: Inputs) -> Iterator[Step]:
    """The steps of a run, each with the maps besides. p, images: as the method was given them."""
    outline = p.outline(extents_of(images))
    shown = outline.exemplar or extent_of(images.source)

    def traced_in(step: Step) -> Sources:
        from texture.methods.match.tracing import traced

        picture = step.image
        share = 1.0 if outline.size is None else extent_of(picture).width / outline.size.width
        return traced(picture, images.source, times(shown, share), outline.tile)

    for step in steps:
        sources = cache(step.sources or partial(traced_in, step))
        maps = {MAP_FILES[name]: partial(_laid_from, name, levels, sources) for name, levels in images.maps.items()}
        yield replace(step, artifacts={**step.artifacts, **maps})


def _laid_from(name: str, levels: Levels, sources: Callable[[], Sources]) -> Levels:
    return laid(name, levels, sources())


def laid(name: str, levels: Levels, sources: Sources) -> Levels:
    """A map of the exemplar, H×W or H×W×3, laid out as the result is: in as many bits."""
    shown = [copied_map(name, levels, copy) for copy in sources.copies]
    number, row, column = (one.cpu().numpy() for one in (sources.copy, sources.row, sources.column))
    result: Levels = np.empty((*number.shape, *levels.shape[2:]), levels.dtype)
    for place, one in enumerate(shown):
        here = number == place
        result[here] = one[row[here], column[here]]
    return result


def copied_map(name: str, levels: Levels, copy: Copy) -> Levels:
    """A map as that copy of the exemplar has it: as it is, where the copy is of its size and upright."""
    if (copy.size.height, copy.size.width) == levels.shape[:2] and copy.degrees % 360 == 0:
        return levels
    picture = copied(as_tensor(levels), copy)
    if name == NORMAL.name:
        angle = np.deg2rad(copy.degrees)
        rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        vectors = turned((picture * 2 - 1).numpy(), rotation)
        picture = torch.from_numpy(vectors) * 0.5 + 0.5
    return to_levels(picture, 16 if levels.dtype == np.uint16 else 8)


def as_tensor(levels: Levels) -> Tensor:
    """C×H×W float32 in 0..1, from which `to_levels` gives the same levels."""
    values = torch.from_numpy(levels.astype(np.float32)) / np.iinfo(levels.dtype).max
    return values[None] if values.dim() == 2 else values.permute(2, 0, 1).contiguous()
