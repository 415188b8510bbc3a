"""How like itself a picture is when it is shifted: cases with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from texture import synthesize
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_pixels, to_tensor
from texture.methods.tileset.corners import index_map, plane
from texture.metrics.repetition import repetition


def noise(*size: int) -> torch.Tensor:
    return torch.rand(3, *size, generator=torch.Generator().manual_seed(0))


def pebbles(side: int) -> torch.Tensor:
    return resize(to_tensor(find_sample("pebbles").pixels()), (side, side)).clamp(0, 1)


def test_a_plane_of_one_tile_is_all_repetition() -> None:
    assert repetition(pebbles(64).repeat(1, 3, 3)) == pytest.approx(1, abs=0.02)
    assert repetition(pebbles(256).repeat(1, 2, 4)) == pytest.approx(1, abs=0.02)  # reduced


def test_noise_has_next_to_none() -> None:
    assert 0 < repetition(noise(256, 256)) < 0.1  # type: ignore[operator]


def test_what_recurs_in_a_part_of_the_picture_counts_by_its_share() -> None:
    picture = noise(128, 256)
    picture[:, :64, 96:192] = picture[
        :, :64, :96
    ]  # of 128×160 pixels that lie over each other when it is shifted by 96
    assert repetition(picture) == pytest.approx(0.3, abs=0.1)


def test_what_recurs_nearby_is_no_repetition() -> None:
    """Nobody sees a tile that small."""
    near = noise(16, 16).repeat(1, 16, 16)[:, :250, :250]
    assert repetition(near) == pytest.approx(1, abs=0.02)  # 32 pixels on it is there too
    picture = (noise(256, 256) + noise(256, 256).roll(16, 2)) / 2
    assert repetition(picture) < 0.1  # type: ignore[operator]


def test_it_is_the_same_for_a_paler_or_darker_picture() -> None:
    assert repetition(pebbles(128) * 0.5 + 0.2) == pytest.approx(repetition(pebbles(128)), abs=1e-3)


@pytest.mark.parametrize("side", [16, 40])
def test_a_small_picture_has_a_number_and_a_plain_one_none(side: int) -> None:
    assert -1 <= repetition(noise(side, side)) < 0.9  # type: ignore[operator]
    assert repetition(torch.full((3, side, side), 0.3)) is None


def test_a_plane_of_a_set_of_tiles_has_less_of_it_than_one_of_a_single_tile() -> None:
    source = to_pixels(pebbles(192))
    *_, sheet = synthesize("tileset", source, size="384", rounds="16 8 4", device="cpu")
    *_, tile = synthesize("match", source, size="96", exemplar_size=96, rounds="16 8 4", device="cpu")
    tiles = to_tensor(plane(to_pixels(sheet.image), index_map(6, 0)))
    single = to_tensor(np.tile(to_pixels(tile.image), (6, 6, 1)))
    assert repetition(single) > 0.9  # type: ignore[operator]
    assert repetition(tiles) < 0.6  # type: ignore[operator]
