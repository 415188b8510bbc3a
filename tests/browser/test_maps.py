"""All maps of a material at once: brought together, corrected, carried along, and worn by the result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from texture.images.map_files import decode_map, encode_map
from texture.images.samples import find_sample

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

PIXELS = find_sample("wall").pixels()[:96, :96]
HEIGHT = (PIXELS.astype(float) @ [0.31, 0.57, 0.12] * 257).round().astype(np.uint16)
UP = np.broadcast_to(np.array([32768, 32768, 65535], np.uint16), (96, 96, 3))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    levels = {"Wall_Color": PIXELS, "Wall_Displacement": HEIGHT, "Wall_NormalGL": UP, "odd": PIXELS[..., 0]}
    for name, one in levels.items():
        (tmp_path / f"{name}.png").write_bytes(encode_map(np.ascontiguousarray(one)))
    return [tmp_path / f"{name}.png" for name in levels]


def test_several_files_are_a_material_and_so_is_the_result(lab: Lab, files: list[Path]) -> None:
    page = lab.page
    page.set_input_files("#file", files)
    expect(page.locator("#slot-source")).to_contain_text("Wall_Color.png")
    maps = page.get_by_role("region", name="Maps of the material")
    kinds = maps.get_by_role("combobox")
    expect(kinds).to_have_count(3)
    assert [one.input_value() for one in kinds.all()] == ["height", "normal", ""]
    kinds.last.select_option("metallic")
    kept = "() => localStorage['texture-lab.maps']"
    lab.until(lambda: '"metallic"' in page.evaluate(kept), "the map under its new name")
    page.reload()
    expect(maps.get_by_role("combobox", name="What odd.png is")).to_have_value("metallic")
    maps.get_by_role("button", name="Remove Wall_NormalGL.png").click()
    expect(kinds).to_have_count(2)
    page.get_by_role("radio", name="Match").check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(lab.button("Download material")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("radio", name="Sphere")).to_be_visible()


def test_a_file_that_is_no_normal_map_cannot_be_called_one(lab: Lab, files: list[Path]) -> None:
    page = lab.page
    page.set_input_files("#file", [files[0], files[3]])
    maps = page.get_by_role("region", name="Maps of the material")
    maps.get_by_role("combobox", name="What odd.png is").select_option("normal")
    expect(maps.get_by_role("alert")).to_contain_text("odd.png: this is not a normal map")
    expect(maps.get_by_role("combobox", name="What odd.png is")).to_have_value("")


def test_maps_stay_with_their_source_texture(lab: Lab, files: list[Path]) -> None:
    page = lab.page
    page.set_input_files("#file", files)
    maps = page.locator("#material-maps")
    expect(maps.locator("select")).to_have_count(3)
    page.get_by_role("button", name="Remove the source texture").click()
    expect(maps).to_be_hidden()


def test_where_the_source_texture_is_cropped_its_maps_are_too(lab: Lab, files: list[Path]) -> None:
    page = lab.page
    page.set_input_files("#file", files[:2])
    maps = page.get_by_role("region", name="Maps of the material")
    expect(maps.get_by_role("combobox")).to_have_count(1)
    page.get_by_role("button", name="Edit the source texture").click()
    corner = page.get_by_role("button", name="Lower right corner")
    corner.focus()
    for _ in range(20):
        corner.press("ArrowLeft")
        corner.press("ArrowUp")
    with page.expect_response("**/edited") as edited:
        page.locator("#editing-use").click()
    size = edited.value.json()
    assert size["width"] < 96
    expect(maps.get_by_role("combobox")).to_have_count(1)
    kept = page.evaluate("() => JSON.parse(localStorage['texture-lab.maps'])")
    assert kept["of"] == size["id"]
    levels = decode_map(page.request.get(f"{lab.url}/api/images/{kept['entries'][0]['id']}").body(), "map")
    assert (levels.shape, levels.dtype) == ((size["height"], size["width"]), np.uint16)
