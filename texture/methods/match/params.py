"""What can be set for `match`, and for `seamless`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator

from texture.methods.common.exemplar_copies import Degrees, Factors
from texture.methods.common.multiscale import Schedule
from texture.methods.contract import ExemplarParams, Params
from texture.methods.sizes import Tile

MOST_MARGIN = 0.9  # of the shorter side: something has to stay


class MatchParams(ExemplarParams):
    """Everything that can be set; the defaults are a good picture in a second or two."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"rounds": "16 10 6 3"},
        "standard": {},
        "fine": {"rounds": "80 60 40 16"},
    }

    rounds: Schedule = Field(
        (40, 28, 16, 8),
        description="rounds of matching and laying: one number for every scale, or one for each from coarse to fine; "
        "the last one holds for all finer scales",
    )
    patch: int = Field(9, ge=3, le=21, description="side of a patch in pixels, odd; larger ones keep larger forms")
    variety: float = Field(
        1.0,
        ge=0,
        le=20,
        description="how dear it is to use a part of the exemplar again and again; more spreads the use, and makes "
        "more seams",
        json_schema_extra={"simple": True},
    )
    colours: float = Field(1.0, ge=0, le=20, description="how strictly the exemplar's distribution of colours is kept")
    phase: float = Field(
        1.0, ge=0, le=100, description="with a regular exemplar: how dear it is to leave the place in its pattern"
    )
    coarsest: int = Field(16, ge=8, le=512, description="shorter side at the coarsest scale, in pixels, at least")
    start: Literal["lattice", "noise", "picture"] | None = Field(
        None,
        description="what to begin with; empty: your own picture where there is one, else the lattice of a regular "
        "exemplar, else patches at random",
    )
    guide_weight: float = Field(1.0, ge=0, le=100, description="what a guide counts for, beside the colours' 1")
    content_weight: float = Field(
        2.0, ge=0, le=100, description="what the brightness of a content picture counts for, beside the colours' 1"
    )
    patch_scales: Factors = Field(
        (1.0,), description="patches are taken from copies of the exemplar of these sizes too: 0.85 1 1.15"
    )
    patch_rotations: Degrees = Field((0.0,), description="and from copies turned by these angles: -15 0 15")

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        return frozenset() if self.start in (None, "picture") else frozenset({"initial", "mask"})

    @field_validator("patch")
    @classmethod
    def _odd(cls, patch: int) -> int:
        if patch % 2 == 0:
            raise ValueError(f"a patch has a pixel in its middle: {patch - 1} or {patch + 1} would do")
        return patch


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
        "both", description="in which directions it repeats without a seam", json_schema_extra={"simple": True}
    )
    margin: Margin = Field(
        0.15,
        description="width of the strip over each seam that is made anew, as a share of the shorter side; all else "
        "stays as it is",
        json_schema_extra={"simple": True},
    )
    seed: int = Field(0, ge=0, lt=2**32, description="same seed, same picture", json_schema_extra={"simple": True})
    patch: int = Field(9, ge=3, le=21, description="side of a patch in pixels, odd; larger ones keep larger forms")
    rounds: Schedule = Field(
        (40, 28, 16, 12, 6, 4, 2),
        description="rounds of matching and laying, from coarse to fine; the last holds for all finer",
    )

    _odd = field_validator("patch")(MatchParams._odd.__func__)  # type: ignore[attr-defined]

    @property
    def matching(self) -> MatchParams:
        """The same for `match`; the size is the picture's."""
        tile: Tile = self.tile
        return MatchParams(tile=tile, seed=self.seed, patch=self.patch, rounds=self.rounds, regular="off")
