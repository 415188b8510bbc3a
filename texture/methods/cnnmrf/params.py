"""What can be set for CNNMRF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from texture.features.layers import LayerWeights, cell_side
from texture.methods.common.exemplar_copies import Degrees, Factors
from texture.methods.common.multiscale import MOST_SCALES, RefiningParams, Schedule
from texture.methods.common.network import NetworkParams, known_to_network
from texture.methods.contract import ExemplarParams
from texture.methods.sizes import Extent, Size, Tile

Start = Literal["match", "lattice", "noise", "exemplar", "content", "picture"]


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

    size: Size = Field(
        Extent(256, 256),
        description="width and height of the result in pixels: 512 or 640x384; with a content picture the longer of "
        "them is the result's longer side, and the other as the content's shape wants it",
        json_schema_extra={"simple": True},
    )
    tile: Tile = Field(
        "both",
        description="in which directions the result repeats without a seam; with a content picture it does not",
        json_schema_extra={"simple": True},
    )
    content_weight: float = Field(
        0.5,
        ge=0,
        le=1e6,
        description="what a content picture counts for, beside the exemplar's 1",
        json_schema_extra={"simple": True},
    )
    layers: LayerWeights = Field(
        {"relu3_1": 1.0, "relu4_1": 1.0}, description="layers whose patches are matched, with weights: relu4_1=2"
    )
    detail_layers: LayerWeights | None = Field(
        {"relu1_1": 0.2, "relu2_1": 1.0},
        description="finer layers, with weights, whose patches are taken from where the finest of layers found its "
        "matches; empty: none",
    )
    patch_size: int = Field(3, ge=1, le=7, description="side of a patch, in cells of its layer")
    stride: int = Field(1, ge=1, le=7, description="from one patch of the result to the next, in cells")
    exemplar_stride: int = Field(1, ge=1, le=7, description="from one patch of the exemplar to the next, in cells")
    patch_scales: Factors = Field(
        (1.0,), description="the exemplar's patches are taken from copies of these sizes: 0.85 1 1.15"
    )
    patch_rotations: Degrees = Field((0.0,), description="and from copies turned by these angles, in degrees: -15 0 15")
    variety: float = Field(
        0.5,
        ge=0,
        le=1,
        description="how much patches of the exemplar are preferred that the result has nothing like yet; fades to 0 "
        "towards the last matching",
    )
    rematch: int = Field(10, ge=1, le=1000, description="steps after which the best matches are found anew")
    content_layers: LayerWeights = Field(
        {"relu4_2": 1.0}, description="layers whose features are matched to the content's, with weights"
    )
    total_variation: float = Field(
        0.005,
        ge=0,
        le=1e3,
        description="what steps between neighbouring pixels count for, beside the exemplar's own",
    )
    start: Start | None = Field(
        None,
        description="what to begin with; empty: your own picture where there is one, else the content, else noise. "
        "match: the quick picture of PatchMatch, with the content as its guide; lattice: each pixel from its own place "
        "in a regular exemplar's pattern; exemplar keeps its coarse layout, repeated or cut to the size",
    )
    match_histogram: bool = Field(
        False, description="give the result the exemplar's histogram in each channel at the end"
    )
    steps: Schedule = (100, 80, 60)
    scales: int | None = Field(
        None, ge=1, le=MOST_SCALES, description="how often the size is halved, plus one; empty: down to 64 pixels"
    )
    history: int = Field(25, ge=1, le=100, description="corrections that L-BFGS remembers")

    _known_layers = field_validator("layers", "content_layers")(known_to_network)

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        return frozenset() if self.start in (None, "picture") else frozenset({"initial"})

    @field_validator("detail_layers")
    @classmethod
    def _finer(cls, detail: dict[str, float] | None, given: ValidationInfo) -> dict[str, float] | None:
        layers = given.data.get("layers", {})
        for name in known_to_network(detail or {}, given):
            if name in layers:
                raise ValueError(f"{name} is among layers already")
            if layers and cell_side(name) > min(map(cell_side, layers)):
                raise ValueError(f"{name} is coarser than the finest of layers, {', '.join(layers)}")
        return detail

    @field_validator("stride")
    @classmethod
    def _leaves_no_gap(cls, stride: int, given: ValidationInfo) -> int:
        if stride > given.data.get("patch_size", stride):
            raise ValueError(f"patches of {given.data['patch_size']} cells would leave gaps")
        return stride
