"""A set of tiles: chosen in the form, seen as a plane in the 3D view, downloaded with its index map."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.lab import Lab
from tests.browser.test_viewer import look, tool

DONE = 120_000  # ms: the first run of a server compiles the search
QUICK = {"size": "256", "rounds": "2 1", "regular": "off"}


def test_a_set_of_tiles_is_started_from_the_form_and_downloaded_with_its_index(lab: Lab, tmp_path: Path) -> None:
    page = lab.page
    page.get_by_role("radio", name="Tile set").check()
    page.locator("#samples").get_by_role("button", name="Wall").click()
    expect(page.locator("#field-tile")).to_have_count(0)  # there is no choice
    expect(page.locator("#lattice")).to_contain_text("Repeats every")
    page.locator("#field-size").fill("256")
    page.locator("#advanced").evaluate("(node) => node.setAttribute('open', '')")
    page.locator("#field-rounds").fill("2 1")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)
    expect(page.locator("#job-subtitle")).to_contain_text("Tile set")
    expect(page.locator("#maps")).to_contain_text("Index map")
    expect(lab.button("Download picture")).to_be_visible()
    with page.expect_download() as taken:
        lab.button("Download tile set").click()
    archive = tmp_path / "tiles.zip"
    taken.value.save_as(archive)
    assert taken.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(archive) as files:
        by_ending = {name.rsplit("-", 1)[-1]: files.read(name) for name in files.namelist()}
    assert Image.open(io.BytesIO(by_ending["index.png"])).size == (16, 16)
    assert len(json.loads(by_ending["tiles.json"])["tiles"]) == 16


def test_the_3d_view_has_a_plane_of_tiles_and_not_the_sheet_again_and_again(lab: Lab) -> None:
    page = lab.page
    page.emulate_media(reduced_motion="reduce")
    held: list[Route] = []
    page.route("**/maps/index.png*", lambda route: held.append(route))
    lab.show(lab.start("tileset", {"source": "sample:pebbles"}, **QUICK))
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)
    expect(page.locator("#preview")).to_be_hidden()
    tool(lab, "3D").click()
    page.get_by_role("radio", name="Plane", exact=True).check()
    expect(page.locator("#preview canvas")).to_be_visible()
    lab.until(lambda: len(held) > 1, "the index, beside the picture and for the plane")
    sheet = look(lab).astype(float)
    for route in held:
        route.continue_()
    lab.until(lambda: bool(np.abs(sheet - look(lab)).mean() > 1), "a plane that is no sheet again and again")
