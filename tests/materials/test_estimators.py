"""Every map tiles as its picture does, and says what is there where that is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.materials.surfaces import correlation, noise, stones
from texture.images.tensors import Wrap
from texture.materials.colour import lightness, to_linear, to_srgb
from texture.materials.delighting import delighted
from texture.materials.heights import heights
from texture.materials.normals import normals
from texture.materials.occlusion import occlusion
from texture.materials.roughness import roughness
from texture.materials.shading import heights_from_shading
from texture.materials.torus import blurred, gradient

Estimator = Callable[[Tensor, Wrap], Tensor]
ESTIMATORS: dict[str, Estimator] = {
    "delighted": lambda picture, tile: delighted(to_linear(picture), tile, 0.8, 0.1),
    "heights": lambda picture, tile: heights(lightness(picture), tile, 0.4),
    "heights of light grooves": lambda picture, tile: heights(lightness(picture), tile, 0.4, "light"),
    "heights under a light": lambda picture, tile: heights(lightness(picture), tile, 0.4, "dark", 130.0),
    "normals": lambda picture, tile: normals(picture[:1], tile, 0.05),
    "roughness": lambda picture, tile: roughness(lightness(picture), tile, 0.6, 0.5),
    "occlusion": lambda picture, tile: occlusion(picture[:1], tile, 0.05, 1.0, 0.1),
}
GREY = torch.full((3, 40, 56), 0.5)


@pytest.mark.parametrize("name", list(ESTIMATORS))
@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_a_rolled_picture_has_the_rolled_map(name: str, tile: Wrap) -> None:
    """There is no edge in it that anything could depend on: the strongest test of a seam."""
    picture = noise(48, 70, sigma=1.0, channels=3)
    offset = (17 if tile in ("y", "both") else 0, 31 if tile in ("x", "both") else 0)
    before, after = ESTIMATORS[name](picture, tile), ESTIMATORS[name](picture.roll(offset, (-2, -1)), tile)
    assert torch.allclose(before.roll(offset, (-2, -1)), after, atol=2e-4)
    assert before.std() > 0.005


@pytest.mark.parametrize("name", list(ESTIMATORS))
@pytest.mark.parametrize("tile", ["none", "x", "y"])
def test_where_a_picture_does_not_wrap_its_far_edges_do_not_touch(name: str, tile: Wrap) -> None:
    """Another far edge changes nothing at the near one, as it does where the two meet."""
    one, other = noise(96, 96, sigma=0.7, channels=3), noise(96, 96, sigma=0.7, channels=3)
    dim = -1 if tile in ("none", "y") else -2
    other.narrow(dim, 90, 6).copy_(other.narrow(dim, 90, 6).flip(dim))

    def change(way: Wrap) -> float:
        near = (ESTIMATORS[name](one, way) - ESTIMATORS[name](other, way)).narrow(dim, 0, 1)
        return float((near - near.median()).abs().mean())

    assert change(tile) < 0.5 * change("both")


@pytest.mark.parametrize("name", list(ESTIMATORS))
@pytest.mark.parametrize("tile", ["none", "both"])
@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_flat_picture_has_flat_maps(name: str, tile: Wrap, grey: float) -> None:
    found = ESTIMATORS[name](torch.full((3, 40, 56), grey), tile)
    assert torch.isfinite(found).all()
    assert (found.amax((1, 2)) - found.amin((1, 2))).max() < 1e-3


@pytest.mark.parametrize("name", list(ESTIMATORS))
@pytest.mark.parametrize("shape", [(32, 32), (33, 71), (64, 37)])
def test_maps_have_the_size_of_the_picture_and_stay_in_0_to_1(name: str, shape: tuple[int, int]) -> None:
    found = ESTIMATORS[name](noise(*shape, channels=3), "both")
    assert found.shape[1:] == shape
    assert found.amin() >= 0
    assert found.amax() <= 1


def test_linear_light_and_back() -> None:
    srgb = torch.linspace(0, 1, 256).reshape(1, 16, 16)
    assert torch.allclose(to_srgb(to_linear(srgb)), srgb, atol=1e-5)
    assert float(to_linear(torch.tensor(0.5))) == pytest.approx(0.21404, abs=1e-4)


def test_slow_shading_is_taken_off_and_the_hue_stays() -> None:
    surface = 0.2 + 0.3 * noise(96, 96, sigma=1.0, channels=3)
    angle = torch.arange(96) / 96 * 2 * math.pi
    shaded = surface * (0.75 + 0.25 * torch.sin(angle))
    found = delighted(shaded, "both", 1.0, 0.08)
    slow = [blurred(one.log(), "both", 12).std() for one in (shaded, found, surface)]
    assert slow[1] < 0.2 * slow[0]
    assert torch.allclose(found / found.sum(0), shaded / shaded.sum(0), atol=1e-5)
    assert torch.equal(delighted(shaded, "both", 0.0, 0.08), shaded)


def test_delighting_brightens_no_channel_beyond_white() -> None:
    picture = torch.full((3, 64, 64), 0.05)
    picture[0, :4, :4] = 1.0
    found = delighted(picture, "both", 1.0, 0.1)
    assert found.amax() <= 1


@pytest.mark.parametrize("light", [0.0, 60.0, 135.0, 250.0])
@pytest.mark.parametrize("tile", ["both", "none"])
def test_a_relief_under_a_known_light_gives_back_its_heights(light: float, tile: Wrap) -> None:
    relief = noise(128, 128, sigma=2.5, seed=3)
    across, down = gradient(relief, "both")
    x, y = math.cos(math.radians(light)), -math.sin(math.radians(light))  # towards the light; rows count downwards
    brightness = 0.5 - 2 * (across * x + down * y)
    found = heights_from_shading(brightness, light, tile, torch.zeros_like(relief), 0.5)
    assert correlation(found, relief) > 0.87
    assert float(found.std() / relief.std()) == pytest.approx(0.85, abs=0.15)
    assert (
        correlation(heights_from_shading(brightness, light + 180, tile, torch.zeros_like(relief), 0.5), relief) < -0.87
    )


def test_stones_of_any_brightness_are_high_and_gaps_deep() -> None:
    lightness_of_stones, relief = stones()
    found = heights(lightness_of_stones, "both", 0.2)
    assert correlation(found, relief) > 0.85
    assert correlation(lightness_of_stones, relief) < 0.7  # brightness itself would have told less
    middles = found[0, 16::32, 16::32]
    assert middles.std() < 0.1 < 0.6 < middles.mean()


def test_pale_joints_are_deep_too() -> None:
    joints = 1 - 0.6 * (stones()[1] > 0.15).float()
    for deep in ("auto", "light"):
        assert correlation(heights(joints, "both", 0.2, deep), stones()[1]) > 0.8
    assert correlation(heights(joints, "both", 0.2, "dark"), stones()[1]) < 0.4


def test_detail_moves_from_the_form_to_the_grain() -> None:
    picture = (stones()[0] + 0.05 * noise(128, 128)).clamp(0, 1)
    fine = [
        heights(picture, "both", detail) - blurred(heights(picture, "both", detail), "both", 1.5) for detail in (0, 1)
    ]
    assert fine[1].std() > 2 * fine[0].std()


def test_the_normals_of_a_known_relief_are_known_in_both_directions() -> None:
    """It rises to the right by one in two pixels, and down the picture by one in four."""
    ramp = (torch.arange(64) / 2 + torch.arange(64)[:, None] / 4)[None] / 64
    inside = normals(ramp, "both", 1.0)[:, 5:-5, 5:-5] * 2 - 1
    wanted = torch.tensor([-0.5, 0.25, 1.0]) / math.sqrt(1 + 0.25 + 0.0625)  # it falls upwards, so green is positive
    assert torch.allclose(inside, wanted[:, None, None].expand_as(inside), atol=1e-5)
    down = normals(ramp, "both", 1.0, "directx")[:, 5:-5, 5:-5] * 2 - 1
    assert torch.allclose(down, inside * torch.tensor([1.0, -1.0, 1.0])[:, None, None], atol=1e-6)
    edge = normals(ramp, "none", 1.0)[:, 10, 0] * 2 - 1
    assert edge[0] < 0


def test_normals_have_length_one() -> None:
    found = normals(noise(40, 40), "both", 0.1) * 2 - 1
    assert torch.allclose(found.norm(dim=0), torch.ones(40, 40), atol=1e-5)


def test_a_hole_is_dark_and_a_plain_is_not() -> None:
    plain = torch.ones(1, 64, 64)
    plain[:, 28:36, 28:36] = 0
    seen = occlusion(plain, "both", 0.1, 1.0, 0.2)
    assert seen[0, 32, 32] < 0.75
    assert seen[0, 0, 0] > 0.999
    assert occlusion(plain, "both", 0.1, 2.0, 0.2)[0, 32, 32] < seen[0, 32, 32]
    assert (occlusion(plain, "both", 0.1, 0.0, 0.2) == 1).all()


def test_the_sky_above_the_floor_of_a_trench_is_what_geometry_says() -> None:
    """Between endless walls whose tops stand at 45 degrees, along two of eight directions nothing is hidden."""
    trench = torch.ones(1, 128, 128)
    trench[:, :, 54:75] = 0  # 10 pixels to either side of column 64
    seen = occlusion(trench, "both", 11 / 128, 1.0, 0.25)[0, 64, 64]
    across, aslant = 1 / 2, 1 / (1 + 0.5)
    assert float(seen) == pytest.approx((2 * across + 4 * aslant + 2) / 8, abs=0.08)


def test_roughness_keeps_to_its_level_and_dark_grain_is_rougher() -> None:
    picture = torch.full((1, 64, 64), 0.8)
    picture[:, :, 32:] = 0.3 + 0.2 * noise(64, 32)
    found = roughness(picture, "both", 0.5, 0.6)
    assert found[0, :, 40:56].mean() > found[0, :, 8:24].mean() + 0.2
    assert found.amin() >= 0.5 - 0.3
    assert found.amax() <= 0.5 + 0.3
    assert torch.equal(roughness(picture, "both", 0.4, 0.0), torch.full_like(picture, 0.4))
