"""Which map a file is, by the habits of engines and libraries."""

from __future__ import annotations

import pytest

from texture.errors import InvalidInput
from texture.materials.naming import BASE, kind_of, recognised

HABITS = {
    "Unreal": "T_Wall_BC base_colour, T_Wall_D base_colour, T_Wall_N normal, T_Wall_H height, T_Wall_R roughness, "
    "T_Wall_M metallic, T_Wall_AO occlusion, T_Wall_E emissive, T_Wall_ORM orm",
    "Unity": "Wall_BaseMap base_colour, Wall_Albedo base_colour, Wall_Normal normal, Wall_Height height, "
    "Wall_Occlusion occlusion, Wall_Emission emissive, Wall_Smoothness glossiness",
    "ambientCG": "Bricks076_1K-PNG_Color base_colour, Bricks076_1K-PNG_NormalGL normal, "
    "Bricks076_1K-PNG_NormalDX normal_dx, Bricks076_1K-PNG_Displacement height, Bricks076_1K-PNG_Roughness roughness, "
    "Bricks076_1K-PNG_AmbientOcclusion occlusion, Metal049A_1K-PNG_Metalness metallic, Leaf_1K-PNG_Opacity opacity",
    "Poly Haven": "red_brick_diff_4k base_colour, red_brick_nor_gl_4k normal, red_brick_nor_dx_4k normal_dx, "
    "red_brick_disp_4k height, red_brick_rough_4k roughness, red_brick_ao_4k occlusion, red_brick_arm_4k orm, "
    "red_brick_metal_4k metallic",
    "people": "albedo base_colour, Base Color base_colour, wall-normal-map normal, wall_normal_1024x1024 normal, "
    "wall.height.16bit height, wall gloss glossiness, wall_mask opacity, NORMAL normal, bump height",
    "nothing known": "pebbles -, rough_stone -, d -, Wall_MaskMap -, Wall_MetallicSmoothness -, Bricks076 -, "
    "IMG_E0042 -, Bricks_MaskMap_2K -, Bricks_metallicRoughness_1k -, Bricks_RMA_4k_png -",
}
TABLE = [
    (name.strip().rsplit(" ", 1)[0], name.rsplit(" ", 1)[1], whose)
    for whose, names in HABITS.items()
    for name in names.split(", ")
]


@pytest.mark.parametrize(("name", "kind", "whose"), TABLE, ids=lambda value: str(value))
def test_a_name_says_which_map_it_is(name, kind, whose):
    assert kind_of(f"some/folder/{name}.png") == (None if kind == "-" else kind)


def test_files_are_recognised_together():
    found, unknown = recognised(["wall_color.png", "wall_n.png", "readme_preview.png"])
    assert found == {BASE: "wall_color.png", "normal": "wall_n.png"}
    assert unknown == ["readme_preview.png"]


def test_a_single_file_without_a_hint_is_the_base_colour():
    assert recognised(["wall.jpg", "wall_normal.png"])[0] == {BASE: "wall.jpg", "normal": "wall_normal.png"}


def test_packed_channels_are_never_the_base_colour():
    assert recognised(["Bricks_Normal.png", "Bricks_MaskMap.png"]) == (
        {"normal": "Bricks_Normal.png"},
        ["Bricks_MaskMap.png"],
    )
    assert recognised(["Bricks.png", "Bricks_MaskMap.png"])[0] == {BASE: "Bricks.png"}


def test_a_material_may_be_called_metal():
    maps = ["Metal032_1K-PNG_Color.png", "Metal032_1K-PNG_Metalness.png"]
    assert recognised(["Metal032.png", *maps]) == ({BASE: maps[0], "metallic": maps[1]}, ["Metal032.png"])
    assert recognised(["rusty_metal.jpg", "rusty_metal_nor.exr"])[0] == {
        BASE: "rusty_metal.jpg",
        "normal": "rusty_metal_nor.exr",
    }
    assert recognised(["brick_diff_4k.png", "brick_metal_4k.png"])[0]["metallic"] == "brick_metal_4k.png"


def test_a_letter_counts_where_another_name_begins_alike():
    assert recognised(["Kitchen-R.jpg", "wall_normal.png"])[0] == {BASE: "Kitchen-R.jpg", "normal": "wall_normal.png"}
    assert recognised(["T_Wall_D.png", "T_Wall_R.png"])[0] == {BASE: "T_Wall_D.png", "roughness": "T_Wall_R.png"}


def test_of_both_directions_of_normals_green_up_is_taken():
    assert "normal_dx" not in recognised(["a_NormalDX.png", "a_NormalGL.png", "a_Color.png"])[0]


def test_two_files_of_one_map_are_refused_by_their_names():
    with pytest.raises(
        InvalidInput, match=r"wall_ao\.png and wall_occlusion\.png are both named like ambient occlusion"
    ):
        recognised(["wall_ao.png", "wall_occlusion.png"])
