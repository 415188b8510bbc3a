"""Exemplars that repeat are fitted to the tile before a method sees them, and judged as they were fitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.images.test_lattice import bricks, dots, off, vectors
from texture.images.lattice import Lattice, find_lattice
from texture.images.tensors import resize, to_pixels
from texture.methods.common.multiscale import extent_of
from texture.methods.common.regular import Pattern, find_pattern, fitted_exemplar, fitted_inputs
from texture.methods.contract import Outline, Params, Step
from texture.methods.gatys import GatysParams
from texture.methods.patch import PatchParams
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import scaled_exemplar

COURSE, BRICK = 13, 36  # of a picture of 120×160 pixels: none of these goes into 128


def outline(p: Params, exemplar: Tensor) -> Outline:
    return p.outline({"source": extent_of(exemplar)})


@pytest.fixture(scope="module")
def wall() -> Tensor:
    """3×120×160: bricks."""
    return torch.tensor(bricks(120, 160, COURSE, BRICK), dtype=torch.float32).expand(3, -1, -1)


@pytest.fixture(scope="module")
def sides() -> Tensor:
    """A guide of the wall: black on the left and white on the right."""
    return torch.tensor([0.0, 1.0]).repeat_interleave(80).expand(3, 120, -1).contiguous()


def lattice_of(image: Tensor) -> Lattice | None:
    return find_lattice(image.permute(1, 2, 0).numpy())


def test_the_exemplar_is_fitted_and_the_method_is_told_its_lattice(wall: Tensor) -> None:
    p, images = fitted_inputs(PatchParams(size=Extent(128, 128)), Inputs(wall))
    assert images.lattice is not None
    periods = np.diag([128.0, 128.0]) @ np.linalg.inv(images.lattice.matrix)
    assert periods == pytest.approx(np.rint(periods), abs=1e-6)
    assert off(lattice_of(images.source), images.lattice.basis) < 0.3
    assert p.exemplar_size == min(images.source.shape[1:])  # it is not scaled again
    assert images.source.min() >= 0
    assert images.source.max() <= 1


def test_the_lattice_is_in_pixels_of_the_result(wall: Tensor) -> None:
    """An exemplar of twice the size is shown at half of that."""
    large = resize(wall, (240, 320)).clamp(0, 1)
    _, images = fitted_inputs(PatchParams(size=Extent(128, 128), exemplar_size=120), Inputs(large))
    _, small = fitted_inputs(PatchParams(size=Extent(128, 128)), Inputs(wall))
    assert extent_of(images.source) == extent_of(small.source)
    assert off(lattice_of(images.source), images.lattice.basis) < 0.3  # type: ignore[union-attr]


def test_a_chosen_size_of_the_exemplar_is_what_is_fitted(wall: Tensor) -> None:
    _, images = fitted_inputs(PatchParams(size=Extent(128, 128), exemplar_size=60), Inputs(wall))
    assert min(images.source.shape[1:]) == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize("tile", ["x", "y"])
def test_it_is_fitted_along_the_axes_that_tile_only(wall: Tensor, tile: str) -> None:
    p = PatchParams(size=Extent(128, 128), tile=tile)
    pattern = find_pattern(outline(p, wall), to_pixels(wall))
    assert pattern is not None
    assert pattern.fit is not None
    own = pattern.fit.matrix[0][0] if tile == "x" else pattern.fit.matrix[1][1]
    assert own == 1
    closed = np.array([0, 128.0] if tile == "x" else [128.0, 0]) @ np.linalg.inv(pattern.fit.lattice.matrix)
    assert closed == pytest.approx(np.rint(closed), abs=1e-6)


def test_where_nothing_tiles_it_stays_and_its_lattice_is_told(wall: Tensor) -> None:
    before, inputs = PatchParams(size=Extent(128, 128), tile="none"), Inputs(wall)
    p, images = fitted_inputs(before, inputs)
    assert p is before
    assert images.source is wall
    assert off(images.lattice, [(COURSE, BRICK / 2), (COURSE, -BRICK / 2)]) < 0.3


def unfitted(wall: Tensor) -> Iterator[tuple[str, Any, Inputs]]:
    p = PatchParams(size=Extent(128, 128))
    noise = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(0))
    yield "switched off", p.model_copy(update={"regular": "off"}), Inputs(wall)
    yield "with a content", p, Inputs(wall, content=noise)
    yield "noise", p, Inputs(noise)
    yield "a method that looks at no exemplar", find_method("counting").params(), Inputs(wall)
    yield "only make it tile", find_method("seamless").params(), Inputs(wall)


@pytest.mark.parametrize("number", range(5))
def test_otherwise_nothing_is_touched(wall: Tensor, number: int) -> None:
    name, p, inputs = list(unfitted(wall))[number]
    after, images = fitted_inputs(p, inputs)
    assert after is p, name
    assert images is inputs, name


def test_a_period_that_is_too_large_for_the_tile_is_not_bent(wall: Tensor) -> None:
    large = resize(wall[:, :65, :90], (520, 720)).clamp(0, 1)
    p, images = fitted_inputs(PatchParams(size=Extent(128, 128), exemplar_size=512), Inputs(large))
    assert p.exemplar_size == 512
    assert images.source is large
    assert images.lattice is not None


def test_a_guide_of_the_exemplar_is_fitted_along_with_it(wall: Tensor, sides: Tensor) -> None:
    _, images = fitted_inputs(PatchParams(size=Extent(128, 128)), Inputs(wall, exemplar_guide=sides))
    guide = images.exemplar_guide
    assert guide is not None
    assert extent_of(guide) == extent_of(images.source) != extent_of(wall)
    width = guide.shape[2]
    assert float(guide.mean()) * width == pytest.approx(width / 2, abs=0.5)  # its edge is still in the middle


def test_a_guide_smaller_than_the_exemplar_comes_to_its_size(wall: Tensor, sides: Tensor) -> None:
    _, images = fitted_inputs(PatchParams(size=Extent(128, 128)), Inputs(wall, exemplar_guide=sides[:, ::4, ::4]))
    assert images.exemplar_guide is not None
    assert extent_of(images.exemplar_guide) == extent_of(images.source)


def test_a_guide_keeps_to_what_it_lies_over(wall: Tensor) -> None:
    """The wall itself as its own guide."""
    _, images = fitted_inputs(PatchParams(size=Extent(128, 128)), Inputs(wall, exemplar_guide=wall))
    assert torch.equal(images.source, images.exemplar_guide)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"size": Extent(192, 96)},
        {"exemplar_size": 64},
        {"tile": "x"},
        {"tile": "none"},
        {"regular": "off"},
        {"tile": "none", "exemplar_size": 90},
    ],
    ids=str,
)
def test_a_result_is_judged_by_the_exemplar_as_the_method_is_given_it(wall: Tensor, params: dict[str, Any]) -> None:
    p = PatchParams(**{"size": Extent(128, 128), **params})
    after, images = fitted_inputs(p, Inputs(wall))
    seen = scaled_exemplar(
        images.source, outline(after.model_copy(update={"regular": "off"}), images.source)
    )  # as the method reduces it
    assert torch.equal(scaled_exemplar(wall, outline(p, wall)), seen)


def test_with_a_content_it_is_judged_as_it_is(wall: Tensor) -> None:
    p, sizes = PatchParams(size=Extent(128, 128)), {"source": extent_of(wall), "content": Extent(64, 64)}
    assert extent_of(scaled_exemplar(wall, p.outline(sizes))) == extent_of(wall)
    assert fitted_exemplar(outline(p, wall), wall) is not None


def test_every_method_is_given_it_fitted(wall: Tensor) -> None:
    """Whatever makes a texture like an exemplar does so through `run`."""
    seen: list[Inputs] = []

    def generate(p: Any, images: Inputs, device: torch.device, state: Any = None) -> Iterator[Step]:
        seen.append(images)
        yield from ()

    for name in ("match", "gatys", "patch", "cnnmrf", "guided", "texnet", "sgan"):
        method = find_method(name)
        stand_in = type(method)(**{**vars(method), "generate": generate})
        list(stand_in.run(method.parse({"size": "128"}), Inputs(wall), torch.device("cpu")))
        assert seen[-1].lattice is not None, name


def test_a_run_goes_on_from_its_state_with_the_same_exemplar(wall: Tensor) -> None:
    method, cpu = find_method("patch"), torch.device("cpu")
    p = method.parse({"size": "64", "steps": "3 3", "patches": 1024})
    whole = list(method.run(p, Inputs(wall), cpu))
    stopped = next(method.run(p, Inputs(wall), cpu))
    resumed = list(method.run(p, Inputs(wall), cpu, stopped.state()))
    assert torch.equal(resumed[-1].image, whole[-1].image)


def test_the_page_can_say_what_will_be_done_and_offer_a_size(wall: Tensor) -> None:
    pattern = find_pattern(outline(GatysParams(size=Extent(128, 128)), wall), to_pixels(wall))
    assert isinstance(pattern, Pattern)
    assert pattern.words.startswith("Repeats every 36 × 26 px: fitted to 4 × 5, stretched by ")
    assert pattern.proposed is not None
    again = find_pattern(outline(GatysParams(size=pattern.proposed), wall), to_pixels(wall))
    assert again is not None
    assert again.fit is not None
    assert again.fit.strain < 0.01


def test_what_does_not_tile_is_not_fitted(wall: Tensor) -> None:
    pattern = find_pattern(outline(GatysParams(size=Extent(128, 128), tile="none"), wall), to_pixels(wall))
    assert pattern is not None
    assert pattern.fit is None
    assert pattern.words == "Repeats every 36 × 26 px"


def test_an_oblique_pattern_is_turned_a_little() -> None:
    picture = torch.tensor(dots(160, 160, vectors(2, 25, 27), 7), dtype=torch.float32).expand(3, -1, -1)
    _, images = fitted_inputs(PatchParams(size=Extent(160, 160)), Inputs(picture))
    assert images.lattice is not None
    assert off(lattice_of(images.source), images.lattice.basis) < 0.3
