"""What is given beside a base colour, and the maps that it comes to."""

from __future__ import annotations

import numpy as np
import pytest

from texture.errors import InvalidInput
from texture.materials.given import GIVEN, maps_of, turned

SIZE = (32, 48)
RANDOM = np.random.default_rng(0)


def grey(bits: int = 8):
    return RANDOM.integers(0, 2**bits, SIZE, dtype=np.uint8 if bits == 8 else np.uint16)


def upwards(slope: float = 0.0):
    """A normal map of 16 bits that leans to the right and up by so much."""
    vector = np.array([slope, slope, 1]) / np.linalg.norm([slope, slope, 1])
    return np.broadcast_to(((vector + 1) / 2 * 65535).round().astype(np.uint16), (*SIZE, 3)).copy()


def test_depth_and_values_stay_as_they_are():
    height, rough = grey(16), grey()
    found = maps_of({"height": height, "roughness": rough}, SIZE)
    assert (found["height"] == height).all()
    assert found["height"].dtype == np.uint16
    assert (found["roughness"] == rough).all()
    assert found["roughness"].dtype == np.uint8


def test_grey_saved_in_three_channels_is_one():
    height = grey(16)
    assert (maps_of({"height": np.stack([height] * 3, -1)}, SIZE)["height"] == height).all()


def test_directx_normals_get_green_up():
    given = upwards(0.3)
    found = maps_of({"normal_dx": given}, SIZE)["normal"]
    assert (found[..., 1] == 65535 - given[..., 1]).all()
    assert (found[..., ::2] == given[..., ::2]).all()


def test_glossiness_is_roughness_inverted():
    gloss = grey()
    assert (maps_of({"glossiness": gloss}, SIZE)["roughness"] == 255 - gloss).all()


def test_packed_channels_give_what_is_not_given_by_itself():
    packed, rough = np.stack([grey(), grey(), grey()], -1), grey()
    found = maps_of({"orm": packed, "roughness": rough}, SIZE)
    assert (found["occlusion"] == packed[..., 0]).all()
    assert (found["metallic"] == packed[..., 2]).all()
    assert (found["roughness"] == rough).all()


def test_alpha_is_opacity():
    levels = np.stack([grey(), grey(), grey(), grey()], -1)
    assert (maps_of({"opacity": levels}, SIZE)["opacity"] == levels[..., 3]).all()


def test_another_size_is_refused_with_both():
    with pytest.raises(InvalidInput, match=r"height has 40x32 pixels, and the base colour 48x32") as refused:
        maps_of({"height": np.zeros((32, 40), np.uint8)}, SIZE)
    assert refused.value.field == "height"


@pytest.mark.parametrize(
    "levels",
    [
        np.stack([grey()] * 3, -1),
        np.stack([grey(), grey(), grey()], -1),
        65535 - upwards(),
        np.full((*SIZE, 3), 255, np.uint8),
    ],
    ids=["grey", "a photo", "pointing away", "white"],
)
def test_what_is_not_a_normal_map_is_refused(levels):
    with pytest.raises(InvalidInput, match="this is not a normal map") as refused:
        maps_of({"normal": levels}, SIZE)
    assert refused.value.field == "normal"


def test_the_same_map_twice_is_refused():
    with pytest.raises(InvalidInput, match="normal and normal_dx are both given"):
        maps_of({"normal": upwards(), "normal_dx": upwards()}, SIZE)


def test_what_is_no_map_is_refused():
    with pytest.raises(InvalidInput, match=f"'colour' is none of {', '.join(GIVEN)}"):
        maps_of({"colour": grey()}, SIZE)


@pytest.mark.parametrize("matrix", [((0, 1), (-1, 0)), ((1, 0), (0, 2)), ((1.2, 0.1), (0, 0.9))])
def test_normals_of_a_deformed_plane_are_those_of_its_slopes(matrix):
    slopes = np.array([0.4, -0.7])  # of the height: down, right
    moved = np.linalg.inv(np.array(matrix, float)) @ slopes  # h'(p·M) = h(p)

    def facing(down, right):
        vector = np.array([-right, down, 1.0], np.float32)[:, None, None]  # green is up
        return vector / np.linalg.norm(vector)

    assert turned(facing(*slopes), np.array(matrix, float)) == pytest.approx(facing(*moved), abs=1e-6)
