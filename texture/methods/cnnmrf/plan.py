"""Which pictures of which sizes meet at each stage of the work from coarse to fine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from texture.errors import InvalidInput
from texture.features.layers import cell_side
from texture.methods.cnnmrf.params import CNNMRFParams, Start
from texture.methods.common.exemplar_copies import copies
from texture.methods.common.given_pictures import check_start
from texture.methods.common.multiscale import scales_within, stage_steps, whole
from texture.methods.common.starting import room_of, scales_from
from texture.methods.sizes import Extent, Sizes, looked_at, times

if TYPE_CHECKING:
    from texture.images.lattice import Lattice

COARSEST_SIDE = 64  # of the result, where nobody asks for another: relu4_1 is left with 8×8 cells
SMALLEST_COPY = 32  # of the exemplar at any scale, scaled and turned: relu4_1 is left with four patches


@dataclass(frozen=True)
class Stage:
    """Steps between one matching and the next.

    Sides are in pixels. opens: whether they are the first ones at that size. variety: what counts in the matching.
    """

    size: Extent
    exemplar: Extent
    steps: int
    opens: bool
    variety: float


def planned(p: CNNMRFParams, sizes: Sizes, lattice: Lattice | None = None) -> tuple[Start, list[Stage]]:
    """What it begins with and the stages after that, for pictures of these sizes; lattice: as in `plan`.

    Raises:
        InvalidInput: a picture to begin with is not there, or has no use; or one is too small for its patches.
    """
    return _start(p, sizes), plan(p, sizes["source"], sizes.get("content"), lattice)


def _start(p: CNNMRFParams, given: Collection[str]) -> Start:
    """What it begins with: what was asked for, or else what there is."""
    check_start(p.start, given)
    if p.start == "lattice" and "content" in given:
        message = "start=lattice: the content says what goes where; take another start, or leave the content out"
        raise InvalidInput(message, field="start", value=p.start)
    if p.start == "content" and "content" not in given:
        raise InvalidInput("start=content: a content picture is needed", field="content")
    return p.begins(given)


def plan(
    p: CNNMRFParams, exemplar: Extent, content: Extent | None = None, lattice: Lattice | None = None
) -> list[Stage]:
    """The stages from coarse to fine for pictures of these sizes: one for each matching.

    lattice: what the result begins with, in pixels of it.

    Raises:
        InvalidInput: a picture is too small for its patches; it names which, and what would do.
    """
    size = p.size if content is None else times(content, max(p.size) / max(content))
    reduced = looked_at(exemplar, p.exemplar_size or min(p.size))
    _check_size(p, size, content)
    _check_exemplar(p, reduced, exemplar)
    count = min(_count(p, size, reduced, content), scales_within(room_of(lattice)))
    stages = []
    for halvings, steps in zip(reversed(range(count)), stage_steps(p.steps, count), strict=True):
        here, theirs = _halved(size, halvings, content), times(reduced, 0.5**halvings)
        for done in range(0, steps, p.rematch):
            stages.append(Stage(here, theirs, min(p.rematch, steps - done), done == 0, p.variety))
    last = max(1, len(stages) - 1)
    return [replace(stage, variety=p.variety * (1 - i / last)) for i, stage in enumerate(stages)]


def _halved(size: Extent, halvings: int, content: Extent | None) -> Extent:
    """What wraps is whole, so that it wraps exactly; a content keeps its shape."""
    smaller = times(size, 0.5**halvings)
    return whole(smaller) if content is None else smaller


def _count(p: CNNMRFParams, size: Extent, exemplar: Extent, content: Extent | None) -> int:
    """How many scales there are: down to COARSEST_SIDE, and while the pictures have patches."""
    most = p.scales or scales_from(p.start == "match", min(size) / COARSEST_SIDE)
    fitting = [
        halvings
        for halvings in range(most)
        if min(_halved(size, halvings, content)) >= smallest_side(p)
        and _smallest_copy(p, times(exemplar, 0.5**halvings)) >= needed_copy(p)
    ]
    return 1 + max(fitting)


def smallest_side(p: CNNMRFParams) -> int:
    """Of a result with at least one patch at each layer, in pixels."""
    return (p.patch_size - 1) * _coarsest(p) + 1


def needed_copy(p: CNNMRFParams) -> int:
    """The shorter side that any copy of the exemplar is to have, in pixels: patches of whole cells, and some choice."""
    return max(SMALLEST_COPY, p.patch_size * _coarsest(p))


def _coarsest(p: CNNMRFParams) -> int:
    return max(map(cell_side, p.layers))


def _smallest_copy(p: CNNMRFParams, exemplar: Extent) -> int:
    return min(min(copy.size) for copy in copies(p, exemplar))


def _check_size(p: CNNMRFParams, size: Extent, content: Extent | None) -> None:
    if min(size) >= smallest_side(p):
        return
    needs = f"patches of {p.patch_size} cells of {max(p.layers, key=cell_side)} need {smallest_side(p)} pixels each way"
    if content is None:
        raise InvalidInput(f"size={size}: {needs}", field="size", value=str(size))
    message = f"the content is {content.width}x{content.height} pixels, the result {size.width}x{size.height}: {needs}"
    raise InvalidInput(message, field="content", value=str(content))


def _check_exemplar(p: CNNMRFParams, reduced: Extent, exemplar: Extent) -> None:
    smallest, needed = _smallest_copy(p, reduced), needed_copy(p)
    if smallest >= needed:
        return
    taken = "" if reduced == exemplar else f", reduced to {reduced.width}x{reduced.height}"
    turned = f", and {smallest} for the smallest copy that was asked for" if smallest < min(reduced) else ""
    wanted = f"at least {needed} each way" + (f" for a patch_size of {p.patch_size}" if needed > SMALLEST_COPY else "")
    message = f"the source texture is {exemplar.width}x{exemplar.height} pixels{taken}{turned}: {wanted}"
    raise InvalidInput(message, field="source", value=str(exemplar))
