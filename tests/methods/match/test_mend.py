"""Mend a part: a hole is filled from the rest of the picture, and nothing else is touched."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from texture import synthesize
from texture.errors import InvalidInput
from texture.images.tensors import to_pixels, to_tensor
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import seam

Pixels = NDArray[np.uint8]
MEND = find_method("mend")
QUICK = {"rounds": "12 6 3 2"}
HOLE = (slice(20, 44), slice(30, 60))


def stripes(height: int = 80, width: int = 96) -> Pixels:
    """Diagonal stripes, 8 pixels from one to the next across, with a little noise: they tile."""
    down, across = np.indices((height, width))
    light = 127 + 90 * np.sin((across + down) * np.pi / 4) + np.random.default_rng(1).integers(-9, 9, (height, width))
    return np.stack([light, light * 0.8, light * 0.5], -1).astype(np.uint8)


def damaged(picture: Pixels, hole: tuple[slice, slice] = HOLE) -> tuple[Pixels, Pixels]:
    """With pure green in the hole, and the mask of that."""
    broken, mask = picture.copy(), np.zeros_like(picture)
    broken[hole], mask[hole] = (0, 255, 0), 255
    return broken, mask


def mended(picture: Pixels, mask: Pixels, **params: Any) -> Pixels:
    *_, last = synthesize("mend", picture, mask=mask, device="cpu", **{**QUICK, **params})
    return to_pixels(last.image)


def test_a_hole_is_filled_in_the_manner_of_the_rest_which_stays_to_the_bit() -> None:
    broken, mask = damaged(stripes())
    pixels = mended(broken, mask)
    kept = mask[..., 0] == 0
    assert np.array_equal(pixels[kept], broken[kept])
    assert np.abs(pixels[HOLE].astype(int) - stripes()[HOLE]).mean() < 20  # the stripes go on


@pytest.mark.parametrize(
    "hole",
    [
        HOLE,
        (slice(0, 16), slice(None)),  # all of the top, where the rows say nothing of how wide the picture is
        (slice(64, 80), slice(None)),
        (slice(None), slice(0, 16)),
    ],
    ids=["inside", "top", "bottom", "left"],
)
def test_nothing_is_taken_from_the_hole_itself(hole: tuple[slice, slice]) -> None:
    """Nor from beside it at a coarse scale, where its colour bleeds."""
    broken, mask = damaged(stripes(), hole)
    pixels = mended(broken, mask)[hole].astype(int)
    assert (pixels @ [-1, 1, -1]).max() < 40
    assert np.abs(pixels - stripes()[hole]).mean() < 20


def test_a_picture_larger_than_exemplars_are_looked_at_is_mended_at_its_own_scale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("texture.methods.sizes.LARGEST_SIDE", 64)
    broken, mask = damaged(stripes())
    assert np.abs(mended(broken, mask)[HOLE].astype(int) - stripes()[HOLE]).mean() < 20


def test_across_a_border_it_goes_on_where_the_picture_tiles() -> None:
    border = (slice(20, 44), slice(0, 16))
    broken, mask = damaged(stripes(), border)
    assert seam(mended(broken, mask, tile="both"), "both").seamless
    assert not np.array_equal(mended(broken, mask, tile="both"), mended(broken, mask))


@pytest.mark.parametrize("size", [(64, 64), (101, 67)])
def test_a_picture_of_any_shape_keeps_it(size: tuple[int, int]) -> None:
    picture = stripes(size[1], size[0])
    assert mended(*damaged(picture)).shape == picture.shape


def test_a_mask_may_be_of_another_size() -> None:
    broken, mask = damaged(stripes())
    pixels = mended(broken, mask[::2, ::2])
    assert (pixels != broken).any(-1).mean() == pytest.approx(24 * 30 / (80 * 96), rel=0.1)


def test_the_map_says_where_what_was_filled_comes_from() -> None:
    broken, mask = damaged(stripes())
    *_, last = synthesize("mend", broken, mask=mask, device="cpu", **QUICK)
    assert last.sources
    found, (rows, columns) = last.sources(), HOLE
    inside = (found.row[rows, columns] >= 20) & (found.row[rows, columns] < 44)
    inside &= (found.column[rows, columns] >= 30) & (found.column[rows, columns] < 60)
    assert not inside.any()
    assert found.row[:20, 0].tolist() == list(range(20))


@pytest.mark.parametrize("stop", [3, 12, 14])
def test_goes_on_bit_for_bit(stop: int) -> None:
    broken, mask = (to_tensor(one) for one in damaged(stripes()))
    images = Inputs(broken, mask=mask)
    p, cpu = MEND.parse(QUICK), torch.device("cpu")
    stopped = list(itertools.islice(MEND.run(p, images, cpu), stop))[-1].state()
    resumed, whole = list(MEND.run(p, images, cpu, stopped)), list(MEND.run(p, images, cpu))
    assert [step.number for step in resumed] == [step.number for step in whole][stop:]
    assert torch.equal(resumed[-1].image, whole[-1].image)


@pytest.mark.parametrize("option", [{"patch": 5}, {"seed": 1}, {"rounds": "3"}, {"variety": 9}], ids=str)
def test_every_option_has_an_effect(option: dict[str, Any]) -> None:
    broken, mask = damaged(stripes())
    assert not np.array_equal(mended(broken, mask, **option), mended(broken, mask))


def test_nothing_to_fill_and_nothing_to_fill_it_from_are_refused() -> None:
    picture = stripes()
    with pytest.raises(InvalidInput, match="the mask is entirely dark") as caught:
        mended(picture, np.zeros_like(picture))
    assert caught.value.field == "mask"
    mask = np.full_like(picture, 255)
    mask[:9, :30] = 0
    with pytest.raises(
        InvalidInput, match="the mask leaves fewer than 64 patches of 9 pixels to fill it from"
    ) as caught:
        mended(picture, mask)
    assert caught.value.field == "mask"


def test_a_hole_of_nearly_all_is_filled_from_what_is_left() -> None:
    picture = stripes()
    mask = np.full_like(picture, 255)
    mask[:24, :24] = 0
    assert np.array_equal(mended(picture, mask)[:24, :24], picture[:24, :24])


@pytest.mark.parametrize(
    ("sizes", "field", "complaint"),
    [
        ({"source": Extent(300, 63), "mask": Extent(300, 63)}, "source", "the picture is 300x63: 64 to 8192 pixels"),
        ({"source": Extent(96, 80), "mask": Extent(80, 96)}, "mask", "the mask is 80x96 pixels and the picture 96x80"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_size(sizes: dict[str, Extent], field: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        MEND.check(MEND.parse({}), sizes)
    assert caught.value.field == field


def test_a_mask_is_needed() -> None:
    with pytest.raises(InvalidInput, match="a mask is needed"):
        synthesize("mend", stripes())
