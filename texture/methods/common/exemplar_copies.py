"""Rotated and scaled copies of the exemplar: how they are asked for, and the size of each. No torch here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Annotated, Protocol

from pydantic import BeforeValidator, WithJsonSchema

from texture.methods.common import number_lists
from texture.methods.sizes import Extent, times

MOST_COPIES = 7  # scales, and rotations, of the exemplar


def _parse_numbers(value: object, low: float, high: float) -> tuple[float, ...]:
    how = "write numbers: 0.85 1 1.15"
    return tuple(dict.fromkeys(number_lists.parse(value, float, how, low=low, high=high, counts=(1, MOST_COPIES))))


AS_TEXT = WithJsonSchema({"type": "string", "format": "numbers", "pattern": r"^[-0-9. ,]+$"})
Factors = Annotated[
    tuple[float, ...], BeforeValidator(partial(_parse_numbers, low=0.25, high=4)), number_lists.WRITTEN, AS_TEXT
]
Degrees = Annotated[
    tuple[float, ...], BeforeValidator(partial(_parse_numbers, low=-180, high=180)), number_lists.WRITTEN, AS_TEXT
]


@dataclass(frozen=True)
class Copy:
    """A copy of the exemplar: its sides in pixels, how it is turned, and what share of either side it shows."""

    size: Extent
    degrees: float
    share: float


class HasCopies(Protocol):
    """Parameters that say which copies of the exemplar there are."""

    @property
    def patch_scales(self) -> tuple[float, ...]:
        """Their sizes, in the exemplar's."""

    @property
    def patch_rotations(self) -> tuple[float, ...]:
        """By how many degrees they are turned."""


def copies(p: HasCopies, exemplar: Extent) -> list[Copy]:
    """The copies whose patches are matched, the plain one first.

    A turned one is the largest rectangle of the exemplar's own shape that lies within it.
    """
    return [
        Copy(times(exemplar, scale * share), degrees, share)
        for degrees, scale in product(_plain_first(p.patch_rotations, 0), _plain_first(p.patch_scales, 1))
        for share in [_inscribed(exemplar, degrees)]
    ]


def _plain_first(numbers: tuple[float, ...], plain: float) -> list[float]:
    return sorted(numbers, key=lambda number: number != plain)


def _inscribed(exemplar: Extent, degrees: float) -> float:
    cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    width, height = exemplar
    return min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
