"""What can be set for `match`, for `seamless` and for `mend`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from texture.methods.common.exemplar_copies import Degrees, Factors
from texture.methods.common.given_pictures import unused_by
from texture.methods.common.multiscale import Schedule, work_of
from texture.methods.contract import SIZE, TILE_WORDS, ExemplarParams, Outline, Params
from texture.methods.sizes import LARGEST_SIDE, Extent, LargeSize, Sizes, Tile, times

MEMORY = 2**27, 105  # bytes, and a pixel
COARSEST = LARGEST_SIDE // 2  # pixels: the largest coarsest scale, of an exemplar that has another scale
MOST_MARGIN = 0.9  # of the shorter side: something has to stay


def _odd(patch: int) -> int:
    if patch % 2 == 0:
        raise ValueError(f"must be odd: {patch - 1} or {patch + 1} would do")
    return patch


PatchSide = Annotated[
    int,
    Field(ge=3, le=21, description="patch size in pixels, odd; larger patches preserve larger structures"),
    AfterValidator(_odd),
]
ROUNDS = Field(
    (40, 28, 16, 8),
    description="iterations of matching and voting: one number for all scales, or one per scale from coarse "
    "to fine, the last of which holds for all finer scales",
)
ROUNDS_IN_PLACE = Field(
    (40, 28, 16, 12, 6, 4, 2),
    description="iterations of matching and voting per scale, from coarse to fine; the last holds for all finer scales",
)


def variety_field(usual: float) -> Any:
    """The field for how evenly the exemplar's patches are used."""
    return Field(
        usual,
        ge=0,
        le=20,
        description="penalty on repeated use of the same patches; more gives more variety, and more seams",
        json_schema_extra={"simple": True},
    )


class MatchParams(ExemplarParams):
    """Everything that can be set; the defaults are a good picture in a second or two."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"rounds": "16 10 6 3"},
        "standard": {},
        "fine": {"rounds": "80 60 40 16"},
    }

    size: LargeSize = SIZE
    rounds: Schedule = ROUNDS
    patch: PatchSide = 9
    variety: float = variety_field(1.0)
    colours: float = Field(
        1.0,
        ge=0,
        le=20,
        description="weight of histogram matching: how strictly the source texture's colour distribution is preserved",
    )
    phase: float = Field(
        1.0, ge=0, le=100, description="regular source textures: penalty on leaving the phase of the pattern"
    )
    coarsest: int = Field(16, ge=8, le=COARSEST, description="minimum shorter side at the coarsest scale, in pixels")
    start: Literal["lattice", "noise", "picture"] | None = Field(
        None,
        description="initialisation; empty: your own picture if there is one, else the lattice of a regular "
        "source texture, else random patches",
    )
    guide_weight: float = Field(1.0, ge=0, le=100, description="weight of the guide, relative to colour")
    content_weight: float = Field(
        2.0, ge=0, le=100, description="weight of the content picture's luminance, relative to colour"
    )
    patch_scales: Factors = Field(
        (1.0,), description="scales of the source texture from which patches are taken: 0.85 1 1.15"
    )
    patch_rotations: Degrees = Field(
        (0.0,), description="rotations of the source texture from which patches are taken, in degrees: -15 0 15"
    )

    def outline(self, sizes: Sizes) -> Outline:
        """Its rounds, as work, and its memory; with a content the result has that shape."""
        found, size = super().outline(sizes), self.result_size(sizes.get("content"))
        memory = MEMORY[0] + MEMORY[1] * math.prod(size)
        return replace(found, size=size, work=work_of(found.work, self.rounds), memory=memory)

    def result_size(self, content: Extent | None) -> Extent:
        """The size asked for; with a content its longer side is the result's, in the shape of the content."""
        return self.size if content is None else times(content, max(self.size) / max(content))

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        unused = unused_by(self.start)
        return unused | {"mask"} if unused else unused

    def continuing(self, by: int) -> Mapping[str, Any]:
        """The scale of the result itself, where its forms are found again, and one for each time that it is doubled."""
        return {
            "start": "picture",
            "coarsest": min(self.exemplar_size or COARSEST, *self.size),
            "rounds": self.rounds[-2:],
        }

    @property
    def plain(self) -> bool:
        """Whether patches are taken from the exemplar alone, and from no copies, whose pattern is another one."""
        return (self.patch_scales, self.patch_rotations) == ((1,), (0,))


def _parse_margin(value: object) -> float:
    written = str(value).strip()
    try:
        share = float(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
    except ValueError:
        raise ValueError("write 15% or 0.15") from None
    if not 0 < share <= MOST_MARGIN:
        raise ValueError(f"{written} is not above 0% and at most {MOST_MARGIN:.0%}")
    return share


Margin = Annotated[
    float,
    BeforeValidator(_parse_margin),
    PlainSerializer(lambda share: f"{100 * share:g}%", return_type=str),
    WithJsonSchema({"type": "string", "format": "share", "pattern": r"^[0-9.]+ ?%?$"}),
]


class SeamlessParams(Params):
    """What can be set for making a picture tile."""

    tile: Literal["x", "y", "both"] = Field(
        "both",
        title="Seamless",
        description="directions in which the result tiles seamlessly",
        json_schema_extra={"simple": True, "x-words": TILE_WORDS},
    )
    margin: Margin = Field(
        0.15,
        description="width of the strip over each seam that is resynthesised, as a share of the shorter side; "
        "everything else is left untouched",
        json_schema_extra={"simple": True},
    )
    seed: int = Field(0, ge=0, lt=2**32, description="same seed, same picture", json_schema_extra={"simple": True})
    patch: PatchSide = 9
    rounds: Schedule = ROUNDS_IN_PLACE

    def outline(self, sizes: Sizes) -> Outline:
        """The picture keeps its size."""
        return replace(super().outline(sizes), size=sizes.get("source"), tile=self.tile, seed=self.seed)

    @property
    def matching(self) -> MatchParams:
        """The same for `match`; the size is the picture's."""
        tile: Tile = self.tile
        return MatchParams(tile=tile, seed=self.seed, patch=self.patch, rounds=self.rounds, regular="off")


class MendParams(Params):
    """What can be set for filling a part of a picture."""

    tile: Tile = Field(
        "none",
        title="Seamless",
        description="directions in which the picture tiles already; what is filled then goes on across its borders",
        json_schema_extra={"simple": True, "x-words": TILE_WORDS},
    )
    variety: float = variety_field(0.0)  # a small part of a picture need not have all of its colours
    seed: int = Field(0, ge=0, lt=2**32, description="same seed, same picture", json_schema_extra={"simple": True})
    patch: PatchSide = 9
    rounds: Schedule = ROUNDS_IN_PLACE

    def outline(self, sizes: Sizes) -> Outline:
        """The picture keeps its size."""
        return replace(super().outline(sizes), size=sizes.get("source"), tile=self.tile, seed=self.seed)

    @property
    def matching(self) -> MatchParams:
        """The same for `match`; the size is the picture's."""
        same = {name: getattr(self, name) for name in ("tile", "variety", "seed", "patch", "rounds")}
        return MatchParams(regular="off", **same)
