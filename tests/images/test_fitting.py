"""The fit of a lattice to a tile: its arithmetic against a full search, and pictures that have the fitted lattice."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.images.test_lattice import bricks, dots, off, vectors
from texture.images.fitting import (
    BEND,
    LEAST_STRAIN,
    MOST_STRAIN,
    Fit,
    fit,
    proposed_size,
    upright_period,
    warped,
    words,
)
from texture.images.lattice import Lattice, find_lattice


def lattice(*basis: tuple[float, float]) -> Lattice:
    one, other = basis
    return Lattice((one, other), 0.8)


def random_lattice(seed: int, shortest: float = 12, longest: float = 40) -> Lattice:
    random = np.random.default_rng(seed)
    one, other = random.uniform(shortest, longest, 2)
    return lattice(*vectors(random.uniform(0, 180), one, other, random.uniform(60, 120)))


def counts_of(fitted: Fit, goal: tuple[float, float]) -> NDArray[np.float64]:
    """How many of its vectors lead there."""
    return np.array(goal) @ np.linalg.inv(fitted.lattice.matrix)


def strain_of(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    stretch = np.abs(maps[..., [0, 1], [0, 1]] - 1).max(-1)
    return stretch + BEND * np.abs(maps[..., [0, 1], [1, 0]]).max(-1)


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_the_fitted_lattice_closes_on_the_torus(tile: str) -> None:
    fitted = [fit(random_lattice(seed), 160, 240, tile) for seed in range(60)]
    closed = [found for found in fitted if found]
    assert len(closed) > 30
    for found in closed:
        for axis, goal in (("y", (160.0, 0.0)), ("x", (0.0, 240.0))):
            if tile in (axis, "both"):
                counts = counts_of(found, goal)
                assert counts == pytest.approx(np.rint(counts), abs=1e-9)


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_the_fitted_lattice_is_the_picture_s_own_under_the_map(tile: str) -> None:
    for seed in range(20):
        own = random_lattice(seed)
        found = fit(own, 160, 240, tile)
        if found:
            assert found.lattice.matrix == pytest.approx(own.matrix @ np.array(found.matrix))
            assert found.strain == pytest.approx(float(strain_of(np.array(found.matrix))))


NUMBERS = np.array(list(itertools.product(range(-8, 9), repeat=2)), float)
PAIRS = np.stack([NUMBERS.repeat(len(NUMBERS), 0), np.tile(NUMBERS, (len(NUMBERS), 1))], 1)
PAIRS = PAIRS[np.abs(np.linalg.det(PAIRS)) > 0.5]


@pytest.mark.parametrize("seed", range(12))
def test_both_has_the_least_strain_of_all_matrices_of_whole_numbers(seed: int) -> None:
    own = random_lattice(seed, 14, 36)
    maps = np.linalg.inv(own.matrix) @ np.linalg.inv(PAIRS) @ np.diag([72.0, 90.0])
    least = float(strain_of(maps).min())
    found = fit(own, 72, 90, "both")
    assert (found is None) == (least > MOST_STRAIN)
    assert found is None or found.strain == pytest.approx(least)


@pytest.mark.parametrize(("tile", "axis"), [("y", 0), ("x", 1)])
@pytest.mark.parametrize("seed", range(6))
def test_one_axis_has_the_least_strain_of_all_lattice_vectors(seed: int, tile: str, axis: int) -> None:
    """It is stretched along that axis, and slanted so that a vector of the lattice comes to lie on it."""
    own, side = random_lattice(seed), (160, 240)[axis]
    ends = np.array(list(itertools.product(range(-25, 26), repeat=2))) @ own.matrix
    ends = ends[ends[:, axis] > 0]
    strains = np.abs(side / ends[:, axis] - 1) + BEND * np.abs(ends[:, 1 - axis] / ends[:, axis])
    found = fit(own, 160, 240, tile)
    assert (found is None) == (strains.min() > MOST_STRAIN)
    if found:
        assert found.strain == pytest.approx(float(strains.min()))
        assert found.matrix[1 - axis][1 - axis] == 1  # not stretched along the other


def test_a_lattice_that_fits_stays_as_it_is() -> None:
    found = fit(lattice((16, 8), (16, -8)), 64, 128, "both")
    assert found is not None
    assert found.strain == pytest.approx(0, abs=1e-12)
    assert found.repeats == (8, 2)


def test_a_stretch_is_shared_by_all_periods() -> None:
    found = fit(lattice((26, 0), (0, 39)), 256, 256, "both")
    assert found is not None
    assert found.repeats == (7, 10)
    assert found.matrix[0][0] == pytest.approx(256 / 260)
    assert found.matrix[1][1] == pytest.approx(256 / 273)
    assert found.stretch == pytest.approx(1 - 256 / 273)
    assert found.bend == 0


def test_nothing_is_fitted_where_nothing_tiles() -> None:
    assert fit(lattice((16, 0), (0, 16)), 100, 100, "none") is None


@pytest.mark.parametrize(
    ("period", "fits"), [(170, True), (104, True), (80, True), (100, False), (90, False), (172, False), (900, False)]
)
@pytest.mark.parametrize("tile", ["x", "both"])
def test_beyond_a_quarter_it_is_not_strained(period: float, fits: bool, tile: str) -> None:
    assert (fit(lattice((period, 0), (0, period)), 128, 128, tile) is not None) == fits


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_a_proposed_size_takes_the_lattice_with_less_than_a_hundredth(tile: str) -> None:
    own = lattice((51.6, 0), (0, 77.5))
    proposed = proposed_size(own, 256, 256, tile, 16)
    assert proposed is not None
    height, width = proposed
    assert height % 16 == width % 16 == 0
    if tile != "both":
        assert (height, width)[tile == "y"] == 256  # what need not close stays
    found = fit(own, height, width, tile)
    assert found is not None
    assert found.strain < 0.01


def test_of_several_the_nearest_size_is_proposed() -> None:
    """40 goes into 160, 240, 280, 320 and 360; 40·0.997 as good as that."""
    assert proposed_size(lattice((40, 0), (0, 39.9)), 256, 256, "both", 16) == (240, 240)
    assert proposed_size(lattice((40, 0), (0, 39.9)), 320, 320, "both", 16) == (320, 320)


def test_where_none_is_good_the_least_strained_is_proposed() -> None:
    """Periods of 37 into steps of 64: 222 of 256 are strained less than 148 of 192 or 370 of 384."""
    proposed = proposed_size(lattice((37, 0), (0, 37)), 256, 256, "both", 64)
    strains = {side: abs(side / 37 / round(side / 37) - 1) for side in (192, 256, 320, 384)}
    least = min(strains, key=lambda side: strains[side])
    assert proposed == (least, least)


def test_no_size_is_proposed_for_what_is_larger_than_all() -> None:
    assert proposed_size(lattice((900, 0), (0, 900)), 128, 128, "both", 16) is None


def in_bytes(pattern: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.uint8(255 * pattern[..., None].repeat(3, 2))


@pytest.mark.parametrize("tile", ["x", "y", "both"])
@pytest.mark.parametrize("angle", [0, 8, 30])
def test_a_warped_picture_has_the_fitted_lattice(angle: float, tile: str) -> None:
    picture = in_bytes(dots(200, 260, vectors(angle, 26, 33), 7))
    own = find_lattice(picture)
    assert own is not None
    found = fit(own, 192, 256, tile)
    assert found is not None
    assert found.strain > LEAST_STRAIN
    assert off(find_lattice(warped(picture, found)), found.lattice.basis) < 0.3


def test_a_warped_picture_shows_no_border_and_nearly_all_of_it() -> None:
    white = np.full((100, 160, 3), 255, np.uint8)
    found = fit(lattice(*vectors(2, 21, 30)), 96, 128, "both")
    assert found is not None
    picture = warped(white, found)
    assert picture.min() == 255
    assert math.prod(picture.shape[:2]) > 0.75 * 100 * 160 * np.linalg.det(np.array(found.matrix))


def test_the_middle_stays_in_the_middle() -> None:
    spot = np.zeros((101, 141, 3), np.uint8)
    spot[49:52, 69:72] = 255
    found = fit(lattice((24, 0.6), (-0.6, 31)), 96, 128, "both")
    assert found is not None
    picture = warped(spot, found)[..., 0].astype(float)
    rows, columns = np.indices(picture.shape)
    middle = [(place * picture).sum() / picture.sum() for place in (rows, columns)]
    assert middle == pytest.approx([(picture.shape[0] - 1) / 2, (picture.shape[1] - 1) / 2], abs=0.3)


def test_what_nobody_would_see_is_not_warped() -> None:
    picture = in_bytes(bricks(64, 64, 8, 16))
    found = fit(lattice((8.01, 8), (8.01, -8)), 64, 64, "both")
    assert found is not None
    assert warped(picture, found) is picture


@pytest.mark.parametrize(
    ("own", "size", "tile", "said"),
    [
        (lattice((51.6, -0.1), (0, 76)), (256, 228), "both", "every 76 × 52 px: fitted to 3 × 5, stretched by 0.8 %"),
        (lattice((32, 0), (0, 32)), (256, 256), "both", "every 32 × 32 px: fitted to 8 × 8, as it is"),
        (lattice((24, 20), (24, -20)), (192, 240), "both", "every 40 × 48 px: fitted to 6 × 4, as it is"),
        (lattice((30, 0), (0, 50)), (256, 256), "x", "every 50 × 30 px: fitted to 5 across, stretched by 2 %"),
        (lattice((30, 0), (0, 50)), (256, 256), "y", "every 50 × 30 px: fitted to 9 down, stretched by 5 %"),
        (lattice((30, 0), (0, 50)), (256, 256), "none", "every 50 × 30 px"),
        (lattice((175, 0), (0, 50)), (128, 128), "both", "every 50 × 175 px: that does not go into 128 × 128 px"),
        (lattice((20, 13), (-11, 21)), (256, 256), "none", "(13, 20) and (21, -11) px apart"),
    ],
)  # fmt: skip
def test_what_a_person_is_told(own: Lattice, size: tuple[int, int], tile: str, said: str) -> None:
    assert words(own, fit(own, *size, tile), *size, tile) == f"Repeats {said}"


def test_a_person_is_told_of_a_slant_and_of_no_pattern() -> None:
    for period, change in ((32, "slanted by 5 %"), (33, "stretched by 3 % and slanted by 5 %")):
        own = lattice(*vectors(3, period, period))
        said = words(own, fit(own, 256, 256, "both"), 256, 256, "both")
        assert said == f"Repeats every {period} × {period} px: fitted to 8 × 8, {change}"
    assert words(None, None, 256, 256, "both") == "No regular pattern found"


def test_a_lattice_along_the_axes_has_upright_periods() -> None:
    assert upright_period(lattice((24, 20), (24, -20))) == (40, 48)
    assert upright_period(lattice((20, 13), (-11, 21))) is None
