"""“Only make it tile”: a photo in, the same photo out, and its borders meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from texture.images.encoding import encode_png

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

DONE = 120_000  # ms: the first run of a server compiles the search


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def photo() -> np.ndarray[Any, Any]:
    """Noise that grows brighter to the right, 64×96: its left and right borders do not meet."""
    noise = np.random.default_rng(3).integers(0, 60, (64, 96, 3))
    return np.asarray(noise + np.linspace(0, 190, 96)[None, :, None], np.uint8)


def test_a_photo_is_only_made_to_tile(lab: Lab) -> None:
    page = lab.page
    page.locator("#field-size").fill("512")  # which is nothing to this one
    page.get_by_role("radio", name="Off", exact=True).check()
    page.get_by_role("radio", name="Only make it tile").check()
    expect(page.locator("#invite-heading")).to_have_text("Drop a photo to make it tile")
    expect(page.locator("#field-size")).to_have_count(0)
    expect(page.locator("#field-tile").get_by_role("radio", name="Both")).to_be_checked()  # there is no “None”
    lab.drop(encode_png(photo()), "meadow.png", "image/png")
    expect(page.locator("#slot-source")).to_contain_text("96 × 64")
    expect(page.locator("#stage-tools [data-lens=tiling]")).to_be_visible()
    page.locator("#field-margin").fill("much")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#field-margin-error")).to_contain_text("write 15% or 0.15")

    page.locator("#field-margin").fill("25%")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)
    expect(page.locator("#job-title")).to_have_text("Tile of meadow.png")
    expect(page.locator("#job-subtitle")).to_contain_text("96 × 64")
    expect(page.locator("#stage-tools summary")).to_contain_text("2×2")  # its seams are in the middle
    with page.expect_download() as download:
        lab.button("Download tile").click()
    with Image.open(download.value.path()) as picture:
        result = np.asarray(picture.convert("RGB"))
    assert result.shape == (64, 96, 3)
    assert np.array_equal(result[16:48, 16:80], photo()[16:48, 16:80])
    assert seam(result) < seam(photo()) / 2

    page.keyboard.press("2")
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#stage-tools summary")).to_contain_text("1×1")
    page.get_by_role("radio", name="Neural statistics").check()
    expect(page.locator("#field-tile").get_by_role("radio", name="Off")).to_be_checked()


def seam(picture: np.ndarray[Any, Any]) -> float:
    """How far apart the left and the right border are."""
    return float(np.abs(picture[:, 0].astype(float).mean(0) - picture[:, -1].mean(0)).mean())


def test_it_is_no_method_to_compare_textures_by(lab: Lab) -> None:
    lab.page.get_by_role("button", name="Compare all methods").click()
    expect(lab.page.locator("#tray")).to_contain_text("Match")
    expect(lab.page.locator("#tray")).not_to_contain_text("Only make it tile")
