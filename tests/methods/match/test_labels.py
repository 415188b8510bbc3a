"""Labels: what a guide asks for in vain is refused by its colour; and several source textures, a label each."""

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
from texture.methods.artifacts import ORIGINS
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.palette import LABELS

Pixels = NDArray[np.uint8]
MATCH = find_method("match")
QUICK: dict[str, Any] = {"size": "64", "rounds": "6 4", "device": "cpu"}


def plain(label: str, height: int = 64, width: int = 64) -> Pixels:
    return np.full((height, width, 3), list(bytes.fromhex(LABELS[label][1:])), np.uint8)


def beside(left: str, right: str, height: int = 64, width: int = 64) -> Pixels:
    """Two labels, half of the picture each."""
    return np.concatenate([plain(left, height, width // 2), plain(right, height, width - width // 2)], 1)


def noise(seed: int, low: int = 0, high: int = 256, height: int = 48, width: int = 56) -> Pixels:
    return np.random.default_rng(seed).integers(low, high, (height, width, 3)).astype(np.uint8)


LIGHT, DARK = noise(1, 160, 256), noise(2, 0, 96, 40, 64)


def made(source: Pixels, **given: Any) -> Pixels:
    *_, last = synthesize("match", source, **{**QUICK, **given})
    return to_pixels(last.image)


def test_every_label_goes_where_its_colour_is() -> None:
    """The exemplar is light on the left and dark on the right."""
    exemplar = np.concatenate([noise(1, 160, 256), noise(2, 0, 96)], 1)
    for left, right in (("black", "green"), ("yellow", "magenta"), ("cyan", "white")):
        there, here = beside(left, right, 48, 112), beside(right, left)
        pixels = made(exemplar, exemplar_guide=there, guide=here, tile="none").astype(int)
        assert pixels[:, :28].max() < 128 < pixels[:, 36:].min()


def test_a_label_that_the_source_texture_does_not_have_is_named() -> None:
    with pytest.raises(InvalidInput, match="asks for magenta, and nothing in the guide of the source") as caught:
        made(LIGHT, exemplar_guide=beside("black", "cyan", 48, 56), guide=beside("cyan", "magenta"))
    assert (caught.value.field, caught.value.value) == ("guide", "magenta")


def test_shades_are_no_labels() -> None:
    """A guide may be any picture; only what is painted in these colours is taken for a label."""
    shades = np.repeat(np.linspace(60, 200, 56).astype(np.uint8)[None, :, None], 48, 0).repeat(3, 2)
    assert made(LIGHT, exemplar_guide=shades, guide=beside("black", "white")).shape == (64, 64, 3)


def test_each_of_several_source_textures_goes_where_its_colour_is() -> None:
    pixels = made(LIGHT, sources=[DARK], guide=beside("white", "black"), tile="none").astype(int)
    assert pixels[:, :28].max() < 128 < pixels[:, 36:].min()


@pytest.mark.parametrize("label", list(LABELS)[:4])
def test_there_are_four_at_most_in_the_order_of_the_colours(label: str) -> None:
    exemplars = [np.full((40, 40, 3), level, np.uint8) for level in (20, 90, 160, 230)]
    level = (20, 90, 160, 230)[list(LABELS).index(label)]
    assert np.abs(made(exemplars[0], sources=exemplars[1:], guide=plain(label)).astype(int) - level).max() <= 1


def test_no_patch_lies_in_two_of_them() -> None:
    """Of two plain ones every pixel is one or the other, but for where patches overlap at the border of the labels."""
    black, white = (np.full((40, 40, 3), level, np.uint8) for level in (0, 255))
    pixels = made(black, sources=[white], guide=beside("black", "white"), tile="none", rounds="4 4")
    assert ((pixels == 0) | (pixels == 255)).all(-1)[:, [*range(26), *range(38, 64)]].all()


def test_the_map_tells_which_one_each_pixel_comes_from() -> None:
    given = {"sources": [DARK], "guide": beside("black", "white"), "tile": "none"}
    *_, last = synthesize("match", LIGHT, **{**QUICK, **given})
    blue = last.artifacts[ORIGINS]()[2]
    assert blue[:, :28].max() == 0
    assert blue[:, 36:].min() == 1


def test_copies_of_each_are_matched_too() -> None:
    pixels = made(LIGHT, sources=[DARK], guide=beside("white", "black"), tile="none", patch_scales="1 0.8").astype(int)
    assert pixels[:, :28].max() < 128 < pixels[:, 36:].min()


@pytest.mark.parametrize("stop", [3, 7])
def test_goes_on_bit_for_bit(stop: int) -> None:
    images = Inputs(to_tensor(LIGHT), source2=to_tensor(DARK), guide=to_tensor(beside("black", "white")))
    p, cpu = MATCH.parse({"size": "64", "rounds": "6 4"}), torch.device("cpu")
    stopped = list(itertools.islice(MATCH.run(p, images, cpu), stop))[-1].state()
    resumed, whole = list(MATCH.run(p, images, cpu, stopped)), list(MATCH.run(p, images, cpu))
    assert torch.equal(resumed[-1].image, whole[-1].image)


@pytest.mark.parametrize(
    ("given", "field", "complaint"),
    [
        ({"source2": (48, 48)}, "guide", "several source textures: a guide is needed that says which goes where"),
        (
            {"source2": (48, 48), "guide": (64, 64), "exemplar_guide": (56, 48)},
            "exemplar_guide",
            "each of several source textures is one part: leave the guide of the source texture out",
        ),
        ({"source2": (48, 8), "guide": (64, 64)}, "source2", "a second source texture is 48x8 pixels: at least 11"),
        ({"source2": (48, 48), "guide": (64, 32)}, "guide", "the guide is 64x32 pixels and the result 64x64"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_size(
    given: dict[str, tuple[int, int]], field: str, complaint: str
) -> None:
    sizes = {role: Extent(*size) for role, size in {"source": (56, 48), **given}.items()}
    with pytest.raises(InvalidInput, match=complaint) as caught:
        MATCH.check(MATCH.parse({"size": "64"}), sizes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("guide", "complaint"),
    [
        (beside("black", "red"), "the guide asks for red, and there are 2 source textures: black, white"),
        (np.full((64, 64, 3), 128, np.uint8), "nothing in the guide has the colour of a source texture: black, white"),
    ],
)
def test_a_guide_that_asks_for_another_one_is_refused(guide: Pixels, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        made(LIGHT, sources=[DARK], guide=guide)


def test_maps_follow_one_source_texture() -> None:
    with pytest.raises(InvalidInput, match="maps follow one source texture, and there are several"):
        made(LIGHT, sources=[DARK], guide=plain("black"), maps={"height": LIGHT})


def test_sources_are_a_list() -> None:
    with pytest.raises(InvalidInput, match="sources=ndarray: a list of pictures"):
        made(LIGHT, sources=DARK, guide=plain("black"))
