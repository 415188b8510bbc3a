"""Which pictures of which sizes meet at each scale, and what is refused before the work. No torch here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from texture.errors import InvalidInput
from texture.methods.common.given_pictures import check_shape, check_start
from texture.methods.common.multiscale import scales_within, stage_steps
from texture.methods.common.starting import room_of
from texture.methods.match.params import MatchParams, MendParams, SeamlessParams
from texture.methods.roles import ROLES
from texture.methods.sizes import LARGEST_IN_PARTS, Extent, Sizes, looked_at, times

if TYPE_CHECKING:
    from texture.images.lattice import Lattice

EXEMPLARS = ("source", "source2", "source3", "source4")  # the roles of source textures, each one label of the guide
ROOM = 2  # patches beyond the first, in each direction, that an exemplar has at the coarsest scale
NARROWEST_PART = 3  # pixels, at the coarsest scale, of what is resynthesised
SMALLEST_KEPT = 64


@dataclass(frozen=True)
class Scale:
    """One stage from coarse to fine: sides in pixels of the result and the exemplar, and the rounds at it."""

    size: Extent
    exemplar: Extent
    steps: int
    last: bool
    halvings: int = 0


def plan(
    p: MatchParams, size: Extent, exemplar: Extent, lattice: Lattice | None = None, room: float | None = None
) -> list[Scale]:
    """The scales from coarse to fine.

    exemplar: its size in the result's scale. lattice: what the result starts from, in pixels of the result. room:
    how much smaller the coarsest scale may be, where a part of a picture is resynthesised.

    Raises:
        InvalidInput: the exemplar is too small for its patches.
    """
    least = p.patch + ROOM
    if min(exemplar) < least:
        given = f"the source texture is {exemplar.width}x{exemplar.height} pixels"
        message = f"{given}: at least {least} each way for a patch of {p.patch}"
        raise InvalidInput(message, field="source", value=str(exemplar))
    rooms = [min(size) / p.coarsest, min(exemplar) / max(p.coarsest, least), room_of(lattice)]
    if room is not None:
        rooms.append(room)
    count = scales_within(max(1.0, min(rooms)))
    return [
        Scale(times(size, 0.5**i), times(exemplar, 0.5**i), rounds, i == 0, i)
        for i, rounds in zip(reversed(range(count)), stage_steps(p.rounds, count), strict=True)
    ]


def check_match(p: MatchParams, sizes: Sizes) -> None:
    """Raise InvalidInput where pictures of these sizes do not fit the parameters, or each other."""
    check_start(p.start, sizes)
    if "mask" in sizes and "initial" not in sizes:
        message = "the mask says what is resynthesised in a picture to start from, and there is none"
        raise InvalidInput(message, field="initial")
    if p.start == "lattice":
        _check_lattice(p, sizes)
    _check_guides(sizes)
    size = p.result_size(sizes.get("content"))
    check_shape(sizes, "exemplar_guide", sizes["source"], "the source texture")
    for role in ("guide", "initial"):
        check_shape(sizes, role, size, "the result")
    check_shape(sizes, "mask", sizes.get("initial", size), "the picture to start from")
    for role in exemplars(sizes)[1:]:
        _check_further(p, role, sizes[role])
    plan(p, size, shown_exemplar(p, sizes["source"]))


def exemplars(given: Collection[str]) -> list[str]:
    """The roles of the source textures that are given."""
    return [role for role in EXEMPLARS if role in given]


def _check_guides(given: Collection[str]) -> None:
    """They are a pair, or one for several source textures, each of which is one part."""
    if len(exemplars(given)) > 1:
        if "exemplar_guide" in given:
            message = "each of several source textures is one part: leave the guide of the source texture out"
            raise InvalidInput(message, field="exemplar_guide")
        if "guide" not in given:
            raise InvalidInput("several source textures: a guide is needed that says which goes where", field="guide")
        return
    for one, other in (("guide", "exemplar_guide"), ("exemplar_guide", "guide")):
        if one in given and other not in given:
            needed = "the guide of the source texture" if other == "exemplar_guide" else "the guide of the result"
            raise InvalidInput(f"guides come in pairs: {needed} is needed too", field=other)


def _check_further(p: MatchParams, role: str, size: Extent) -> None:
    """Of a source texture that is not the first."""
    least, shown = p.patch + ROOM, shown_exemplar(p, size)
    if min(shown) < least:
        message = f"{ROLES[role].words} is {shown} pixels: at least {least} each way for a patch of {p.patch}"
        raise InvalidInput(message, field=role, value=str(size))


def _check_lattice(p: MatchParams, given: Collection[str]) -> None:
    """What says what goes where leaves nothing to a lattice, and copies have another one."""
    for role in ("content", "guide"):
        if role in given:
            message = f"start=lattice: the {role} says what goes where; take another start, or leave the {role} out"
            raise InvalidInput(message, field="start", value=p.start)
    if not p.plain:
        message = "start=lattice: scaled and rotated copies have another pattern; take another start, or leave "
        raise InvalidInput(f"{message}patch_scales and patch_rotations as they are", field="start", value=p.start)


def shown_exemplar(p: MatchParams, exemplar: Extent) -> Extent:
    """The exemplar's size in the result's scale."""
    return looked_at(exemplar, p.exemplar_size or min(p.size))


def check_seamless(p: SeamlessParams, sizes: Sizes) -> None:
    """Raise InvalidInput where a picture of that size cannot be made to tile."""
    size = sizes["source"]
    _check_kept(size)
    if strip_width(p, size) < p.patch:
        message = f"margin={100 * p.margin:g}%: {strip_width(p, size)} pixels of {size}, at least a patch of {p.patch}"
        raise InvalidInput(message, field="margin", value=f"{100 * p.margin:g}%")


def check_mend(p: MendParams, sizes: Sizes) -> None:
    """Raise InvalidInput where a picture of that size cannot be mended, or the mask does not fit it."""
    _check_kept(sizes["source"])
    check_shape(sizes, "mask", sizes["source"], "the picture")


def _check_kept(size: Extent) -> None:
    """Of a picture most of which stays as it is."""
    if not min(size) >= SMALLEST_KEPT or max(size) > LARGEST_IN_PARTS:
        limits = f"{SMALLEST_KEPT} to {LARGEST_IN_PARTS} pixels each way"
        raise InvalidInput(f"the picture is {size}: {limits}", field="source", value=str(size))


def strip_width(p: SeamlessParams, size: Extent) -> int:
    """The pixels on both sides of a seam that are resynthesised."""
    return round(p.margin * min(size))
