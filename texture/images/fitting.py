"""Fitting a regular picture to a tile: the linear map nearest to the identity under which its lattice closes.

A tile whose side is no whole number of periods must contain a fault. So the exemplar is stretched a little, before any
method sees it, until its lattice goes into the tile a whole number of times. Shear and rotation show more than a
stretch does, and count four times as much. No torch here: the page shows what would be done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from texture.images.lattice import Floats, Lattice

Pixels = NDArray[np.uint8]

BEND = 4.0  # times as much as a stretch: what a shear or a rotation counts for
MOST_STRAIN = 0.25  # beyond that a picture is left as it is
LEAST_STRAIN = 0.002  # below that nothing is to be seen, and pixels stay as they are
MOST_TRIED = 1000  # sizes, the nearest ones
UNSTRAINED = 0.01  # what a size is offered for
UPRIGHT = 0.1  # of the shorter period: how far a row may slant that is still called one across
PROPOSED = (0.6, 1.6)  # shares of a side between which other sizes are tried
NEARBY = np.array(list(product((-1, 0, 1, 2), repeat=4)), float).reshape(-1, 2, 2)  # of a matrix of whole numbers
AROUND = np.array(list(product(range(-3, 5), repeat=2)), float)  # and of a vector of them


@dataclass(frozen=True)
class Fit:
    """How a lattice fits into a tile of height × width pixels.

    lattice: as it comes out, in the tile's pixels, closed on the torus along the axes that tile.
    matrix: 2×2; a place (down, right) of the picture times it is where it comes to lie.
    repeats: how often the pattern is repeated across and down, along each axis that tiles; 1 along the others.
    """

    lattice: Lattice
    matrix: tuple[tuple[float, float], tuple[float, float]]
    repeats: tuple[int, int]

    @property
    def stretch(self) -> float:
        """The larger of both stretches, as a fraction: 0.01 for 1 %."""
        return max(abs(self.matrix[0][0] - 1), abs(self.matrix[1][1] - 1))

    @property
    def bend(self) -> float:
        """Shear and rotation, as a fraction of the side: 0.01 for 1 pixel in 100."""
        return max(abs(self.matrix[0][1]), abs(self.matrix[1][0]))

    @property
    def strain(self) -> float:
        """What it costs: stretch and, four times as dear, bend."""
        return self.stretch + BEND * self.bend


def fit(lattice: Lattice, height: int, width: int, tile: str) -> Fit | None:
    """The fit of least strain; None where nothing tiles, or where it would strain the picture by more than a quarter.

    tile: none, x, y or both: the axes along which the lattice is to close.
    """
    found = {"both": _both, "x": _across, "y": _down}[tile](lattice, height, width) if tile != "none" else None
    return found if found is not None and found.strain <= MOST_STRAIN else None


def _both(lattice: Lattice, height: int, width: int) -> Fit | None:
    """With sides L and basis B: N = L·B⁻¹ in whole numbers nearby, and B·M = N⁻¹·L."""
    basis, sides = lattice.matrix, np.diag([float(height), float(width)])
    counts = np.floor(sides @ np.linalg.inv(basis)) + NEARBY
    counts = counts[np.abs(np.linalg.det(counts)) > 0.5]
    closed = np.linalg.inv(counts) @ sides
    maps = np.linalg.inv(basis) @ closed
    bends = np.maximum(np.abs(maps[:, 0, 1]), np.abs(maps[:, 1, 0]))
    stretches = np.abs(np.stack([maps[:, 0, 0], maps[:, 1, 1]]) - 1).max(0)
    best = int((stretches + BEND * bends).argmin())
    down, across = (_common(row) for row in counts[best])
    return _made(lattice, maps[best], (across, down))


def _across(lattice: Lattice, height: int, width: int) -> Fit | None:
    """The lattice vector that lies nearest to (0, width) is brought there by a stretch across and a shear."""
    return _one_axis(lattice, (0.0, float(width)))


def _down(lattice: Lattice, height: int, width: int) -> Fit | None:
    return _one_axis(lattice, (float(height), 0.0))


def _one_axis(lattice: Lattice, goal: tuple[float, float]) -> Fit | None:
    basis, axis = lattice.matrix, int(goal[1] > 0)
    nearby = np.floor(np.array(goal) @ np.linalg.inv(basis)) + AROUND
    vectors = nearby @ basis
    ahead = vectors[:, axis] > 0.5 * goal[axis]
    nearby, vectors = nearby[ahead], vectors[ahead]
    if not len(vectors):
        return None
    stretch = goal[axis] / vectors[:, axis]
    shear = -vectors[:, 1 - axis] / vectors[:, axis]
    best = int((np.abs(stretch - 1) + BEND * np.abs(shear)).argmin())
    matrix = np.eye(2)
    matrix[axis, axis], matrix[axis, 1 - axis] = stretch[best], shear[best]
    count = _common(nearby[best])
    return _made(lattice, matrix, (count, 1) if axis else (1, count))


def _common(counts: Floats) -> int:
    """How many equal steps of the lattice there are in a vector of so many of its own."""
    return math.gcd(*(int(abs(count)) for count in counts.round()))


def _made(lattice: Lattice, matrix: Floats, repeats: tuple[int, int]) -> Fit:
    (a, b), (c, d) = (lattice.matrix @ matrix).tolist()
    (e, f), (g, h) = matrix.tolist()
    return Fit(Lattice(((a, b), (c, d)), lattice.strength), ((e, f), (g, h)), repeats)


def proposed_size(lattice: Lattice, height: int, width: int, tile: str, step: int) -> tuple[int, int] | None:
    """Height and width, in whole steps, near those that were asked for, into which the lattice goes as it is.

    Of those that strain it by less than 1 % the nearest, else the one that strains it least; None where no size fits.
    """

    def away(size: tuple[int, int]) -> float:
        return abs(math.log(size[0] / height)) + abs(math.log(size[1] / width))

    best = None
    sizes = product(_sides(height, step, tile in ("y", "both")), _sides(width, step, tile in ("x", "both")))
    for h, w in sorted(sizes, key=lambda size: (away(size), size))[:MOST_TRIED]:
        found = fit(lattice, h, w, tile)
        if found is not None and (best is None or found.strain < best[0]):
            best = found.strain, (h, w)
            if found.strain <= UNSTRAINED:
                break
    return best[1] if best else None


def _sides(side: int, step: int, tiles: bool) -> list[int]:
    if not tiles:
        return [side]
    low, high = (round(share * side / step) for share in PROPOSED)
    return [max(1, count) * step for count in range(max(1, low), high + 1)]


def warped(picture: Pixels, fitted: Fit) -> Pixels:
    """The picture, H×W×3, under the fit's map: the largest rectangle about the middle that lies inside, bicubic."""
    if fitted.strain < LEAST_STRAIN:
        return picture
    return np.asarray(_transformed(Image.fromarray(picture), fitted))


def warped_plane(plane: NDArray[np.float32], fitted: Fit) -> NDArray[np.float32]:
    """The same for one channel of a map, H×W in 0..1."""
    if fitted.strain < LEAST_STRAIN:
        return plane
    return np.asarray(_transformed(Image.fromarray(plane), fitted)).clip(0, 1)


def _transformed(image: Image.Image, fitted: Fit) -> Image.Image:
    width, height = image.size
    back = np.linalg.inv(np.array(fitted.matrix))
    high, wide = _inside(height, width, fitted)
    # Pillow asks where in the picture the pixel (x, y) of the result comes from, counted from the corner
    (yy, yx), (xy, xx) = back.tolist()  # (down, right) @ back
    left, top = width / 2 - (wide * xx + high * yx) / 2, height / 2 - (wide * xy + high * yy) / 2
    coefficients = (xx, yx, left, xy, yy, top)
    return image.transform((wide, high), Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC)


def _inside(height: int, width: int, fitted: Fit) -> tuple[int, int]:
    """Height and width of the largest such rectangle, of the stretched picture's shape."""
    back = np.abs(np.linalg.inv(np.array(fitted.matrix)))
    high, wide = height * fitted.matrix[0][0], width * fitted.matrix[1][1]
    reach = np.array([high, wide]) @ back  # of the upper left half: as far as its corners lie
    share = min(1.0, height / reach[0], width / reach[1])
    return max(1, int(high * share + 1e-6)), max(1, int(wide * share + 1e-6))


def words(found: Lattice | None, fitted: Fit | None, height: int, width: int, tile: str) -> str:
    """The description for the user: "Repeats every 76 × 52 px: fitted to 3 × 5, stretched by 1 %"."""
    if found is None:
        return "No regular pattern found"
    if tile == "none":
        return f"Repeats {_periods(found)}"
    if fitted is None:
        return f"Repeats {_periods(found)}: that does not go into {width} × {height} px"
    across, down = fitted.repeats
    count = round(height * width / abs(float(np.linalg.det(fitted.lattice.matrix))))
    both = f"{across} × {down}" if min(across, down) > 1 else f"{count} of them in the tile"
    into = {"x": f"{across} across", "y": f"{down} down", "both": both}[tile]
    changes = [f"stretched by {_percent(fitted.stretch)}"] if fitted.stretch >= LEAST_STRAIN else []
    changes += [f"slanted by {_percent(fitted.bend)}"] if fitted.bend >= LEAST_STRAIN else []
    return f"Repeats {_periods(found)}: fitted to {into}, {' and '.join(changes) or 'as it is'}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.0095 else f"{100 * share:.0f} %"


def _periods(lattice: Lattice) -> str:
    """Across and down, where the lattice lies along the axes; else its two vectors."""
    upright = upright_period(lattice)
    if upright is not None:
        return f"every {upright[0]:.0f} × {upright[1]:.0f} px"
    return " and ".join(f"({right:.0f}, {down:.0f})" for down, right in lattice.basis) + " px apart"


def upright_period(lattice: Lattice) -> tuple[float, float] | None:
    """Across and down after how many pixels it repeats, where that is along the axes: of a wall of bricks, two rows."""
    short = float(np.linalg.norm(lattice.matrix, axis=1).min())
    vectors = [np.array(count) @ lattice.matrix for count in product(range(-3, 4), repeat=2) if any(count)]
    across = [v[1] for v in vectors if v[1] > 0 and abs(v[0]) < UPRIGHT * short]
    down = [v[0] for v in vectors if v[0] > 0 and abs(v[1]) < UPRIGHT * short]
    return (float(min(across)), float(min(down))) if across and down else None
