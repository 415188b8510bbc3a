"""`walk`: a loop through the latent space of a trained generator, as an animation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from texture.methods.artifacts import ANIMATION, PICTURE
from texture.methods.common.sampling import as_image, noise_field, paint, sampler_of
from texture.methods.contract import State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sample import SampleParams
from texture.methods.sizes import Extent, SampleSize
from texture.wording import Limits, OutOfRange

if TYPE_CHECKING:
    import torch
    from torch import Tensor


MEGAPIXELS = 64  # of all frames together, which are in memory until they are written


class WalkParams(SampleParams):
    """A loop through noise fields. Its length in seconds is `frames` / `rate`."""

    MOST_PIXELS: ClassVar[int] = MEGAPIXELS * 2**20
    LARGEST_SIDE: ClassVar[int] = 1024

    size: SampleSize = Field(
        Extent(256, 256),
        description="width and height in pixels, at most 1024",
        json_schema_extra={"simple": True, "x-largest": LARGEST_SIDE},
    )
    frames: int = Field(
        96, ge=4, le=480, description="number of frames in the animation", json_schema_extra={"simple": True}
    )
    stops: int = Field(
        4,
        ge=2,
        le=32,
        title="Keyframes",
        description="number of keyframes: latent noise fields that the animation interpolates between",
        json_schema_extra={"simple": True},
    )
    rate: int = Field(24, ge=1, le=60, title="FPS", description="frames per second")

    @field_validator("size")
    @classmethod
    def _small(cls, size: Extent) -> Extent:
        if max(size) > cls.LARGEST_SIDE:
            raise OutOfRange(Limits(highest=cls.LARGEST_SIDE, unit="pixels"))
        return size

    @field_validator("frames")
    @classmethod
    def _fit(cls, frames: int, given: ValidationInfo) -> int:
        size: Extent = given.data.get("size", Extent(1, 1))
        most = cls.MOST_PIXELS // (size.width * size.height)
        if frames > most:
            raise OutOfRange(Limits(lowest=4, highest=most), hint=f"{MEGAPIXELS} megapixels in all, at size {size}")
        return frames


@method(
    "walk",
    title="Animation from a model",
    paper="none",
    params=WalkParams,
    images=("model",),
    produces=(ANIMATION, PICTURE),
    needs=("model",),
    listed=False,
    brief=True,
)
def walk(p: WalkParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Latent interpolation: a loop through noise fields, whose pictures change smoothly into one another."""
    sampler = sampler_of(images, device)
    fields = [noise_field(sampler, p.size, p.tile, p.seed + stop) for stop in range(p.stops)]
    frames: list[Tensor] = [] if state is None else list(state["frames"])
    while len(frames) < p.frames:
        frames.append(paint(sampler, between(fields, len(frames) / p.frames), p).permute(1, 2, 0))
        yield Step(
            len(frames),
            p.frames,
            partial(as_image, frames[-1]),
            {},
            lambda: {"frames": list(frames)},
            artifacts={ANIMATION: partial(_animation, frames, p.rate)},
        )


def between(fields: list[Tensor], way: float) -> Tensor:
    """The field at `way` (0..1) of a loop through `fields`; the interpolation preserves the unit variance."""
    stop, rest = divmod(way * len(fields), 1)
    angle = rest * math.pi / 2
    start, end = fields[int(stop) % len(fields)], fields[(int(stop) + 1) % len(fields)]
    return math.cos(angle) * start + math.sin(angle) * end


def _animation(frames: list[Tensor], rate: int) -> bytes:
    from texture.images.encoding import encode_animation

    return encode_animation([frame.numpy() for frame in frames], rate)
