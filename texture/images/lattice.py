"""Lattices: the two vectors by which a regular texture repeats, found in one picture of it. No torch here.

A picture that repeats is like itself where it is moved by a whole number of periods, so its autocorrelation has peaks
there. Of all pairs of peaks that one is the lattice whose integer combinations lie highest above the points halfway
between them: a pair that spans too large a cell has peaks at those points as well, one that spans too small a cell has
none at some of its own. Where a smaller cell is as good, the larger one was a multiple of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, ndimage

from texture.images.checksum import checksum

Floats = NDArray[np.float64]
Vector = tuple[float, float]

SIDE = 256  # pixels: shorter side of the picture in which a lattice is sought
FINEST_SIDE = 1024  # and in which it is refined
WINDOW = 65 / 256  # of the shorter side: what is wider than that is shading, and taken off
NEAREST = 6  # pixels from lag 0: nearer peaks are the grain's
FARTHEST = 0.47  # of the shorter side: of farther lags there is too little overlap
SPANS, FIRST = (2, 6, 6, 16), (2,)  # periods by which a lattice is refined: farther ones once the nearer are placed
LOWEST_PEAK = 0.1
FAINTEST = 3 * (0.5 / 255) ** 2  # half a grey level: what rounding leaves of a gradient is no pattern
ALIKE = 0.15  # of the highest peak's height: what peaks differ by that are about as high
MOST_PEAKS = 24
NARROWEST = 0.4  # of a cell: its area over that of the rectangle with its sides
AS_HIGH, AS_STRONG = 0.96, 0.8  # of the strongest pair's: what a smaller cell has, if it is one
LEAST_STRENGTH = 0.25
SMALLEST = 32  # pixels a side: a smaller picture shows no lattice
KEPT = 64  # lattices remembered

_known: dict[tuple[str, str], Lattice | None] = {}  # by type and checksum of the picture, the newest last
_keeping = Lock()


@dataclass(frozen=True)
class Lattice:
    """The lattice of a repeating picture.

    basis: two generating vectors, (down, right) each, in pixels; the shortest that there are.
    strength: how much more alike the picture is to itself on the lattice than halfway between, 0..1 or a little more.
    """

    basis: tuple[Vector, Vector]
    strength: float

    @property
    def matrix(self) -> Floats:
        """The basis as rows of 2×2."""
        return np.array(self.basis)

    def scaled(self, down: float, right: float) -> Lattice:
        """The lattice of the same picture at another size: that many times as high and as wide."""
        (a, b), (c, d) = self.basis
        return Lattice(((a * down, b * right), (c * down, d * right)), self.strength)


def find_lattice(picture: NDArray[Any]) -> Lattice | None:
    """The lattice of a picture, H×W or H×W×3, uint8 or floats in 0..1; None if it has none.

    Found at 256 pixels, and refined to a fraction of a pixel at the picture's own size up to 1024. That takes up to
    half a second, and a run asks for its exemplar's several times: those of the latest pictures are remembered.
    """
    key = picture.dtype.str, checksum(picture)
    with _keeping:
        if key in _known:
            return _known[key]
    found = _found_in(picture)
    with _keeping:
        _known[key] = found
        if len(_known) > KEPT:
            del _known[next(iter(_known))]
    return found


def _found_in(picture: NDArray[Any]) -> Lattice | None:
    if min(picture.shape[:2]) < SMALLEST:
        return None
    coarse, scale = _reduced(picture, SIDE)
    correlation = autocorrelation(coarse)
    found = _best_pair(correlation, _peaks(correlation))
    if found is None:
        return None
    basis, strength = found
    basis = _refined(correlation, basis, SPANS)
    fine, fine_scale = _reduced(picture, FINEST_SIDE)
    if fine.shape != coarse.shape:
        basis = _refined(autocorrelation(fine), basis / scale * fine_scale, SPANS)
    (a, b), (c, d) = _shortest(basis / fine_scale).tolist()
    return Lattice(((a, b), (c, d)), strength)


def autocorrelation(picture: NDArray[Any], window: int | None = None) -> NDArray[np.float32]:
    """The autocorrelation of a picture, H×W or H×W×C: H×W, lag 0 in the middle (H//2, W//2), where it is 1.

    Unbiased: divided by the overlap. Of all channels together, each less its mean over a window of that many pixels,
    or of a quarter of the shorter side. All 0 but in the middle for a flat picture.
    """
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    planes = planes.astype(np.float32)
    height, width = planes.shape[1:]
    window = window or round(WINDOW * min(height, width)) | 1
    level = np.stack([_levelled(plane) for plane in planes])
    detail = np.stack([plane - _mean(plane, window) for plane in level])
    sides = [fft.next_fast_len(2 * side, real=True) for side in (height, width)]
    power = sum(np.abs(fft.rfft2(plane, sides)) ** 2 for plane in detail)
    alone = np.abs(fft.rfft2(np.ones((height, width), np.float32), sides)) ** 2
    overlap = fft.irfft2(alone, sides).round().clip(1)
    raw = fft.irfft2(power, sides) / overlap
    middle = float(raw[0, 0])
    raw = raw / middle if middle > FAINTEST else np.zeros_like(raw)
    raw[0, 0] = 1
    rows, columns = (np.arange(side) - side // 2 for side in (height, width))
    centred: NDArray[np.float32] = raw[np.ix_(rows, columns)].astype(np.float32)
    return centred


def _reduced(picture: NDArray[Any], shorter: int) -> tuple[NDArray[np.float32], Floats]:
    """The picture as floats with at most that shorter side, and how many times as high and wide it is then."""
    before = np.array(picture.shape[:2])
    if picture.dtype == np.uint8:
        picture = picture.astype(np.float32) / 255
    share = min(1.0, shorter / before.min())
    height, width = (max(1, round(side * share)) for side in before.tolist())
    planes = np.atleast_3d(picture).transpose(2, 0, 1).astype(np.float32)
    if share < 1:
        small = [Image.fromarray(plane).resize((width, height), Image.Resampling.BOX) for plane in planes]
        planes = np.stack([np.asarray(plane) for plane in small])
    return planes.transpose(1, 2, 0), np.array([height, width]) / before


def _levelled(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Less the gradient across and the one down: at the border a mean would be off by them."""
    for axis, side in enumerate(plane.shape):
        place = np.arange(side, dtype=np.float32) - (side - 1) / 2
        slope = place @ plane.mean(1 - axis) / max(1.0, float(place @ place))
        plane = plane - slope * (place[:, None] if axis == 0 else place)
    return plane


def _mean(plane: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """Over that window's part of the picture, pixel by pixel."""
    total = ndimage.uniform_filter(plane, window, mode="constant")
    share = ndimage.uniform_filter(np.ones_like(plane), window, mode="constant")
    mean: NDArray[np.float32] = total / share
    return mean


def _peaks(correlation: NDArray[np.float32]) -> Floats:
    """Lags at which it is highest within 7×7, n×2 (down, right); of each and its opposite one.

    The highest first, of those about as high the nearest: where it repeats often, these are the generating ones.
    """
    height, width = correlation.shape
    down, right = np.ogrid[:height, :width]
    down, right = down - height // 2, right - width // 2
    radius = np.hypot(down, right)
    top = ndimage.maximum_filter(correlation, 7) == correlation
    ahead = (down > 0) | ((down == 0) & (right > 0))
    inside = (radius > NEAREST) & (radius < min(height, width) * FARTHEST - 3) & ahead
    rows, columns = np.nonzero(top & inside & (correlation > LOWEST_PEAK))
    heights = correlation[rows, columns]
    lower = np.floor((1 - heights / heights.max(initial=LOWEST_PEAK)) / ALIKE)
    order = np.lexsort((radius[rows, columns], lower))[:MOST_PEAKS]
    return _tops(correlation, np.stack([rows[order] - height // 2, columns[order] - width // 2], 1))[0]


class _Pair(NamedTuple):
    """Two peaks: how much higher the lattice is than halfway between, how high, and the area of its cell."""

    score: float
    height: float
    cell: float
    basis: Floats


def _best_pair(correlation: NDArray[np.float32], peaks: Floats) -> tuple[Floats, float] | None:
    """The basis, 2×2, among pairs of peaks, and its strength; None where none is strong enough."""
    found = []
    for pair in combinations(peaks, 2):
        basis = np.stack(pair)
        cell = abs(float(np.linalg.det(basis)))
        if cell >= NARROWEST * float(np.prod(np.linalg.norm(basis, axis=1))):
            basis = _refined(correlation, basis, FIRST)
            scores = _scores(correlation, basis)
            if scores is not None:
                found.append(_Pair(*scores, cell, basis))
    if not found:
        return None
    strongest = max(found, key=lambda one: one.score)
    height, score = AS_HIGH * strongest.height, max(AS_STRONG * strongest.score, LEAST_STRENGTH)
    as_good = [one for one in found if one.height >= max(height, LEAST_STRENGTH) and one.score >= score]
    best = min(as_good, key=lambda one: (round(one.cell / strongest.cell, 1), -one.score), default=None)
    return None if best is None else (best.basis, best.score)


def _scores(correlation: NDArray[np.float32], basis: Floats) -> tuple[float, float] | None:
    """How much higher it is on the lattice than halfway between, and how high; None where few points are in reach."""
    counts = _combinations(6)
    reach = FARTHEST * min(correlation.shape)

    def mean(shifts: list[Vector]) -> tuple[float, int]:
        points = np.concatenate([(counts + shift) @ basis for shift in shifts])
        length = np.hypot(*points.T)
        points = points[(length > 3) & (length < reach)]
        middle = np.array(correlation.shape) // 2
        values = ndimage.map_coordinates(correlation, (points + middle).T, order=1, mode="constant")
        return (float(values.mean()) if len(values) else 0.0), len(values)

    high, count = mean([(0, 0)])
    low, _ = mean([(0.5, 0), (0, 0.5), (0.5, 0.5)])
    return (high - low, high) if count >= 4 else None


def _combinations(most: int) -> Floats:
    """Pairs of whole numbers from -most to most, n×2."""
    numbers = np.arange(-most, most + 1)
    return np.stack(np.meshgrid(numbers, numbers, indexing="ij"), -1).reshape(-1, 2).astype(float)


def _refined(correlation: NDArray[np.float32], basis: Floats, spans: Sequence[int]) -> Floats:
    """Least squares over the peaks that the lattice predicts, at so many periods in the first round, the next, …"""
    reach = FARTHEST * min(correlation.shape)
    for span in spans:
        counts = _combinations(span)
        lags = counts @ basis
        length = np.hypot(*lags.T)
        near = (length > 3) & (length < reach)
        counts = counts[near]
        places, heights = _tops(correlation, np.rint(lags[near]).astype(int))
        heights = heights.clip(0)[:, None]
        basis = np.linalg.lstsq(counts * heights, places * heights, rcond=None)[0]
    return basis


def _tops(correlation: NDArray[np.float32], lags: NDArray[np.int_]) -> tuple[Floats, Floats]:
    """Where the peaks near lags, n×2 in whole pixels, have their tops, to a fraction of one, and how high these are."""
    shape, rise = np.array(correlation.shape), np.arange(-3, 4)
    rows = lags[:, 0, None, None] + rise[:, None] + shape[0] // 2
    columns = lags[:, 1, None, None] + rise[None, :] + shape[1] // 2
    windows = correlation[rows.clip(0, shape[0] - 1), columns.clip(0, shape[1] - 1)].astype(float)
    heights = windows.max((1, 2))
    weights = np.exp((windows - heights[:, None, None]) * 20.0)
    total = weights.sum((1, 2))
    down = (weights * rise[:, None]).sum((1, 2)) / total
    right = (weights * rise[None, :]).sum((1, 2)) / total
    return lags + np.stack([down, right], 1), heights


def _shortest(basis: Floats) -> Floats:
    """The shortest two vectors that span the same lattice (Gauss's reduction), each pointing down, or to the right."""
    a, b = sorted(basis, key=lambda vector: float(vector @ vector))
    while True:
        b = b - round(float(a @ b / (a @ a))) * a
        if b @ b >= a @ a * (1 - 1e-9):
            break
        a, b = b, a
    pointed = [vector if tuple(vector.round(2)) > (0, 0) else -vector for vector in (a, b)]
    return np.stack(pointed)
