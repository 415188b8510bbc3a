"""The sizes of the work from coarse to fine."""

from __future__ import annotations

import pytest

from texture.methods.common.multiscale import Scale, halved, scales_within
from texture.methods.sizes import Extent, looked_at


@pytest.mark.parametrize(
    ("exemplar", "shorter", "seen"),
    [
        (Extent(640, 480), 240, Extent(320, 240)),
        (Extent(100, 80), 240, Extent(100, 80)),  # is not enlarged
        (Extent(8192, 3000), 2048, Extent(3384, 1239)),  # no more than 2048² pixels
    ],
)
def test_an_exemplar_is_reduced_to_what_is_asked_for_and_to_what_fits(
    exemplar: Extent, shorter: int, seen: Extent
) -> None:
    assert looked_at(exemplar, shorter) == seen


def test_a_thin_exemplar_keeps_its_shape_and_fits() -> None:
    seen = looked_at(Extent(28_000, 880), 2048)
    assert seen.width * seen.height <= 2048**2 * 1.01
    assert seen.width / seen.height == pytest.approx(28_000 / 880, rel=0.01)


def test_each_scale_is_twice_the_one_before_and_the_last_steps_hold_on() -> None:
    assert halved(Extent(256, 128), Extent(200, 100), (9, 5), 3) == [
        Scale(Extent(64, 32), Extent(50, 25), 9),
        Scale(Extent(128, 64), Extent(100, 50), 5),
        Scale(Extent(256, 128), Extent(200, 100), 5),
    ]


@pytest.mark.parametrize(("room", "count"), [(0.4, 1), (1, 1), (2, 2), (3.9, 2), (8, 4), (1e9, 7)])
def test_a_side_is_halved_as_often_as_there_is_room(room: float, count: int) -> None:
    assert scales_within(room) == count
