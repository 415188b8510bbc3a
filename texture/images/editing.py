"""A picture turned, straightened and cropped: quarter turns and a crop move pixels, straightening samples them anew."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from texture.errors import InvalidInput
from texture.images.decoding import UPLOADED, check_sides
from texture.images.map_files import Levels

MOST_ANGLE = 45  # degrees; what is beyond them lies nearer to another quarter turn
SLACK = 0.01  # pixels by which a corner may miss the picture: what is sampled lies half a pixel inside of it


@dataclass(frozen=True)
class Crop:
    """A rectangle in whole pixels.

    x, y: of its upper left corner, from that of the smallest upright rectangle around the turned picture.
    """

    x: int
    y: int
    width: int
    height: int

    def __str__(self) -> str:
        """The words for a message: "200x100 pixels at 30, 0"."""
        return f"{self.width}x{self.height} pixels at {self.x}, {self.y}"


@dataclass(frozen=True)
class Origin:
    """Where the pixels of a crop come from: (x, y) of the crop from (a·x + b·y + left, a·y - b·x + top)."""

    a: float
    b: float
    left: float
    top: float

    @classmethod
    def of(cls, crop: Crop, width: int, height: int, angle: float) -> Origin:
        """The origin in a picture of this size which is turned clockwise, by so many degrees, about its middle."""
        a, b = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        right, down = crop.x - (width * a + height * abs(b)) / 2, crop.y - (height * a + width * abs(b)) / 2
        return cls(a, b, width / 2 + a * right + b * down, height / 2 + a * down - b * right)

    @property
    def affine(self) -> tuple[float, float, float, float, float, float]:
        """The same as Pillow takes it."""
        return self.a, self.b, self.left, -self.b, self.a, self.top

    def place(self, x: int, y: int) -> tuple[float, float]:
        """Where in the picture a point of the crop lies, in pixels from its upper left corner."""
        return self.a * x + self.b * y + self.left, self.a * y - self.b * x + self.top


def edited(picture: Levels, quarter_turns: int, angle: float, crop: Crop) -> Levels:
    """A picture, turned clockwise by quarters and then by `angle` degrees, and what `crop` leaves of it.

    picture: H×W×3 of 8 bits; at an angle of 0 any map.
    angle: from -MOST_ANGLE to MOST_ANGLE; at 0 all pixels stay as they are, else they are sampled by bicubic
    interpolation.

    Raises:
        InvalidInput: the crop contains what is no picture, or is no picture that could be uploaded; it names `crop`.
    """
    turned = np.rot90(picture, -quarter_turns)  # NumPy turns the other way round
    try:
        check_sides(crop.width, crop.height, UPLOADED)
    except InvalidInput as error:
        raise error.placed("crop", f"as cropped {error}") from None
    height, width = turned.shape[:2]
    origin = Origin.of(crop, width, height, angle)
    if not _is_inside(origin, crop, width, height):
        around = f" turned by {angle:g} degrees" if angle else ""
        raise InvalidInput(
            f"the crop of {crop} reaches out of the picture of {width}x{height} pixels{around}: make it smaller",
            field="crop",
            value=str(crop),
        )
    if angle == 0:
        return turned[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width].copy()
    size = crop.width, crop.height
    image = Image.fromarray(turned).transform(size, Image.Transform.AFFINE, origin.affine, Image.Resampling.BICUBIC)
    return np.asarray(image)


def _is_inside(origin: Origin, crop: Crop, width: int, height: int) -> bool:
    corners = [origin.place(x, y) for x in (0, crop.width) for y in (0, crop.height)]
    return all(-SLACK <= x <= width + SLACK and -SLACK <= y <= height + SLACK for x, y in corners)
