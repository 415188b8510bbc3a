"""What can be set for style transfer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from texture.features.layers import LayerWeights
from texture.methods.common import number_lists
from texture.methods.common.given_pictures import unused_by
from texture.methods.common.multiscale import MOST_SCALES, RefiningParams, Schedule, work_of
from texture.methods.common.network import NetworkParams, known_to_network
from texture.methods.common.starting import memory_of
from texture.methods.contract import Outline, Params
from texture.methods.sizes import LARGEST_IN_PARTS, Extent, Sizes, times
from texture.methods.style.regions import STYLES

LARGEST_SHARE = 1000.0
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_2"
MEMORY = 200 * 2**20  # bytes without L-BFGS, in bfloat16; float32 takes up to twice as many
MEMORY_A_PIXEL = {"average": 985, "max": 1180}  # by pooling
MEMORY_IN_STRIPS = 600 * 2**20, 178  # and a pixel, of a large one, with either


def _parse_blend(value: object) -> tuple[float, ...]:
    how = "write a number for each style, in their order: 2 1"
    shares = number_lists.parse(value, float, how, low=0, high=LARGEST_SHARE, counts=(0, len(STYLES)))
    if shares and not any(shares):
        raise ValueError("at least one of the numbers must be above 0")
    return shares


Blend = Annotated[
    tuple[float, ...],
    BeforeValidator(_parse_blend),
    number_lists.WRITTEN,
    WithJsonSchema({"type": "string", "format": "blend", "pattern": r"^[0-9. ,]*$"}),
]
"""A number for each style, written "2 1"; none at all where every style counts alike."""


class PaintingParams(Params):
    """What most people want to choose."""

    size: int = Field(
        448,
        ge=64,
        le=LARGEST_IN_PARTS,
        description="longer side of the result in pixels; the shorter one follows from the content's aspect ratio",
        json_schema_extra={"simple": True},
    )
    style_weight: float = Field(
        5e4,
        gt=0,
        le=1e9,
        description="weight of the style loss, relative to the content loss; more leaves less of the content",
        json_schema_extra={"simple": True},
    )
    style_scale: float = Field(
        1.0,
        ge=0.1,
        le=4,
        description="scale of the style's features; at 1 the style image has as many pixels as the result, or "
        "its own if fewer",
        json_schema_extra={"simple": True},
    )
    blend: Blend = Field(
        (),
        description="blending weights of the styles, in their order: 2 1; empty: equal. With a mask, each in its "
        "region",
    )
    keep_colours: bool = Field(
        False,
        description="preserve the content's colours: transfer luminance only; best with a style weight of 1e6",
        json_schema_extra={"simple": True},
    )
    start: Literal["content", "match", "noise", "picture"] | None = Field(
        None,
        description="initialisation; match: the content, put together from the style's patches by PatchMatch; "
        "empty: your own picture if there is one, else the content",
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**32,
        description="random seed of the initialisation by noise or match: same seed, same picture on the same machine",
    )


class StyleParams(RefiningParams, NetworkParams, PaintingParams):
    """Everything that can be set; the defaults are the best that a minute on two cores gives."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"size": 256, "steps": "60 50 30"},
        "standard": {},
        "fine": {"size": 768, "steps": "250 200 150 120 80"},
        "paper": {
            "size": 512,
            "scales": 1,
            "steps": 500,
            "start": "noise",
            "pooling": "average",
            "style_weight": 1000.0,  # of the authors' later code; the paper's ratio is one of sums, not of means
            "total_variation": 0.0,
            "precision": "float32",
        },
    }

    pooling: Literal["average", "max"] = Field(
        "max", description="pooling of the network: max gives crisper strokes, average is the paper's"
    )
    steps: Schedule = Field((100, 100, 70, 40), json_schema_extra={"simple": True})
    scales: int | None = Field(
        None, ge=1, le=MOST_SCALES, description="number of scales of the image pyramid; empty: down to about 48 pixels"
    )
    style_layers: LayerWeights = Field(
        dict.fromkeys(STYLE_LAYERS, 1.0),
        description="layers of the style loss (Gram matrices), with weights: relu1_1 relu5_1=0.2",
    )
    content_layers: LayerWeights = Field({CONTENT_LAYER: 1.0}, description="layers of the content loss, with weights")
    content_weight: float = Field(1.0, ge=0, le=1e9, description="weight of the content loss")
    total_variation: float = Field(
        1e-3, ge=0, le=1e3, description="weight of the total variation; more leaves less grain"
    )

    _known_layers = field_validator("style_layers", "content_layers")(known_to_network)

    def outline(self, sizes: Sizes) -> Outline:
        """The content's shape; a style is looked at in the size that it came in. From a picture there is one result."""
        found, content = super().outline(sizes), sizes.get("content")
        found = replace(found, memory=content and self._memory(content))
        area = float(self.size * self.size)
        return replace(
            found,
            size=content and times(content, self.size / max(content)),
            work=work_of(area, self.steps, self.scales),
            seed=self.seed if self.start in ("match", "noise") else None,
        )

    def _memory(self, content: Extent) -> int | None:
        """Bytes that a result takes at least; None where the layers are not the usual ones."""
        pixels = math.prod(times(content, self.size / max(content)))
        if {*self.style_layers, *self.content_layers} != {*STYLE_LAYERS, CONTENT_LAYER}:
            return None
        return memory_of(pixels, (MEMORY, MEMORY_A_PIXEL[self.pooling]), MEMORY_IN_STRIPS)

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        return unused_by(self.start)
