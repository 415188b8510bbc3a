"""A tile becomes a material: its maps are seen on a sphere, and downloaded for an engine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.lab import NO_WEBGL, Lab
from tests.browser.test_viewer import look


def made(lab: Lab, size: str = "64") -> str:
    """The id of a tile of bricks, which is shown, and done."""
    tile = lab.start("match", {"source": "sample:wall"}, size=size, rounds="2 1")
    lab.show(tile)
    lab.expect_state("Done")
    return tile


def test_a_tile_is_made_a_material_seen_on_a_sphere_and_downloaded_for_an_engine(lab: Lab, tmp_path: Path) -> None:
    page = lab.page
    page.emulate_media(reduced_motion="reduce")
    made(lab)
    expect(page.locator("#preview")).to_be_hidden()
    lab.button("Make a material").click()
    expect(page.locator("#job-subtitle")).to_contain_text("Material maps")
    lab.expect_state("Done")
    expect(page.locator("#preview canvas")).to_be_visible()
    expect(page.locator("#preview")).not_to_be_focused()
    expect(page.get_by_role("radio", name="Sphere")).to_be_checked()
    expect(page.locator("#maps figure")).to_have_count(4)
    expect(page.locator("#maps")).to_contain_text("Ambient occlusion")
    expect(page.locator("#curve-block")).to_be_hidden()

    page.get_by_label("Export for").select_option("Godot")
    page.get_by_label("Export for").select_option("Blender")
    with page.expect_download() as taken:
        lab.button("Download material").click()
    archive = tmp_path / "material.zip"
    taken.value.save_as(archive)
    assert taken.value.suggested_filename == "wall-of-bricks-material-blender.zip"
    with zipfile.ZipFile(archive) as files:
        normal = next(name for name in files.namelist() if name.endswith("Normal.png"))
        assert Image.open(io.BytesIO(files.read(normal))).size == (64, 64)
    lab.reload()
    expect(page.get_by_label("Export for")).to_have_value("blender")


def test_the_relief_is_seen_and_what_is_no_material_is_shown_flat_again(lab: Lab) -> None:
    page = lab.page
    page.emulate_media(reduced_motion="reduce")
    tile = made(lab)
    flat, deep = (
        lab.start("material", {"source": "sample:wall"}, depth=depth, occlusion=0, delight=0) for depth in (0.001, 0.1)
    )
    seen = []
    for job in (flat, deep):
        lab.show(job)
        lab.expect_state("Done")
        expect(page.locator("#preview canvas")).to_be_visible()
        page.wait_for_load_state("networkidle")
        seen.append(look(lab).astype(float))
    assert np.abs(seen[0] - seen[1]).mean() > 1, "the same colours, with the light on other slopes"
    lab.show(tile)
    expect(page.locator("#preview")).to_be_hidden()


def test_sliders_change_the_sphere_while_they_move_and_maps_are_made_with_them(lab: Lab) -> None:
    page = lab.page
    page.emulate_media(reduced_motion="reduce")
    lab.show(lab.start("material", {"source": "sample:wall"}))
    lab.expect_state("Done")
    page.locator("#preview-tools summary").click()
    make = page.get_by_role("button", name="Make these maps")
    expect(make).to_be_disabled()
    before = look(lab).astype(float)
    for name, value in (("Roughness", "0.1"), ("Normal strength", "4"), ("Metallic", "1")):
        page.get_by_role("slider", name=name).fill(value)
        now = look(lab).astype(float)
        assert np.abs(now - before).mean() > 0.1, name
        before = now
    make.click()
    expect(page.locator("#preview-tools details[open]")).to_have_count(0)
    lab.until(lambda: len(rows(lab)) == 2, "a second job")
    made, first = rows(lab)
    assert made["params"] == {**first["params"], "roughness": 0.1, "normal_strength": 4, "metallic": 1}
    assert made["images"] == first["images"]
    lab.expect_state("Done")
    page.locator("#preview-tools summary").click()
    expect(page.get_by_role("slider", name="Roughness")).to_have_value("0.1")
    expect(make).to_be_disabled()


def rows(lab: Lab) -> list[dict[str, Any]]:
    """The jobs, newest first."""
    found: list[dict[str, Any]] = lab.page.request.get(f"{lab.url}/api/jobs").json()["jobs"]
    return found


def test_without_webgl_a_material_is_shown_flat(lab: Lab) -> None:
    lab.page.add_init_script(NO_WEBGL)
    lab.reload()
    lab.show(lab.start("material", {"source": "sample:wall"}))
    lab.expect_state("Done")
    expect(lab.page.locator("#maps figure")).to_have_count(4)
    expect(lab.page.locator("#canvas")).to_be_visible()
    expect(lab.page.locator("#preview")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_the_maps_stand_two_by_two(lab: Lab, width: int) -> None:
    lab.page.set_viewport_size({"width": width, "height": 900})
    lab.show(lab.start("material", {"source": "sample:wall"}))
    lab.expect_state("Done")
    maps = lab.page.locator("#maps figure")
    expect(maps).to_have_count(4)
    boxes = maps.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    first, second, third, _ = boxes
    assert first["y"] == second["y"] < third["y"]
    assert second["right"] <= width
