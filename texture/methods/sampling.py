"""What a trained generator is for: pictures of any size at once, and walks between them.

A generator turns a noise field into a picture, `factor` pixels to a cell, and a pixel depends on no more than `reach`
cells around its own. So a picture is painted in blocks, each from its part of the field and a margin of `reach` cells:
whatever its size, memory is that of one block and of the result in 8 bits, and the blocks fit to the pixel. A field
that wraps gives a picture that wraps; a field that goes on gives one without a border.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol

from pydantic import Field, ValidationInfo, field_validator

from texture.errors import InvalidInput
from texture.methods.artifacts import ANIMATION, PICTURE
from texture.methods.contract import Outline, Params, State, Step
from texture.methods.registry import find_method, method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, SampleSize, Sizes, Tile
from texture.wording import Limits, OutOfRange

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.methods.common.model_file import Model

BLOCK = 768  # pixels; larger ones repeat less of the margins, and need more memory


class Sampler(Protocol):
    """A trained generator, ready to paint."""

    channels: int  # of the noise field
    factor: int  # pixels to a cell, each way
    reach: int  # cells around a pixel's own on which it depends

    def __call__(self, field: Tensor) -> Tensor:
        """channels×h×w, standard normal, to 3×(h·factor)×(w·factor) in 0..1; right but for `reach` cells of border."""
        ...


class HasShape(Protocol):
    """Parameters that ask for a picture of some size."""

    @property
    def size(self) -> Extent:
        """Width and height in pixels."""

    @property
    def tile(self) -> Tile:
        """The directions in which it wraps."""


class SampleParams(Params):
    """What is to be painted."""

    size: SampleSize = Field(
        Extent(1024, 1024),
        description="width and height in pixels: 1024 or 1920x1080",
        json_schema_extra={"simple": True},
    )
    tile: Tile = Field(
        "both",
        description="in which directions the result repeats without a seam",
        json_schema_extra={"simple": True},
    )
    seed: int = Field(0, ge=0, lt=2**32, description="same seed, same picture", json_schema_extra={"simple": True})

    def outline(self, sizes: Sizes) -> Outline:
        """Its size and its tile."""
        area = float(self.size.width * self.size.height)
        return replace(super().outline(sizes), size=self.size, tile=self.tile, work=area)


class WalkParams(SampleParams):
    """A loop through noise fields. Its length in seconds is `frames` / `rate`."""

    MOST_PIXELS: ClassVar[int] = 64 * 2**20  # of all frames together, which are in memory until they are written
    LARGEST_SIDE: ClassVar[int] = 1024

    size: SampleSize = Field(
        Extent(256, 256),
        description="width and height in pixels, at most 1024",
        json_schema_extra={"simple": True, "x-largest": LARGEST_SIDE},
    )
    frames: int = Field(96, ge=4, le=480, description="pictures in the loop", json_schema_extra={"simple": True})
    stops: int = Field(
        4, ge=2, le=32, description="noise fields that the walk passes", json_schema_extra={"simple": True}
    )
    rate: int = Field(24, ge=1, le=60, description="pictures a second")

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
            raise ValueError(f"at size {size} at most {most} frames")
        return frames


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
    done, canvas = (0, _canvas(sampler, cells)) if state is None else (state["done"], state["canvas"])
    windows = list(_windows(sampler, cells))
    while done < len(windows):
        with torch.inference_mode():
            _paint(sampler, field, windows[done], canvas)
        done += 1
        if done == len(windows):
            canvas = _fit(canvas, p)
        yield Step(done, len(windows), partial(_as_image, canvas), {}, partial(dict, done=done, canvas=canvas))


@method(
    "walk",
    title="Walk through a model",
    paper="none",
    params=WalkParams,
    images=("model",),
    produces=(ANIMATION, PICTURE),
    needs=("model",),
    listed=False,
    brief=True,
)
def walk(p: WalkParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Moves through noise fields and back to the first: a loop of pictures that change into one another."""
    sampler = sampler_of(images, device)
    fields = [noise_field(sampler, p.size, p.tile, p.seed + stop) for stop in range(p.stops)]
    frames: list[Tensor] = [] if state is None else list(state["frames"])
    while len(frames) < p.frames:
        frames.append(paint(sampler, between(fields, len(frames) / p.frames), p).permute(1, 2, 0))
        yield Step(
            len(frames),
            p.frames,
            partial(_as_image, frames[-1]),
            {},
            lambda: {"frames": list(frames)},
            artifacts={ANIMATION: partial(_animation, frames, p.rate)},
        )


def inputs_of(model: Model) -> Inputs:
    """What a method is given that paints from a model: the exemplar is the one that the model was trained on."""
    from texture.images.tensors import to_tensor

    return Inputs(to_tensor(model.exemplar), model=model)


def sampler_of(images: Inputs, device: torch.device) -> Sampler:
    """The generator of the model that is given.

    Raises:
        InvalidInput: there is no model, or it is of a method that has none, or its weights do not fit its header.
    """
    if images.model is None:
        raise InvalidInput("model: a trained model is needed", field="model")
    sampler = find_method(images.model.method).sampler
    if sampler is None:
        raise InvalidInput(f"model: {images.model.method} trains no generator", field="model")
    return sampler(images.model, device)


def paint(sampler: Sampler, field: Tensor, p: HasShape) -> Tensor:
    """A whole picture, 3×H×W uint8, from a field that `noise_field` made for the same size and tile."""
    import torch

    cells = painted(sampler, p.size, p.tile)
    canvas = _canvas(sampler, cells)
    with torch.inference_mode():
        for window in _windows(sampler, cells):
            _paint(sampler, field, window, canvas)
    return _as_image(_fit(canvas, p))


def painted(sampler: Sampler, size: Extent, tile: Tile) -> Extent:
    """How many cells are painted for a picture of that size: enough, and where it wraps the nearest whole number."""
    wraps = {"x": tile in ("x", "both"), "y": tile in ("y", "both")}
    width = size.width / sampler.factor
    height = size.height / sampler.factor
    return Extent(
        max(1, round(width)) if wraps["x"] else math.ceil(width),
        max(1, round(height)) if wraps["y"] else math.ceil(height),
    )


def noise_field(sampler: Sampler, size: Extent, tile: Tile, seed: int) -> Tensor:
    """channels×(h+2·reach)×(w+2·reach), standard normal, on the CPU; wrapped in the directions of `tile`."""
    import torch

    cells, reach = painted(sampler, size, tile), sampler.reach
    random = torch.Generator().manual_seed(seed)
    field = torch.randn(sampler.channels, cells.height + 2 * reach, cells.width + 2 * reach, generator=random)
    for dim, axis in ((1, "y"), (2, "x")):
        if tile in (axis, "both"):
            _wrap(field, dim, reach)
    return field


def _wrap(field: Tensor, dim: int, margin: int) -> None:
    """Lay the other side around what lies within the margins; in place, since a field may fill much of the memory."""
    inner = field.shape[dim] - 2 * margin
    for place in (*range(margin), *range(margin + inner, 2 * margin + inner)):
        field.select(dim, place).copy_(field.select(dim, margin + (place - margin) % inner))


def between(fields: list[Tensor], way: float) -> Tensor:
    """The field at `way` (0..1) of a loop through `fields`; every one on the way is as normal as the stops are."""
    stop, rest = divmod(way * len(fields), 1)
    angle = rest * math.pi / 2
    start, end = fields[int(stop) % len(fields)], fields[(int(stop) + 1) % len(fields)]
    return math.cos(angle) * start + math.sin(angle) * end


def _canvas(sampler: Sampler, cells: Extent) -> Tensor:
    """H×W×3 uint8, to paint on."""
    import torch

    return torch.zeros(cells.height * sampler.factor, cells.width * sampler.factor, 3, dtype=torch.uint8)


def _windows(sampler: Sampler, cells: Extent) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of cells, a block of at most BLOCK × BLOCK pixels at a time, that cover the picture."""
    side = max(1, BLOCK // sampler.factor)
    for top in range(0, cells.height, side):
        for left in range(0, cells.width, side):
            yield slice(top, min(top + side, cells.height)), slice(left, min(left + side, cells.width))


def _paint(sampler: Sampler, field: Tensor, window: tuple[slice, slice], canvas: Tensor) -> None:
    """One block onto the canvas, H×W×3 uint8."""
    from texture.images.tensors import to_pixels_tensor

    margin = 2 * sampler.reach
    rows, columns = window
    image = sampler(field[:, rows.start : rows.stop + margin, columns.start : columns.stop + margin])
    edge, factor = sampler.reach * sampler.factor, sampler.factor
    inner = image[:, edge : image.shape[1] - edge, edge : image.shape[2] - edge]
    across = slice(columns.start * factor, columns.stop * factor)
    canvas[rows.start * factor : rows.stop * factor, across] = to_pixels_tensor(inner)


def _fit(canvas: Tensor, p: HasShape) -> Tensor:
    """To the size asked for: cut where it may be, resampled on the torus where it wraps."""
    import torch

    from texture.images.tensors import resize, to_pixels_tensor

    width = p.size.width if p.tile in ("x", "both") else canvas.shape[1]
    height = p.size.height if p.tile in ("y", "both") else canvas.shape[0]
    if (height, width) != tuple(canvas.shape[:2]):
        channels = [canvas[None, :, :, channel].float() / 255 for channel in range(3)]  # one at a time: it may be large
        fitted = [to_pixels_tensor(resize(channel, (height, width), p.tile)) for channel in channels]
        canvas = torch.cat(fitted, dim=2)
    return canvas[: p.size.height, : p.size.width].contiguous()


def _as_image(canvas: Tensor) -> Tensor:
    return canvas.permute(2, 0, 1)


def _animation(frames: list[Tensor], rate: int) -> bytes:
    from texture.images.encoding import encode_animation

    return encode_animation([frame.numpy() for frame in frames], rate)
