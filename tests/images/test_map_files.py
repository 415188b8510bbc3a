"""Maps as files: all their levels come back, and damaged ones are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from texture.errors import InvalidInput
from texture.images.map_files import Levels, decode_map, encode_map
from texture.images.tensors import to_levels


@pytest.mark.parametrize("shape", [(33, 70), (33, 70, 3), (33, 70, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_written_is_read(shape: tuple[int, ...], dtype: type) -> None:
    levels: Levels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
    found = decode_map(encode_map(levels[::-1]), "a.png")
    assert found.dtype == dtype
    assert np.array_equal(found, levels[::-1])


def test_a_ramp_keeps_its_65536_levels() -> None:
    ramp = torch.linspace(0, 1, 65536).reshape(1, 256, 256)
    found = decode_map(encode_map(to_levels(ramp, 16)), "ramp.png")
    assert found.shape == (256, 256)
    assert len(np.unique(found)) == 65536
    assert len(np.unique(to_levels(ramp, 8))) == 256


@pytest.mark.parametrize("bits", [8, 16])
def test_what_is_no_number_is_black_and_what_is_beyond_is_clipped(bits: int) -> None:
    odd = torch.tensor([[[float("nan"), -1.0, 0.0, 0.5, 1.0, 7.0]]])
    most = 2**bits - 1
    found = to_levels(odd, bits)  # type: ignore[arg-type]
    assert found.tolist() == [[0, 0, 0, round(0.5 * most + 1e-9), most, most]]
    assert to_levels(torch.rand(3, 4, 5), bits).shape == (4, 5, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", [b"", b"no picture", encode_map(np.zeros((40, 40), np.uint16))[:50]])
def test_what_is_no_png_is_refused(damage: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"height\.png is no PNG, or a damaged one"):
        decode_map(damage, "height.png")
