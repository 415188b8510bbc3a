"""Painting with a trained generator: pictures of any size, block by block.

A generator turns a noise field into a picture, `factor` pixels to a cell, and a pixel depends on no more than `reach`
cells around its own. So a picture is painted in blocks, each from its part of the field and a margin of `reach` cells:
whatever its size, memory is that of one block and of the result in 8 bits, and the blocks fit to the pixel. A field
that wraps gives a picture that wraps; a field that goes on gives one without a border.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from texture.errors import InvalidInput
from texture.methods.common.kept_colours import with_kept_colours
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, Tile

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
    return with_kept_colours(sampler(images.model, device), images)


def paint(sampler: Sampler, field: Tensor, p: HasShape) -> Tensor:
    """A whole picture, 3×H×W uint8, from a field that `noise_field` made for the same size and tile."""
    import torch

    cells = painted(sampler, p.size, p.tile)
    canvas = blank_canvas(sampler, cells)
    with torch.inference_mode():
        for window in windows(sampler, cells):
            paint_window(sampler, field, window, canvas)
    return as_image(fitted(canvas, p))


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


def blank_canvas(sampler: Sampler, cells: Extent) -> Tensor:
    """H×W×3 uint8, to paint on."""
    import torch

    return torch.zeros(cells.height * sampler.factor, cells.width * sampler.factor, 3, dtype=torch.uint8)


def windows(sampler: Sampler, cells: Extent) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of cells, a block of at most BLOCK × BLOCK pixels at a time, that cover the picture."""
    side = max(1, BLOCK // sampler.factor)
    for top in range(0, cells.height, side):
        for left in range(0, cells.width, side):
            yield slice(top, min(top + side, cells.height)), slice(left, min(left + side, cells.width))


def paint_window(sampler: Sampler, field: Tensor, window: tuple[slice, slice], canvas: Tensor) -> None:
    """One block onto the canvas, H×W×3 uint8."""
    from texture.images.tensors import to_pixels_tensor

    margin = 2 * sampler.reach
    rows, columns = window
    image = sampler(field[:, rows.start : rows.stop + margin, columns.start : columns.stop + margin])
    edge, factor = sampler.reach * sampler.factor, sampler.factor
    inner = image[:, edge : image.shape[1] - edge, edge : image.shape[2] - edge]
    across = slice(columns.start * factor, columns.stop * factor)
    canvas[rows.start * factor : rows.stop * factor, across] = to_pixels_tensor(inner)


def fitted(canvas: Tensor, p: HasShape) -> Tensor:
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


def as_image(canvas: Tensor) -> Tensor:
    """H×W×3 as 3×H×W; it shares storage."""
    return canvas.permute(2, 0, 1)
