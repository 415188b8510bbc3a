"""Sizes of pictures in pixels: what may be asked for, and how it is written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from texture.errors import InvalidInput
from texture.wording import Limits, OutOfRange

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE_STEP = 16  # pool4 halves four times: a side that is no multiple of 16 cannot wrap exactly
SMALLEST_SIDE, LARGEST_SIDE = 32, 2048
LARGEST_IN_PARTS = 8192  # of a method that works on a large result part by part
SMALLEST_SAMPLE, LARGEST_SAMPLE = 16, 8192
Tile = Literal["none", "x", "y", "both"]


class Extent(NamedTuple):
    """A picture's size in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}" if self.width != self.height else str(self.width)


def _parse_extent(value: object, low: int, high: int, step: int = 1) -> Extent:
    limits = Limits(low, high, step=step if step > 1 else None, unit="pixels")
    written = str(value).strip("()[] ")
    match = re.fullmatch(r"(\d{1,5})(?:\s*[x×,]\s*(\d{1,5}))?", written, re.IGNORECASE | re.ASCII)
    if not match:
        raise OutOfRange(limits, "write 512 or 640x384")
    size = Extent(int(match[1]), int(match[2] or match[1]))
    nearest = _nearest(size, low, high, step)
    if size not in nearest:
        raise OutOfRange(limits, f"{' or '.join(dict.fromkeys(map(str, nearest)))} would do")
    return size


def _nearest(size: Extent, low: int, high: int, step: int) -> list[Extent]:
    """The sizes that would do, with each side rounded down, and with each rounded up."""
    down, up = [side - side % step for side in size], [side + -side % step for side in size]
    return [Extent(*(min(max(low, side), high) for side in sides)) for sides in (down, up)]


def _size_schema(multiple: int, low: int, high: int) -> WithJsonSchema:
    more = {"x-multiple": multiple, "x-smallest": low, "x-largest": high}
    return WithJsonSchema({"type": "string", "pattern": r"^\d+(x\d+)?$", "format": "size", **more})


Size = Annotated[
    Extent,
    BeforeValidator(partial(_parse_extent, low=SMALLEST_SIDE, high=LARGEST_SIDE, step=SIDE_STEP)),
    PlainSerializer(str, return_type=str),
    _size_schema(SIDE_STEP, SMALLEST_SIDE, LARGEST_SIDE),
]
LargeSize = Annotated[
    Extent,
    BeforeValidator(partial(_parse_extent, low=SMALLEST_SIDE, high=LARGEST_IN_PARTS, step=SIDE_STEP)),
    PlainSerializer(str, return_type=str),
    _size_schema(SIDE_STEP, SMALLEST_SIDE, LARGEST_IN_PARTS),
]
SampleSize = Annotated[  # of what a trained generator paints: any width and height
    Extent,
    BeforeValidator(partial(_parse_extent, low=SMALLEST_SAMPLE, high=LARGEST_SAMPLE)),
    PlainSerializer(str, return_type=str),
    _size_schema(1, SMALLEST_SAMPLE, LARGEST_SAMPLE),
]
Sizes = Mapping[str, Extent]  # of the pictures that are given, by role


def sizes_of(pictures: Mapping[str, NDArray[Any]]) -> Sizes:
    """Those of pictures and maps, H×W×…, by role."""
    return {role: Extent(pixels.shape[1], pixels.shape[0]) for role, pixels in pictures.items()}


def times(size: Extent, factor: float) -> Extent:
    """The size by that factor, in whole pixels."""
    return Extent(*(max(1, round(side * factor)) for side in size))


def looked_at(exemplar: Extent, shorter: int, at_least: int = 1) -> Extent:
    """The size to which an exemplar is reduced, with that shorter side; a smaller one is not enlarged.

    It has at most as many pixels as the largest result: of a panorama more would not fit into memory.

    Raises:
        InvalidInput: it comes with a side of fewer pixels than `at_least`.
    """
    if min(exemplar) < at_least:
        message = f"the source texture is {exemplar.width}x{exemplar.height} pixels: at least {at_least} each way"
        raise InvalidInput(message, field="source", value=str(exemplar))
    most = LARGEST_SIDE / math.sqrt(exemplar.width * exemplar.height)
    return times(exemplar, min(1.0, shorter / min(exemplar), most))
