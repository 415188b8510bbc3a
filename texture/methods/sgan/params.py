"""What can be set for SGAN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from texture.methods.common.training import Batches, Minutes, TrainingParams
from texture.methods.contract import Outline
from texture.methods.sizes import Sizes, times


class SGANParams(TrainingParams):
    """Everything that can be set; the defaults give a good generator in minutes on two cores."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": 600},
        "standard": {},
        "fine": {"steps": 10_000},
        "ensemble": {"scheme": "ensemble"},
        "paper": {
            "steps": 25_000,
            "upsampling": "transposed",
            "base_channels": 64,
            "max_channels": 512,
            "discriminator_channels": 64,
            "discriminator_scales": 1,
            "discriminator_norms": True,
            "spectral_norm": False,
            "loss": "bce",
            "batch": 64,
            "discriminator_rate": 2e-4,
            "beta2": 0.999,
            "weight_decay": 1e-5,
            "ema_decay": 0.0,
            "precision": "float32",
        },
    }
    PRESET_WORDS: ClassVar[Mapping[str, str]] = {
        **TrainingParams.PRESET_WORDS,
        "ensemble": "Several generators in one, for more variety",
    }

    ARCHITECTURE = (
        "noise_channels",
        "depth",
        "base_channels",
        "max_channels",
        "upsampling",
        "discriminator_channels",
        "discriminator_norms",
        "discriminator_scales",
        "spectral_norm",
        "scheme",
        "pairs",
    )
    RENAMED: ClassVar[Mapping[str, str]] = {
        "widest": "max_channels",
        "turns": "rotations",
        "average": "ema_decay",
    }

    steps: Batches = 2000
    minutes: Minutes = None
    depth: int = Field(
        4,
        ge=2,
        le=6,
        description="upsampling layers of the generator, each of which doubles the resolution of the noise field",
    )
    noise_channels: int = Field(
        32, ge=1, le=256, description="channels of the noise field (latent), uniform in [-1, 1]"
    )
    base_channels: int = Field(
        32, ge=4, le=256, description="channels of the generator's last layer; each earlier layer has twice as many"
    )
    max_channels: int = Field(256, ge=4, le=1024, description="upper bound on the channels of a generator layer")
    upsampling: Literal["nearest", "transposed"] = Field(
        "nearest",
        description="how a layer upsamples: nearest neighbour and a convolution, or the paper's transposed "
        "convolution, which leaves checkerboard artefacts",
    )
    crop: int = Field(
        64, ge=16, le=512, description="side of the training crops in pixels: a multiple of 2 to the power of depth"
    )
    batch: int = Field(8, ge=2, le=128, description="batch size: crops per step")
    flips: bool = Field(False, description="augment with random mirroring: for textures without left or right")
    rotations: bool = Field(
        False,
        title="Random rotations",
        description="augment with random 90° rotations: for textures without up or down",
    )
    loss: Literal["hinge", "bce"] = Field(
        "hinge", description="adversarial loss: hinge, or binary cross-entropy with logits"
    )
    discriminator_channels: int = Field(
        48, ge=4, le=256, description="channels of the discriminator's first layer; each later layer has twice as many"
    )
    discriminator_scales: int = Field(
        2,
        ge=1,
        le=3,
        description="number of discriminators: the second sees the crop at half resolution, the third at a quarter",
    )
    discriminator_norms: bool = Field(False, description="use batch normalisation in the discriminator")
    spectral_norm: bool = Field(True, description="use spectral normalisation in the discriminator")
    generator_rate: float = Field(2e-4, gt=0, le=1, description="learning rate of the generator (Adam)")
    discriminator_rate: float = Field(8e-4, gt=0, le=1, description="learning rate of the discriminator (Adam)")
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam β₁: decay of the running mean of the gradients")
    beta2: float = Field(0.99, ge=0, lt=1, description="Adam β₂: decay of the running mean of the squared gradients")
    weight_decay: float = Field(0.0, ge=0, le=0.1, description="L2 weight decay")
    ema_decay: float = Field(
        0.995,
        ge=0,
        lt=1,
        description="EMA decay of the generator: what is shown and kept is the exponential moving average of its "
        "weights",
    )
    scheme: Literal["single", "ensemble"] = Field(
        "single",
        description="single: one generator and its discriminators; ensemble: several pairs trained "
        "independently, and a global pair that learns from all of them",
    )
    pairs: int = Field(3, ge=2, le=8, description="ensemble: number of independently trained pairs")
    precision: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="precision of the convolutions; auto uses bfloat16 where the hardware supports it"
    )

    def outline(self, sizes: Sizes) -> Outline:
        """An exemplar in which no crop would fit is enlarged."""
        found = super().outline(sizes)
        if found.exemplar is None:
            return found
        return replace(found, exemplar=times(found.exemplar, max(1.0, self.crop / min(found.exemplar))))

    @field_validator("crop")
    @classmethod
    def _whole_cells(cls, crop: int, info: ValidationInfo) -> int:
        factor = 2 ** info.data.get("depth", 4)
        if crop % factor:
            lower = crop - crop % factor
            raise ValueError(
                f"not a multiple of {factor}, as depth requires: {lower or factor} or {lower + factor} would do"
            )
        return crop

    @field_validator("discriminator_scales")
    @classmethod
    def _something_left_to_see(cls, scales: int, info: ValidationInfo) -> int:
        crop, depth = info.data.get("crop", 64), info.data.get("depth", 4)
        most = (crop >> (depth - 1)).bit_length()  # each layer of each one halves what it sees
        if scales > most:
            raise ValueError(f"crops of {crop} pixels and depth {depth} leave room for {most}")
        return scales
