"""A picture is cropped, turned and straightened in the page; settings are saved as presets of one's own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab
from texture.images.encoding import encode_png

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)


def bring(lab: Lab, width: int, height: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    lab.drop(encode_png(pixels), "bark.png", "image/png")
    expect(lab.page.locator("#slot-source")).to_contain_text(f"{width} × {height}")


def edit(page: Page) -> None:
    page.get_by_role("button", name="Edit the source texture").press("Enter")
    expect(page.locator("#editing-crop")).to_be_visible()


def drag(page: Page, what: Locator, right: float, down: float) -> None:
    box = what.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def source(page: Page) -> dict[str, Any]:
    picture: dict[str, Any] = json.loads(page.evaluate("localStorage.getItem('texture-lab.picture-source')"))
    return picture


def test_a_picture_is_edited_by_mouse_and_the_edit_is_taken_up_again(lab: Lab) -> None:
    page, size = lab.page, lab.page.locator("#editing-size")
    bring(lab, 400, 300)
    original = source(page)
    edit(page)
    expect(size).to_have_text("400 × 300 pixels")
    page.get_by_role("button", name="Rotate right").click()
    expect(size).to_have_text("300 × 400 pixels")
    page.get_by_role("slider", name="Straighten").fill("12.5")
    expect(page.locator("#editing-degrees")).to_have_text("12.5°")
    expect(size).to_have_text("236 × 315 pixels")
    page.get_by_role("radio", name="Square", exact=True).check()
    expect(size).to_have_text("236 × 236 pixels")
    drag(page, page.get_by_role("button", name="Upper left corner"), 60, 60)
    drag(page, page.locator("#editing-crop"), 500, 0)  # up to the edge
    told = size.inner_text()
    with page.expect_request("**/edited") as posted:
        page.get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("#editing")).to_be_hidden()
    asked = posted.value.post_data_json
    assert (asked["quarter_turns"], asked["angle"]) == (1, 12.5)
    crop = asked["crop"]
    assert f"{crop['width']} × {crop['height']} pixels" == told
    assert 100 < crop["width"] == crop["height"] < 236
    expect(page.locator("#slot-source")).to_contain_text("bark, edited.png")
    expect(page.locator("#slot-source")).to_contain_text(f"{crop['width']} × {crop['height']}")
    expect(page.get_by_role("button", name="Edit the source texture")).to_be_focused()

    lab.reload()
    edit(page)
    expect(size).to_have_text(told)
    expect(page.locator("#editing-degrees")).to_have_text("12.5°")
    page.get_by_role("button", name="Reset").click()
    expect(size).to_have_text("400 × 300 pixels")
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.locator("#slot-source")).to_contain_text("400 × 300")
    assert source(page)["id"] == original["id"]  # no copy of it


def test_a_picture_is_edited_by_keyboard_and_nothing_too_small_is_used(lab: Lab) -> None:
    page, size = lab.page, lab.page.locator("#editing-size")
    bring(lab, 100, 40)
    edit(page)
    corner = page.get_by_role("button", name="Lower right corner")
    corner.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    expect(size).to_have_text("99 × 39 pixels")
    for _ in range(20):
        page.keyboard.press("ArrowUp")
    expect(size).to_have_text("99 × 32 pixels")
    page.locator("#editing-crop").focus()
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    slider = page.get_by_role("slider", name="Straighten")
    slider.press("ArrowRight")
    expect(page.locator("#editing-degrees")).to_have_text("0.1°")
    expect(page.locator("#editing-error")).to_have_text("At least 32 pixels on each side are needed.")
    expect(page.get_by_role("button", name="Use", exact=True)).to_be_disabled()
    slider.press("ArrowLeft")
    expect(size).to_have_text("99 × 32 pixels")
    with page.expect_request("**/edited") as posted:
        slider.press("Enter")
    assert posted.value.post_data_json["crop"] == {"x": 0, "y": 8, "width": 99, "height": 32}
    expect(page.locator("#slot-source")).to_contain_text("99 × 32")


def test_settings_are_saved_as_a_preset_and_what_is_not_known_any_more_is_left_out(lab: Lab) -> None:
    page = lab.page
    row, name = page.locator(".own-presets"), page.get_by_label("Name", exact=True)
    expect(row).to_be_hidden()
    page.get_by_text("Advanced options").click()
    page.locator("#field-seed").fill("5")
    page.locator("#field-history").fill("7")
    page.get_by_role("button", name="Save as preset…").click()
    expect(page.locator("#keeping-words")).to_have_text("What differs from the defaults: history 7.")
    name.press("Enter")
    expect(page.locator("#keeping-error")).to_have_text("Enter a name.")
    name.fill("  Short   memory ")
    name.press("Enter")
    expect(page.locator("#keeping")).to_be_hidden()
    own = row.get_by_role("button", name="Short memory", exact=True)
    expect(own).to_have_attribute("aria-pressed", "true")
    page.get_by_role("radio", name="Fine", exact=True).check()
    page.locator("#field-history").fill("9")
    page.locator("#field-seed").fill("6")
    expect(own).to_have_attribute("aria-pressed", "false")

    lab.reload()
    page.get_by_text("Advanced options").click()
    own.click()
    expect(page.locator("#field-history")).to_have_value("7")
    expect(page.locator("#field-seed")).to_have_value("6")
    expect(page.get_by_role("radio", name="Standard", exact=True)).to_be_checked()

    page.locator("#field-history").fill("8")
    page.get_by_role("button", name="Save as preset…").click()
    name.fill("Short memory")
    expect(page.locator("#keeping-note")).to_contain_text("it is replaced")
    page.get_by_role("button", name="Replace").click()
    expect(row.locator("li")).to_have_count(1)
    page.evaluate("""() => {
        const all = JSON.parse(localStorage.getItem("texture-lab.presets"));
        Object.assign(all.gatys[0].values, {optimiser: "magic", old_name: 1});
        localStorage.setItem("texture-lab.presets", JSON.stringify(all));
    }""")
    lab.reload()
    page.get_by_text("Advanced options").click()
    own.click()
    expect(row).to_contain_text("Left out of “Short memory”, as this version does not take it: Optimiser, Old name.")
    expect(page.locator("#field-history")).to_have_value("8")
    page.get_by_role("button", name="Delete the preset Short memory").click()
    expect(row.locator("li")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(own).to_be_visible()
