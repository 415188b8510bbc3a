"""Only make it tile: a strip over each seam is resynthesised, and nothing else is touched."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from texture import save, synthesize
from texture.errors import InvalidInput
from texture.images.decoding import read
from texture.images.tensors import resize, to_pixels
from texture.methods.artifacts import ORIGINS
from texture.methods.match.patchmatch import strip_mask
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import seam

SEAMLESS = find_method("seamless")
QUICK = {"rounds": "8 4 2"}


def photo(width: int, height: int) -> NDArray[np.uint8]:
    """Coloured noise with some structure, lighter to the right and to the bottom: its opposite edges do not meet."""
    noise = torch.rand(3, height // 3, width // 3, generator=torch.Generator().manual_seed(2))
    shade = torch.linspace(0, 0.15, width) + torch.linspace(0, 0.1, height)[:, None]
    return to_pixels((0.6 * resize(noise, (height, width)) + shade).clamp(0, 1))


def made(picture: NDArray[np.uint8], **params: Any) -> Tensor:
    *_, last = synthesize("seamless", picture, device="cpu", **{**QUICK, **params})
    return last.image


@pytest.mark.parametrize("tile", ["x", "y", "both"])
@pytest.mark.parametrize("size", [(96, 80), (101, 67)])
def test_only_the_strip_changes_and_the_seam_is_gone(size: tuple[int, int], tile: Any) -> None:
    picture = photo(*size)
    assert not seam(picture, tile).seamless
    pixels = to_pixels(made(picture, tile=tile, margin="30%", rounds="16 10 6"))
    strip = strip_mask(Extent(*size), round(0.3 * min(size)), tile)[0].bool().numpy()
    assert pixels.shape == picture.shape
    assert np.array_equal(pixels[~strip], picture[~strip])
    assert (pixels[strip] != picture[strip]).any(-1).mean() > 0.5
    assert seam(pixels, tile).seamless


def test_the_strip_lies_over_the_seam_half_on_either_side() -> None:
    across, down = strip_mask(Extent(12, 10), 5, "x")[0], strip_mask(Extent(12, 10), 4, "y")[0]
    assert across[0].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert down[:, 0].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert torch.equal(strip_mask(Extent(12, 10), 4, "both"), torch.maximum(strip_mask(Extent(12, 10), 4, "x"), down))


def test_every_step_keeps_the_rest_of_the_picture_at_the_finest_scale() -> None:
    picture = photo(80, 64)
    *_, before, last = synthesize("seamless", picture, **QUICK)
    strip = strip_mask(Extent(80, 64), round(0.15 * 64), "both")[0].bool()
    whole = torch.tensor(picture).permute(2, 0, 1) / 255
    for step in (before, last):
        assert torch.equal(step.image[:, ~strip], whole[:, ~strip])


@pytest.mark.parametrize("option", [{"margin": "40%"}, {"patch": 5}, {"seed": 1}, {"rounds": "3"}], ids=str)
def test_every_option_has_an_effect(option: dict[str, Any]) -> None:
    assert not torch.equal(made(photo(80, 64), **option), made(photo(80, 64)))


def test_a_seed_is_a_picture_whatever_the_number_of_threads() -> None:
    """Odd sides around a torus."""
    before, pictures = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            pictures.append(made(photo(101, 67)))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(pictures[0], pictures[1])
    assert torch.equal(pictures[0], pictures[2])


def test_the_map_says_that_what_was_kept_comes_from_its_own_place() -> None:
    *_, last = synthesize("seamless", photo(64, 80), device="cpu", tile="x", margin="30%", **QUICK)
    red, green, _ = last.artifacts[ORIGINS]()
    middle = slice(20, 44)
    assert torch.allclose(red[:, middle], ((torch.arange(64) + 0.5) / 64)[middle].expand(80, -1))
    assert torch.allclose(green[:, middle], ((torch.arange(80) + 0.5) / 80)[:, None].expand(-1, 24))


@pytest.mark.parametrize("stop", [3, 8, 9, 12])
def test_goes_on_bit_for_bit(stop: int) -> None:
    images = Inputs(torch.tensor(photo(101, 67)).permute(2, 0, 1) / 255)
    p = SEAMLESS.parse({**QUICK, "margin": "30%"})
    cpu = torch.device("cpu")
    stopped = list(itertools.islice(SEAMLESS.run(p, images, cpu), stop))[-1].state()
    resumed, whole = list(SEAMLESS.run(p, images, cpu, stopped)), list(SEAMLESS.run(p, images, cpu))
    assert len(whole) == 14
    assert [step.number for step in resumed] == list(range(stop + 1, 15))
    assert torch.equal(resumed[-1].image, whole[-1].image)


def test_a_regular_picture_is_not_stretched() -> None:
    dots = np.tile(np.pad(np.full((6, 6, 3), 255, np.uint8), ((3, 4), (5, 4), (0, 0))), (7, 6, 1))  # 13×15 each
    image = made(dots[:-4, :-7])
    assert image.shape == (3, 87, 83)
    assert np.array_equal(to_pixels(image)[20:60, 20:60], dots[20:60, 20:60])


def test_a_flat_picture_stays_flat() -> None:
    assert (made(np.full((70, 80, 3), 90, np.uint8)) - 90 / 255).abs().max() < 1e-5


def test_a_grey_picture_stays_grey() -> None:
    image = made(photo(80, 64)[..., 0])
    assert torch.equal(image[0], image[1])
    assert torch.equal(image[0], image[2])


@pytest.mark.parametrize("margin", ["0%", 0, "100%", 1.0, "91%", "-5%", "nan", "inf", 15])
def test_a_margin_of_nothing_or_of_everything_is_refused(margin: object) -> None:
    with pytest.raises(InvalidInput, match=r"is not above 0% and at most 90%") as caught:
        SEAMLESS.parse({"margin": margin})
    assert caught.value.field == "margin"
    assert str(margin) in str(caught.value)


@pytest.mark.parametrize("margin", ["abc", "", "%", None, "15%%", "1/2"])
def test_a_margin_that_is_no_number_is_refused(margin: object) -> None:
    with pytest.raises(InvalidInput, match=r"Margin cannot be .*: write 15% or 0.15"):
        SEAMLESS.parse({"margin": margin})


@pytest.mark.parametrize("margin", ["15%", 0.15, "0.15", " 15 % ", "15.0%"])
def test_a_margin_is_written_as_people_write_it(margin: object) -> None:
    p = SEAMLESS.parse({"margin": margin})
    assert p.margin == 0.15  # type: ignore[attr-defined]
    assert p.model_dump(mode="json")["margin"] == "15%"


@pytest.mark.parametrize(
    ("size", "params", "field", "complaint"),
    [
        ((101, 67), {"margin": "10%"}, "margin", "margin=10%: 7 pixels of 101x67, at least a patch of 9"),
        ((300, 63), {}, "source", "the picture is 300x63: 64 to 8192 pixels each way"),
        ((8200, 300), {}, "source", "the picture is 8200x300: 64 to 8192 pixels each way"),
    ],
)
def test_what_cannot_be_made_to_tile_is_refused_by_its_size(
    size: tuple[int, int], params: dict[str, Any], field: str, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        SEAMLESS.check(SEAMLESS.parse(params), {"source": Extent(*size)})
    assert caught.value.field == field
    with pytest.raises(InvalidInput, match=complaint):
        synthesize("seamless", np.zeros((*reversed(size), 3), np.uint8), **params)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("tile", "none", "x, y, both, not "),
        ("patch", 8, "7 or 9 would do"),
        ("rounds", "0", "0 is not between 1 and 10000"),
        ("size", 256, "not known to seamless; known: tile, margin, seed, patch, rounds"),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        SEAMLESS.parse({field: value})


def test_it_takes_a_picture_and_no_other() -> None:
    with pytest.raises(InvalidInput, match="mask: seamless takes source and no other"):
        synthesize("seamless", photo(80, 64), mask=photo(80, 64))


def test_a_file_is_enough(tmp_path: Path) -> None:
    save(photo(80, 64), tmp_path / "photo.png")
    *_, last = synthesize("seamless", tmp_path / "photo.png", rounds=1)
    save(last.image, tmp_path / "tile.png")
    assert np.array_equal(read(tmp_path / "tile.png")[10:50, 10:66], photo(80, 64)[10:50, 10:66])
