"""“Mend a part”: what is painted over is filled, and the rest of the picture stays."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from texture.images.decoding import decode
from texture.images.encoding import encode_png

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

DONE = 120_000  # ms: the first run of a server compiles the search


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def photo() -> np.ndarray[Any, Any]:
    """Coloured noise, 64×96, with a green stain in the middle."""
    pixels = np.random.default_rng(3).integers(0, 160, (64, 96, 3)).astype(np.uint8)
    pixels[28:36, 44:52] = (0, 255, 0)
    return pixels


def paper(page: Page) -> Locator:
    return page.locator("#masking .sheet")


def test_a_stain_is_painted_over_and_filled(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name="Mend a part").check()
    expect(page.locator("#invite-heading")).to_have_text("Drop a photo to mend")
    page.locator("#slot-mask").get_by_role("button", name="Choose a picture").click()
    expect(page.locator("#masking-hint")).to_contain_text("Choose the photo first")
    page.keyboard.press("Escape")
    lab.drop(encode_png(photo()), "meadow.png", "image/png")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#slot-mask-error")).to_contain_text("The part to fill is missing")

    page.locator("#slot-mask").get_by_role("button", name="Choose a picture").click()
    expect(page.locator("#masking-hint")).to_contain_text("nothing is painted yet")
    expect(page.get_by_role("button", name="Use this")).to_be_disabled()
    page.locator("#masking-brush").fill("40")
    paper(page).click(button="right")  # which erases what is not there yet
    expect(page.get_by_role("button", name="Use this")).to_be_disabled()
    paper(page).focus()
    page.keyboard.press("Space")  # in the middle
    expect(page.get_by_role("button", name="Use this")).to_be_enabled()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Use this")).to_be_disabled()
    page.keyboard.press("+")
    paper(page).focus()
    page.keyboard.press("Space")  # smaller, of what is shown larger
    page.get_by_role("button", name="Use this").click()
    expect(page.locator("#slot-mask")).to_contain_text("Painted mask")

    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)
    expect(page.locator("#job-title")).to_have_text("Mended meadow.png")
    with page.expect_download() as download:
        lab.button("Download tile").click()
    with Image.open(download.value.path()) as picture:
        result = np.asarray(picture.convert("RGB"))
    job = page.request.get("/api/jobs").json()["jobs"][0]
    mask = decode(page.request.get(f"/api/images/{job['images']['mask']}").body())
    kept = mask[..., 0] == 0
    assert 50 < (~kept).sum() < 400
    assert np.array_equal(result[kept], photo()[kept])
    assert not (result == (0, 255, 0)).all(-1).any()


def test_a_part_of_a_result_is_mended_and_goes_on_across_its_borders(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start("match", {"source": "sample:gravel"}, size="64", rounds="2 1", tile="x"))
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)
    lab.button("Mend a part…").click()
    expect(page.locator("#masking-heading")).to_have_text("The part to fill")
    paper(page).click(position={"x": 2, "y": 200})
    page.get_by_role("button", name="Use this").click()
    expect(page.locator("#field-tile").get_by_role("radio", name="Horizontal")).to_be_checked()
    with page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/api/jobs")) as post:
        page.get_by_role("button", name="Start", exact=True).click()
    images = post.value.post_data_json["images"]
    mask = np.asarray(Image.open(io.BytesIO(page.request.get(f"/api/images/{images['mask']}").body())).convert("L"))
    assert mask[:, 0].any()
    assert mask[:, -1].any()
    assert not mask[:, 32].any()
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)


@pytest.mark.parametrize("fingers", [1, 2])
def test_one_finger_paints_and_two_zoom(lab: Lab, fingers: int) -> None:
    page = lab.page
    page.get_by_role("radio", name="Mend a part").check()
    lab.drop(encode_png(photo()), "meadow.png", "image/png")
    page.locator("#slot-mask").get_by_role("button", name="Choose a picture").click()
    expect(paper(page)).to_be_visible()
    expect(page.locator("#masking-hint")).not_to_be_empty()  # which takes room beside the picture
    before = paper(page).bounding_box()
    assert before
    paper(page).evaluate(
        """(paper, fingers) => {
            const {left, top} = paper.getBoundingClientRect();
            paper.setPointerCapture = () => {};
            const send = (type, pointerId, x) => paper.dispatchEvent(new PointerEvent(type, {
                pointerId, clientX: left + x, clientY: top + 100, button: 0, pointerType: "touch", bubbles: true}));
            send("pointerdown", 1, 100);
            if (fingers === 2) send("pointerdown", 2, 140);
            send("pointermove", fingers, 220);
            for (const finger of [1, 2]) send("pointerup", finger, 220);
        }""",
        fingers,
    )
    lab.drawn()
    after = paper(page).bounding_box()
    assert after
    if fingers == 1:
        assert after["width"] == pytest.approx(before["width"], abs=20)  # a bar may have come to scroll by
        expect(page.get_by_role("button", name="Use this")).to_be_enabled()
    else:
        assert after["width"] > 2 * before["width"]
        expect(page.get_by_role("button", name="Use this")).to_be_disabled()
