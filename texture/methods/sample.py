"""`sample`: a picture of any size from a trained generator, at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from texture.methods.common.sampling import (
    as_image,
    blank_canvas,
    fitted,
    noise_field,
    paint_window,
    painted,
    sampler_of,
    windows,
)
from texture.methods.contract import State, Step, SynthesisParams
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, SampleSize

if TYPE_CHECKING:
    import torch


class SampleParams(SynthesisParams):
    """What is to be painted, in any size."""

    size: SampleSize = Field(
        Extent(1024, 1024),
        description="width and height in pixels: 1024 or 1920x1080",
        json_schema_extra={"simple": True},
    )


@method(
    "sample",
    title="Sample of a model",
    paper="none",
    params=SampleParams,
    images=("model",),
    needs=("model",),
    listed=False,
    brief=True,
)
def sample(p: SampleParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Paints a picture of any size from a trained model, block by block."""
    import torch

    sampler = sampler_of(images, device)
    field = noise_field(sampler, p.size, p.tile, p.seed)
    cells = painted(sampler, p.size, p.tile)
    done, canvas = (0, blank_canvas(sampler, cells)) if state is None else (state["done"], state["canvas"])
    blocks = list(windows(sampler, cells))
    while done < len(blocks):
        with torch.inference_mode():
            paint_window(sampler, field, blocks[done], canvas)
        done += 1
        if done == len(blocks):
            canvas = fitted(canvas, p)
        yield Step(done, len(blocks), partial(as_image, canvas), {}, partial(dict, done=done, canvas=canvas))
