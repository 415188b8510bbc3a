"""What can be set for texture networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from texture.features.layers import LayerWeights
from texture.methods.common.network import NetworkParams, known_to_network
from texture.methods.common.training import Batches, Minutes, TrainingParams
from texture.methods.contract import Outline
from texture.methods.sizes import Sizes

CELL = 16  # pixels: what VGG's poolings make one of


class TexNetParams(NetworkParams, TrainingParams):
    """Everything that can be set; the defaults give a good network in minutes on two cores."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": 300},
        "standard": {},
        "fine": {"steps": 5000},
        "paper": {
            "steps": 1500,
            "architecture": "pyramid",
            "scales": 6,
            "channels": 8,
            "branch": 8,
            "noise_channels": 1,
            "batch": 16,
            "side": 256,
            "layers": "relu1_1 relu2_1 relu3_1 relu4_1 relu5_1",
            "whitening": 0.0,
            "rooted": False,
            "views": 1,
            "pooled_statistics": False,
            "learning_rate": 0.1,
            "decay": "steps",
            "freeze_fraction": 0.0,
            "precision": "float32",
        },
    }

    ARCHITECTURE = ("task", "architecture", "scales", "noise_channels", "branch", "channels", "max_channels", "blocks")
    RENAMED: ClassVar[Mapping[str, str]] = {
        "widest": "max_channels",
        "together": "pooled_statistics",
        "settling": "freeze_fraction",
    }

    pooling: Literal["average", "max"] = Field(
        "max", description="pooling of the network; average pooling is blind to checkerboard patterns"
    )

    task: Literal["texture", "stylise"] = Field(
        "texture",
        description="what is trained: a texture generator, or a feed-forward style transfer network, for which tile is "
        "ignored and size bounds the preview",
        json_schema_extra={"simple": True},
    )
    steps: Batches = 1000
    minutes: Minutes = None
    layers: LayerWeights = Field(
        dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1"), 1.0),
        description="layers whose statistics are matched, with weights: relu1_1 relu2_1=0.5",
    )
    whitening: float = Field(
        0.5,
        ge=0,
        le=1,
        description="whitening of the feature statistics: 0 is Gatys' Gram loss, 1 weights all principal axes equally",
    )
    rooted: bool = Field(True, title="Square-root loss", description="use the square root of each layer's loss")
    views: int = Field(
        2, ge=1, le=4, description="resolutions at which the loss is evaluated, each half of the previous one"
    )
    pooled_statistics: bool = Field(
        True,
        description="pool the statistics over the batch: normalise and compare it as parts of one image; else "
        "each image by itself",
    )
    content_layers: LayerWeights = Field(
        {"relu4_2": 1.0}, description="stylise: layers of the content loss, with weights"
    )
    content_weight: float = Field(
        0.4, ge=0, le=1000, description="stylise: weight of the content loss, relative to the style loss"
    )
    total_variation: float = Field(
        1e-5, ge=0, le=1, description="stylise: weight of the total variation, in squared grey levels"
    )
    scales: int = Field(
        5, ge=2, le=6, description="texture: number of scales of the generator, each twice the size of the previous one"
    )
    batch: int = Field(4, ge=1, le=64, description="batch size: images per step")
    side: int = Field(128, ge=32, le=512, description="side of the images in a batch, pixels: a multiple of 16")
    learning_rate: float = Field(0.01, gt=0, le=1, description="initial learning rate of Adam")
    decay: Literal["cosine", "steps"] = Field(
        "cosine", description="learning rate schedule: cosine decay, or times 0.8 after each fifth of the training"
    )
    freeze_fraction: float = Field(
        0.25,
        ge=0,
        le=0.9,
        description="texture: final fraction of the training during which the normalisation statistics are frozen",
    )
    architecture: Literal["tapered", "pyramid"] = Field(
        "tapered",
        description="texture: channels halve from the coarsest scale to the finest (tapered), or grow with each "
        "scale as in the paper (pyramid)",
    )
    noise_channels: int = Field(
        4,
        ge=1,
        le=16,
        description="texture: noise channels at the coarsest scale; each finer scale has half as many, at least 1",
    )
    branch: int = Field(8, ge=1, le=64, description="texture: channels of the noise branch at each scale")
    channels: int = Field(
        24, ge=4, le=64, description="channels at the finest scale; each coarser scale has twice as many"
    )
    max_channels: int = Field(96, ge=4, le=384, description="texture: upper bound on the channels of a scale")
    blocks: int = Field(4, ge=1, le=12, description="stylise: number of residual blocks")

    _known_layers = field_validator("layers", "content_layers")(known_to_network)

    @property
    def unused(self) -> frozenset[str]:
        """No content, where a texture is learnt."""
        return frozenset({"content"}) if self.task == "texture" else frozenset()

    def outline(self, sizes: Sizes) -> Outline:
        """A model that repaints wants a picture to repaint."""
        return replace(super().outline(sizes), samples=self.task == "texture")

    @model_validator(mode="before")
    @classmethod
    def _no_tile(cls, given: Any) -> Any:
        """A repainted picture is none."""
        return {**given, "tile": "none"} if isinstance(given, dict) and given.get("task") == "stylise" else given

    @field_validator("side")
    @classmethod
    def _whole_cells(cls, side: int, info: ValidationInfo) -> int:
        cell = max(CELL * 2 ** (info.data.get("views", 1) - 1), 2 ** (info.data.get("scales", 1) - 1))
        if side % cell or side < 2 * cell:
            lower, least = side - side % cell, 2 * cell
            would = f"{lower} or {lower + cell}" if lower >= least else str(least)
            raise ValueError(f"not a multiple of {cell} from {least} up, as views and scales require: {would} would do")
        return side
