"""What can be set for CNNMRF."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from texture.features.layers import LayerWeights, cell_side
from texture.methods.common.exemplar_copies import Degrees, Factors
from texture.methods.common.given_pictures import unused_by
from texture.methods.common.multiscale import MOST_SCALES, RefiningParams, Schedule
from texture.methods.common.network import NetworkParams, known_to_network
from texture.methods.contract import TILE_WORDS, ExemplarParams, Outline
from texture.methods.sizes import Extent, LargeSize, Sizes, Tile

Start = Literal["match", "lattice", "noise", "exemplar", "content", "picture"]
SEEDED = {"match", "lattice", "noise"}  # starts that differ from seed to seed; all else goes by these
FROM_PICTURE = 20  # steps


class CNNMRFParams(RefiningParams, NetworkParams, ExemplarParams):
    """Everything that can be set; the defaults are the best that a minute gives, `paper` is the paper's own."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": "40 30 20", "rematch": 10},
        "standard": {},
        "fine": {"steps": "200 150 150", "rematch": 5},
        "paper": {
            "size": "384",
            "scales": 3,
            "steps": 200,
            "rematch": 1,
            "tile": "none",
            "precision": "float32",
            "detail_layers": None,
            "content_weight": 1.0,
            "variety": 0.0,
            "patch_scales": "0.85 1 1.15",
            "patch_rotations": "-15 0 15",
        },
    }

    size: LargeSize = Field(
        Extent(256, 256),
        description="width and height of the result in pixels: 512 or 640x384; with a content picture the longer of "
        "them is the result's longer side, and the shorter one follows from the content's aspect ratio",
        json_schema_extra={"simple": True},
    )
    tile: Tile = Field(
        "both",
        title="Seamless",
        description="directions in which the result tiles seamlessly; ignored with a content picture",
        json_schema_extra={"simple": True, "x-words": TILE_WORDS},
    )
    content_weight: float = Field(
        0.5,
        ge=0,
        le=1e6,
        description="weight of the content loss, relative to the style loss",
        json_schema_extra={"simple": True},
    )
    layers: LayerWeights = Field(
        {"relu3_1": 1.0, "relu4_1": 1.0}, description="layers whose patches are matched, with weights: relu4_1=2"
    )
    detail_layers: LayerWeights | None = Field(
        {"relu1_1": 0.2, "relu2_1": 1.0},
        description="finer layers, with weights, whose patches follow the matches of the finest of layers; empty: none",
    )
    patch_size: int = Field(3, ge=1, le=7, description="patch size, in cells of the feature map")
    stride: int = Field(1, ge=1, le=7, description="stride between patches of the result, in cells")
    exemplar_stride: int = Field(
        1, ge=1, le=7, title="Source stride", description="stride between patches of the source texture, in cells"
    )
    patch_scales: Factors = Field(
        (1.0,), description="scales of the source texture from which patches are taken: 0.85 1 1.15"
    )
    patch_rotations: Degrees = Field(
        (0.0,), description="rotations of the source texture from which patches are taken, in degrees: -15 0 15"
    )
    variety: float = Field(
        0.5,
        ge=0,
        le=1,
        description="preference for patches of the source texture that the result does not use yet; decays to 0 by the "
        "last matching",
    )
    rematch: int = Field(10, ge=1, le=1000, description="steps between two nearest-neighbour searches")
    content_layers: LayerWeights = Field({"relu4_2": 1.0}, description="layers of the content loss, with weights")
    total_variation: float = Field(
        0.005,
        ge=0,
        le=1e3,
        description="weight of the total variation, relative to the source texture's own",
    )
    start: Start | None = Field(
        None,
        description="initialisation; empty: your own picture if there is one, else the content, else noise. "
        "match: a quick PatchMatch synthesis, guided by the content; lattice: a regular source texture's "
        "pattern, its cells shuffled; exemplar: the source texture itself, repeated or cropped to size",
        json_schema_extra={"x-words": {"exemplar": "Source texture"}},
    )
    match_histogram: bool = Field(
        False, description="match the result's histogram to the source texture's at the end, channel by channel"
    )
    steps: Schedule = (100, 80, 60)
    scales: int | None = Field(
        None, ge=1, le=MOST_SCALES, description="number of scales of the image pyramid; empty: down to 64 pixels"
    )
    history: int = Field(25, ge=1, le=100, description="number of L-BFGS corrections")

    _known_layers = field_validator("layers", "content_layers")(known_to_network)

    def begins(self, given: Collection[str]) -> Start:
        """What the coarsest scale begins with, where these roles are given."""
        return self.start or ("picture" if "initial" in given else "content" if "content" in given else "noise")

    def outline(self, sizes: Sizes) -> Outline:
        """From a picture there is one result, whatever the seed."""
        found, seeded = super().outline(sizes), self.begins(sizes) in SEEDED
        return found if seeded else replace(found, seed=None)

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        return unused_by(self.start)

    def continuing(self, by: int) -> Mapping[str, Any]:
        """A scale for each time that the result is doubled, which a wish for variety would take apart again."""
        return {"start": "picture", "scales": by // 2, "steps": FROM_PICTURE, "variety": 0, "optimiser": "lbfgs"}

    @field_validator("detail_layers")
    @classmethod
    def _finer(cls, detail: dict[str, float] | None, given: ValidationInfo) -> dict[str, float] | None:
        layers = given.data.get("layers", {})
        for name in known_to_network(detail or {}, given):
            if name in layers:
                raise ValueError(f"{name} is already among layers")
            if layers and cell_side(name) > min(map(cell_side, layers)):
                raise ValueError(f"{name} is coarser than the finest of layers, {', '.join(layers)}")
        return detail

    @field_validator("stride")
    @classmethod
    def _leaves_no_gap(cls, stride: int, given: ValidationInfo) -> int:
        if stride > given.data.get("patch_size", stride):
            raise ValueError(f"patches of {given.data['patch_size']} cells would leave gaps")
        return stride
