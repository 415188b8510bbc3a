"""Lattices of drawn patterns, found to a fraction of a pixel; and none where nothing repeats."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from texture.images.lattice import KEPT, SMALLEST, Lattice, autocorrelation, find_lattice

Picture = NDArray[np.float64]
Basis = Sequence[tuple[float, float]]


def vectors(angle: float, one: float, other: float, between: float = 90) -> list[tuple[float, float]]:
    """(down, right) of two vectors of these lengths, in pixels, and angles, in degrees."""
    first, second = math.radians(angle), math.radians(angle + between)
    return [(one * math.sin(first), one * math.cos(first)), (other * math.sin(second), other * math.cos(second))]


def dots(height: int, width: int, basis: Basis, radius: float) -> Picture:
    """Discs on the points of a lattice, their edges smooth: H×W."""
    lattice = np.array(basis)
    periods = (np.indices((height, width)).reshape(2, -1).T + 0.5) @ np.linalg.inv(lattice)
    rest = periods - np.rint(periods)
    nearest = [np.hypot(*((rest - corner) @ lattice).T) for corner in itertools.product((-1, 0, 1), repeat=2)]
    return np.clip(radius - np.min(nearest, axis=0) + 0.5, 0, 1).reshape(height, width)


def bricks(height: int, width: int, course: float, brick: float, joint: float = 3) -> Picture:
    """Running bond: each course half a brick aside. Drawn four times as large."""
    y, x = np.mgrid[: 4 * height, : 4 * width] / 4
    x = x + np.floor(y / course) * brick / 2
    wall = np.where((y % course < joint) | (x % brick < joint), 0.8, 0.35)
    return wall.reshape(height, 4, width, 4).mean((1, 3))


def weave(side: int, thread: float) -> Picture:
    """A plain weave: threads over and under each other in turn."""
    y, x = np.mgrid[:side, :side] / thread
    over = (np.floor(y) + np.floor(x)) % 2 == 0
    return np.where(over, 0.3 + 0.6 * np.sin(np.pi * (x % 1)), 0.2 + 0.5 * np.sin(np.pi * (y % 1)))


def coloured(pattern: Picture) -> Picture:
    """The pattern in colour alone: red where it is light and green where it is dark, with the same mean everywhere."""
    return np.stack([pattern, 1 - pattern, np.full_like(pattern, 0.5)], -1)


def off(found: Lattice | None, basis: Basis) -> float:
    """How many pixels it is off the lattice that has this basis, or another one."""
    assert found is not None
    counts = np.rint(found.matrix @ np.linalg.inv(np.array(basis)))
    assert abs(np.linalg.det(counts)) == pytest.approx(1), f"{found} is another lattice than {basis}"
    return float(np.abs(found.matrix - counts @ np.array(basis)).max())


@pytest.mark.parametrize("size", [(128, 128), (128, 192), (200, 130), (256, 256), (384, 512)])
@pytest.mark.parametrize(("angle", "between"), [(0, 90), (0, 60), (10, 75), (45, 90), (77, 60)])
def test_dots_on_an_oblique_lattice(size: tuple[int, int], angle: float, between: float) -> None:
    one = 0.14 * min(size)
    basis = vectors(angle, one, 1.3 * one, between)
    assert off(find_lattice(dots(*size, basis, one / 4)), basis) < 0.25


@pytest.mark.parametrize(("period", "allowed"), [(12, 0.1), (20, 0.1), (40, 0.2), (70, 0.7)])
def test_small_and_large_periods_in_256_pixels(period: float, allowed: float) -> None:
    """Of the largest three go into the picture: its dots are cut at the border, which tells on the period."""
    basis = vectors(20, period, 1.1 * period, 80)
    assert off(find_lattice(dots(256, 256, basis, period / 4)), basis) < allowed


@pytest.mark.parametrize("side", [64, 96])
def test_a_small_picture(side: int) -> None:
    basis = vectors(10, side / 4, side / 4.5)
    assert off(find_lattice(dots(side, side, basis, side / 14)), basis) < 0.3


def test_a_large_picture_is_refined_at_its_own_size() -> None:
    basis = vectors(5, 70.3, 91.7)
    assert off(find_lattice(dots(1024, 1024, basis, 18)), basis) < 0.1  # 0.025 at the 256 pixels where it is found


@pytest.mark.parametrize(
    ("size", "course", "brick"),
    [((192, 240), 24, 40), ((256, 256), 25.6, 77.1), ((128, 160), 12, 30), ((512, 512), 50.3, 150)],
)
def test_bricks_in_running_bond(size: tuple[int, int], course: float, brick: float) -> None:
    found = find_lattice(bricks(*size, course, brick))
    assert off(found, [(course, brick / 2), (course, -brick / 2)]) < 0.3


@pytest.mark.parametrize("thread", [10, 16, 24.5])
def test_a_plain_weave(thread: float) -> None:
    assert off(find_lattice(weave(256, thread)), [(thread, thread), (thread, -thread)]) < 0.2


def test_a_pattern_in_colour_alone() -> None:
    """In grey it would be flat."""
    pattern = coloured(bricks(192, 240, 24, 40))
    assert find_lattice(pattern.mean(-1)) is None
    assert off(find_lattice(pattern), [(24, 20), (24, -20)]) < 0.2


def test_noise_shading_and_bytes_do_not_hide_it() -> None:
    random, basis = np.random.default_rng(0), vectors(15, 30, 40)
    shading = 0.4 * np.linspace(0, 1, 256) ** 2
    picture = (0.5 * dots(256, 256, basis, 8) + shading + random.normal(0, 0.1, (256, 256))).clip(0, 1)
    found = find_lattice(np.uint8(picture[..., None].repeat(3, 2) * 255))
    assert off(found, basis) < 0.2
    assert found is not None
    assert 0.25 < found.strength < 1.3


def test_the_vectors_are_the_shortest_and_point_down_or_to_the_right() -> None:
    found = find_lattice(dots(256, 256, [(30, 0), (60, 41)], 8))
    assert found is not None
    lengths = sorted(float(np.hypot(*vector)) for vector in found.basis)
    assert lengths == pytest.approx([30, 41], abs=0.2)
    assert all((round(down), round(right)) > (0, 0) for down, right in found.basis)


def test_it_is_scaled_with_its_picture() -> None:
    lattice = Lattice(((10, 0), (4, 20)), 0.5)
    assert lattice.scaled(2, 0.5) == Lattice(((20, 0), (8, 10)), 0.5)


@pytest.mark.parametrize("shape", [(32, 32), (64, 100), (128, 128), (256, 200)])
@pytest.mark.parametrize("blur", [0, 1, 2.5, 5])
def test_none_in_noise(shape: tuple[int, int], blur: float) -> None:
    for seed in range(3):
        noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((*shape, 3)), (blur, blur, 0))
        assert find_lattice((noise - noise.min()) / np.ptp(noise)) is None


Y, X = np.mgrid[:200, :256]
PLAIN = {
    "flat": np.full((200, 256), 0.5),
    "black": np.zeros((200, 256, 3)),
    "across": X / 256,
    "slanting": (X + 2 * Y) / 700,
    "slanting in bytes": np.uint8(255 * (X + 2 * Y) / 700),
    "round": np.hypot(X - 128, Y - 100) / 200,
    "half a wave": np.sin(X / 256 * np.pi),
    "an edge": (X > 128) * 1.0,
}


@pytest.mark.parametrize("name", PLAIN)
def test_none_in_what_does_not_repeat(name: str) -> None:
    assert find_lattice(PLAIN[name]) is None


@pytest.mark.parametrize("size", [(31, 300), (300, 31), (1, 1)])
def test_none_in_a_picture_that_is_too_small(size: tuple[int, int]) -> None:
    assert find_lattice(dots(*size, [(8, 0), (0, 8)], 2)) is None


def test_the_autocorrelation_is_that_of_a_sum_over_the_overlap() -> None:
    picture = np.random.default_rng(1).random((9, 12))
    y, x = np.mgrid[:9, :12]
    plane = np.stack([np.ones(108), y.ravel(), x.ravel()], 1)
    level = picture - (plane @ np.linalg.lstsq(plane, picture.ravel(), rcond=None)[0]).reshape(9, 12)
    detail = np.empty_like(level)
    for row, column in np.ndindex(level.shape):
        detail[row, column] = (
            level[row, column] - level[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].mean()
        )
    found = autocorrelation(picture, 5)
    assert found.shape == (9, 12)
    for down, right in ((0, 0), (2, 3), (-2, -3), (-3, 1), (4, -5)):
        one = detail[max(0, -down) : 9 - max(0, down), max(0, -right) : 12 - max(0, right)]
        other = detail[max(0, down) : 9 + min(0, down), max(0, right) : 12 + min(0, right)]
        assert found[4 + down, 6 + right] == pytest.approx((one * other).mean() / (detail**2).mean(), abs=1e-4)


def test_a_picture_is_looked_through_once_while_it_is_among_the_latest() -> None:
    picture = dots(64, 64, [(16, 0), (0, 16)], 4)
    found = find_lattice(picture)
    assert found is not None
    assert find_lattice(picture.copy()) is found
    assert off(find_lattice(picture.astype(np.float32)), found.basis) < 0.1
    for level in range(KEPT):
        assert find_lattice(np.full((SMALLEST, SMALLEST), level, np.uint8)) is None
    again = find_lattice(picture)
    assert again == found
    assert again is not found


def test_finding_one_takes_no_torch() -> None:
    code = (
        "import sys, numpy, texture.images.lattice as lattice, texture.images.fitting\n"
        "lattice.find_lattice(numpy.zeros((64, 64, 3), numpy.uint8))\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
