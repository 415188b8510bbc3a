"""What did not fit, at the widths where it did not; and what was lost, broken or called by another name on the way."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import PATIENCE, Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

CLIPPED = """(nodes) => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth)
    .map((node) => node.textContent)"""
OVERHANGING = """(nodes) => nodes.filter((node) => {
    const [inner, outer] = [node, node.closest(".run")].map((one) => one.getBoundingClientRect());
    return inner.right > outer.right || inner.bottom > outer.bottom;
}).map((node) => node.textContent)"""


def box(found: Locator) -> FloatRect:
    """Where it is: x, y, width and height in pixels of the page."""
    rect = found.bounding_box()
    assert rect
    return rect


def sized(open_lab: OpenLab, server: Any, width: int, height: int) -> Lab:
    return open_lab(server.url, viewport={"width": width, "height": height})


def compared(lab: Lab, *runs: dict[str, Any]) -> Page:
    """The page of a comparison of these runs of `counting`."""
    lab.open(f"/comparisons/{lab.compare_counting(list(runs))}")
    return lab.page


def all_done(lab: Lab) -> Page:
    page = compared(lab, {"steps": 9}, {"steps": 9, "seed": 1})
    expect(page.locator('.run[data-state="done"]')).to_have_count(2, timeout=3 * PATIENCE)
    return page


@pytest.mark.parametrize("width", [768, 900, 1100])
def test_the_wipe_has_a_picture_on_both_sides_of_its_line(open_lab: OpenLab, server: Any, width: int) -> None:
    page = all_done(sized(open_lab, server, width, 900))
    page.get_by_role("button", name="Wipe", exact=True).click()
    for layer in page.locator("#wipe .wipe-layer").all():
        assert box(layer)["height"] > 200


@pytest.mark.parametrize(("width", "height"), [(1366, 625), (1366, 560)])
def test_the_first_view_begins_at_its_top_and_can_be_scrolled_to_its_end(
    open_lab: OpenLab, server: Any, width: int, height: int
) -> None:
    page = sized(open_lab, server, width, height).page
    assert box(page.locator("#invite-drop"))["y"] >= box(page.locator("#invite"))["y"]
    last = page.locator("#samples button").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=0.99)


def test_on_a_tablet_start_is_seen_and_no_figure_is_cut_off(open_lab: OpenLab, server: Any) -> None:
    lab = sized(open_lab, server, 820, 1180)
    expect(lab.page.locator("#start")).to_be_in_viewport(ratio=1)
    lab.show(lab.start_counting(steps=9))
    lab.expect_state("Done")
    expect(lab.page.locator("#figures dd").first).to_be_visible()
    assert lab.page.locator("#figures :is(dt, dd)").evaluate_all(CLIPPED) == []
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 820


@pytest.mark.parametrize(("width", "height", "adding"), [(1440, 900, True), (1280, 720, False), (390, 844, False)])
def test_the_numbers_of_a_run_are_all_seen(
    open_lab: OpenLab, server: Any, width: int, height: int, adding: bool
) -> None:
    page = all_done(sized(open_lab, server, width, height))
    if adding:
        page.get_by_role("button", name="Add a run").click()
        expect(page.locator("#form")).to_be_visible()
    assert page.locator(".run-numbers :is(dt, dd, dd span)").evaluate_all(CLIPPED) == []
    assert page.locator(".run-numbers > div").evaluate_all(OVERHANGING) == []
    table = page.locator("#run-table")
    assert table.evaluate("(node) => getComputedStyle(node).backgroundAttachment") == "local, scroll"  # its shade


def test_curves_grow_while_the_first_run_goes_on(lab: Lab) -> None:
    page = compared(lab, {"steps": 10_000_000, "work": 20}, {"steps": 10_000_000, "work": 20, "seed": 1})
    expect(page.locator("#race canvas")).to_have_count(1)
    expect(page.locator('.run[data-state="running"]')).to_have_count(2)


def test_an_upload_that_is_gone_is_asked_for_again(lab: Lab, server: Any, png: bytes) -> None:
    page = lab.page
    lab.drop(png, "bark.png", "image/png")
    expect(page.locator("#slot-source")).to_contain_text("64 × 48")
    page.wait_for_function("() => document.querySelector('#slot-source img').naturalWidth > 0")
    for file in (server.data / "pictures").iterdir():
        file.unlink()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#slot-source-error")).to_have_text(
        "This picture’s file is gone from the server: choose the picture again."
    )
    assert page.evaluate("fetch('/api/jobs').then((answer) => answer.json())") == {
        "jobs": [],
        "names": {},
        "next": None,
    }


def test_what_is_painted_outlives_the_escape_key(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name="Match").first.check()
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    offer = page.get_by_role("button", name="Add a guide")
    offer.click()
    canvas = page.locator("[data-sheet=exemplar_guide] .sheet-mask")
    expect(page.locator("#masking-styles label")).to_have_count(8)
    page.keyboard.press("2")
    page.get_by_role("button", name="Fill").click()
    lab.drawn()
    painted = canvas.evaluate("(canvas) => canvas.toDataURL()")
    page.keyboard.press("Escape")
    expect(page.locator("#masking")).to_be_hidden()
    offer.click()
    expect(page.locator("#masking")).to_be_visible()
    lab.drawn()
    assert canvas.evaluate("(canvas) => canvas.toDataURL()") == painted


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_beside_the_app_look_like_it_and_lead_back(open_lab: OpenLab, server: Any, scheme: Any) -> None:
    page = open_lab(server.url, color_scheme=scheme).page
    ground = "(selector) => getComputedStyle(document.querySelector(selector)).backgroundColor"
    surface = page.evaluate(ground, "#form")
    for path, main in (("/nothing", ".problem main"), ("/api/docs", "body")):
        page.goto(server.url + path)
        assert page.evaluate(ground, main) == surface, path
        expect(page.get_by_role("link", name="Back to Texture Lab")).to_have_attribute("href", "/")
    page.get_by_role("link", name="Back to Texture Lab").click()
    expect(page.locator("html")).to_have_attribute("data-ready", "true")


def test_a_recipe_that_is_opened_is_seen(open_lab: OpenLab, server: Any) -> None:
    lab = sized(open_lab, server, 900, 700)
    lab.show(lab.start_counting(steps=9))
    lab.expect_state("Done")
    lab.page.get_by_text("Recipe").click()
    expect(lab.page.get_by_role("button", name="Reuse settings")).to_be_in_viewport(ratio=1)


def test_a_cancelled_job_is_resumed_and_its_name_is_large_enough_to_hit(lab: Lab) -> None:
    page = compared(lab, {"steps": 10_000_000, "work": 20}, {"steps": 9})
    run = page.locator(".run", has=page.get_by_role("button", name="Cancel", exact=True)).first
    assert box(run.locator("h3 a"))["height"] >= 24
    run.locator("h3 a").click()
    lab.button("Cancel").click()
    lab.expect_state("Cancelled")
    lab.button("Resume").click()
    expect(lab.button("Pause")).to_be_visible()
