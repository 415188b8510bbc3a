"""Where methods that refine pixels begin: with the quick picture of `match`, or in step with a regular exemplar.

No torch here until a job runs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from texture.errors import InvalidInput
from texture.features.layers import WHOLE
from texture.methods.common.multiscale import Begin, Place, Stage, WithExemplar, refine, scales_within
from texture.methods.contract import State, Step
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, Tile

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.images.lattice import Lattice
    from texture.methods.match.patchmatch import Work
    from texture.methods.match.plan import Scale
    from texture.optimisers import Optimiser

SHORTEST_PERIOD = 5  # pixels: what is left of a lattice at the coarsest scale

S = TypeVar("S", bound=Stage)
Sizing = tuple[int, int]  # bytes, and bytes a pixel


def matching(
    size: Extent, exemplar: Extent, images: Inputs, device: torch.device, *, tile: Tile, seed: int, whole: Extent
) -> Work:
    """The work of `match` that makes a picture to begin with, of that size; a content is its guide.

    exemplar: the size at which that is looked at. whole: the result's size, in whose pixels the lattice is.

    Raises:
        InvalidInput: the exemplar is too small for its patches.
    """
    from texture.methods.match.params import MatchParams
    from texture.methods.match.patchmatch import Work

    p = MatchParams(tile=tile, seed=seed).model_copy(update={"size": size, "exemplar_size": min(exemplar)})
    lattice = images.lattice and _at(size, whole, images.lattice)
    return Work(p, Inputs(images.source, content=images.content, lattice=lattice), device)


def check_matching(size: Extent, exemplar: Extent) -> None:
    """Raise InvalidInput where an exemplar of that size is too small for `match` to begin with."""
    from texture.methods.match.params import MatchParams
    from texture.methods.match.plan import plan

    plan(MatchParams(), size, exemplar)


def steps_after(
    first: Work | None,
    stages: Sequence[S],
    begin: Begin[S],
    tile: Tile,
    step: Callable[[Place, Optimiser], Step],
    state: State | None,
    taken: Callable[[Tensor], Tensor] = lambda picture: picture,
) -> Iterator[Step]:
    """The steps of a method that refines, after those of `match` where it begins with its picture.

    Both are stages of one piece of work: counted through, written down and taken up again alike.

    first: the work of `match`, or None. stages, begin, tile, state: the method's own, as `refine` takes them. step:
    what it yields where it has come to. taken: makes what it refines of a picture, 3×H×W in 0..1.
    """
    if first is None:
        yield from itertools.starmap(step, refine(stages, begin, tile, state))
        return
    every: list[S | Scale] = [*first.scales, *stages]

    def begin_either(stage: S | Scale, exact: bool, image: Tensor | None, state: State | None) -> Optimiser:
        from texture.methods.match.plan import Scale

        if isinstance(stage, Scale):
            return first.begin(stage, exact, image, state)
        if stage is stages[0] and image is not None and not exact:
            image = taken(image.clamp(0, 1))
            first.forget()
        return begin(stage, exact, image, state)

    for at, search in refine(every, begin_either, tile, state):
        yield replace(first.step(at, search), artifacts={}) if at.stage < len(first.scales) else step(at, search)


def in_pattern(exemplar: Tensor, lattice: Lattice, stage: WithExemplar, whole: Extent, seed: int) -> Tensor:
    """Pixels of the exemplar, C×h×w, each from its own place in the pattern: C×H×W, of the stage's size.

    Each cell of the pattern comes from another place of the exemplar, moved there by a vector of the lattice.

    whole: the result's size, in whose pixels the lattice is.
    """
    import torch

    from texture.methods.match.patchmatch import in_phase

    basis = _at(stage.size, whole, lattice).matrix
    source = torch.from_numpy(in_phase(basis, stage, 1, np.random.default_rng(seed))).long().to(exemplar.device)
    return exemplar[:, source[0], source[1]]


def pattern_of(start: str | None, lattice: Lattice | None) -> Lattice | None:
    """The lattice that a result begins with, which is what `start=lattice` asks for; None where something else is.

    Raises:
        InvalidInput: none was found.
    """
    if start != "lattice":
        return None
    if lattice is None:
        message = "start=lattice: the source texture has no regular pattern, or regular is off; take another start"
        raise InvalidInput(message, field="start", value="lattice")
    return lattice


def scales_from(has_forms: bool, room: float) -> int:
    """How many scales there are where nobody asks: all that there is room for, or one.

    has_forms: whether what it begins with has the large forms already, as the picture of `match` has.
    """
    return 1 if has_forms else scales_within(room)


def memory_of(pixels: int, small: Sizing, large: Sizing) -> int:
    """Bytes that a result of so many pixels takes at least, which a network looks at.

    small, large: of one that it sees whole, of one in strips. What `match` takes that makes its start is less.
    """
    fixed, a_pixel = small if pixels <= WHOLE else large
    return fixed + a_pixel * pixels


def room_of(lattice: Lattice | None) -> float:
    """How many times smaller a picture may be until its pattern is too fine to begin with."""
    if lattice is None:
        return math.inf
    return min(math.hypot(*vector) for vector in lattice.basis) / SHORTEST_PERIOD


def _at(size: Extent, whole: Extent, lattice: Lattice) -> Lattice:
    """The lattice of a result of the size `whole`, in one of that size."""
    return lattice.scaled(size.height / whole.height, size.width / whole.width)
