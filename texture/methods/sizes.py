"""Sizes of pictures in pixels: what may be asked for, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE_STEP = 16  # pool4 halves four times: a side that is no multiple of 16 cannot wrap exactly
SMALLEST_SIDE, LARGEST_SIDE = 32, 2048
SMALLEST_SAMPLE, LARGEST_SAMPLE = 16, 8192
Tile = Literal["none", "x", "y", "both"]


class Extent(NamedTuple):
    """A picture's size in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}" if self.width != self.height else str(self.width)


def _parse_extent(value: object, low: int, high: int) -> Extent:
    written = str(value).strip("()[] ")
    match = re.fullmatch(r"(\d{1,5})(?:\s*[x×,]\s*(\d{1,5}))?", written, re.IGNORECASE | re.ASCII)
    if not match:
        raise ValueError("write 512 or 640x384")
    size = Extent(int(match[1]), int(match[2] or match[1]))
    for side in size:
        if not low <= side <= high:
            raise ValueError(f"a side of {side} is not between {low} and {high} pixels")
    return size


def _parse_size(value: object) -> Extent:
    size = _parse_extent(value, SMALLEST_SIDE, LARGEST_SIDE)
    for side in size:
        if side % SIDE_STEP:
            lower = side - side % SIDE_STEP
            raise ValueError(f"a side of {side} is no multiple of {SIDE_STEP}: {lower} or {lower + SIDE_STEP} would do")
    return size


def _size_schema(multiple: int, low: int, high: int) -> WithJsonSchema:
    more = {"x-multiple": multiple, "x-smallest": low, "x-largest": high}
    return WithJsonSchema({"type": "string", "pattern": r"^\d+(x\d+)?$", "format": "size", **more})


Size = Annotated[
    Extent,
    BeforeValidator(_parse_size),
    PlainSerializer(str, return_type=str),
    _size_schema(SIDE_STEP, SMALLEST_SIDE, LARGEST_SIDE),
]
SampleSize = Annotated[  # of what a trained generator paints: any width and height
    Extent,
    BeforeValidator(partial(_parse_extent, low=SMALLEST_SAMPLE, high=LARGEST_SAMPLE)),
    PlainSerializer(str, return_type=str),
    _size_schema(1, SMALLEST_SAMPLE, LARGEST_SAMPLE),
]
Sizes = Mapping[str, Extent]  # of the pictures that are given, by role


def sizes_of(pictures: Mapping[str, NDArray[np.uint8]]) -> Sizes:
    """Those of pictures, H×W×3, by role."""
    return {role: Extent(pixels.shape[1], pixels.shape[0]) for role, pixels in pictures.items()}
