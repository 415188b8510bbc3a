"""Phones, themes, contrast, names: what can be measured of how the page looks and reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

PHONES = [{"width": 360, "height": 740}, {"width": 390, "height": 844}, {"width": 430, "height": 932}]
READABLE = 4.5  # WCAG 2.2 AA, text of ordinary size


def script(name: str) -> str:
    """A measurement that runs in the page."""
    return (Path(__file__).parent / f"{name}.js").read_text()


def unreadable(page: Page) -> tuple[int, list[str]]:
    """How many texts there are, and those that are too faint; colours take a moment to change."""
    for _ in range(10):
        page.wait_for_timeout(200)
        read, poor = page.evaluate(script("contrast"), READABLE)
        if not poor:
            break
    return read, poor


def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than its window; pictures take a moment to shrink with it."""
    for _ in range(10):
        excess = int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        if excess <= 0:
            break
        page.wait_for_timeout(100)
    return excess


def box(page: Page, what: str) -> FloatRect:
    """Where it is: x, y, width and height in pixels of the page."""
    found = page.locator(what).bounding_box()
    assert found
    return found


VIEWS = (
    *("invitation", "exemplar", "editing", "advanced", "slots", "picker", "masking"),
    *("done", "failed", "trained", "history", "models", "storage", "sampling"),
)


def go_to(lab: Lab, view: str) -> None:
    page = lab.page
    if view == "exemplar":
        page.locator("#samples").get_by_role("button", name="Marble").click()
        expect(page.locator("#picture")).to_be_visible()
    elif view == "editing":
        page.get_by_role("button", name="Edit the source texture").click()
        expect(page.locator("#editing-crop")).to_be_visible()
    elif view == "advanced":
        page.keyboard.press("Escape")
        page.get_by_text("Advanced options").click()
    elif view == "slots":
        page.get_by_role("radio", name="Style transfer").check()
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator("#slot-content-error")).to_be_visible()
    elif view == "picker":
        page.locator("#slot-content").get_by_role("button", name="Choose a picture").click()
    elif view == "masking":
        page.locator("#picker").get_by_role("button", name="Coffee").click()
        page.get_by_role("button", name="Add a mask").click()
        expect(page.locator("#masking-styles label")).to_have_count(2)
    elif view in ("done", "failed"):
        page.keyboard.press("Escape")
        lab.show(lab.start_counting(steps=9, **({"fail_at": 4} if view == "failed" else {})))
        lab.expect_state(view.capitalize())
    elif view == "trained":
        lab.show(lab.start_counting(steps=9, train=True))
        expect(lab.button("Sample from it…")).to_be_visible()
    elif view in ("history", "models"):
        page.get_by_role("link", name=view.capitalize(), exact=True).click()
        expect(page.locator(f"#{view} .card").first).to_be_visible()
    elif view == "storage":
        page.locator("#models .storage-open").click()
        expect(page.get_by_role("dialog", name="Storage")).to_be_visible()
    elif view == "sampling":
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Sample from the model").click()
        expect(page.get_by_role("dialog", name="Sample of")).to_be_visible()


def test_nothing_scrolls_sideways_on_a_phone(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport=PHONES[0], has_touch=True, is_mobile=True)
    for view in VIEWS:
        go_to(lab, view)
        for screen in PHONES:
            lab.page.set_viewport_size(screen)
            assert too_wide(lab.page) <= 0, (view, screen)


def test_targets_are_large_enough_for_thumbs(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport=PHONES[1], has_touch=True, is_mobile=True)
    for view in VIEWS:
        go_to(lab, view)
        small = lab.page.evaluate(
            """() => [...document.querySelectorAll("button, .button, select, summary")]
                .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)
                .map((node) => node.textContent)"""
        )
        assert small == [], view


def test_a_phone_shows_the_picture_and_the_controls_first(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport=PHONES[1], has_touch=True, is_mobile=True)
    lab.show(lab.start_counting(steps=9))
    lab.expect_state("Done")
    lab.page.evaluate("document.querySelector('#banners').hidden = true")  # this server misses its weights, and says so
    expect(lab.page.locator("#canvas")).to_be_in_viewport(ratio=1)
    expect(lab.button("Download tile")).to_be_in_viewport()
    expect(lab.page.locator("#form")).to_be_hidden()


def test_nothing_that_is_told_lies_behind_what_stays_in_its_place(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport=PHONES[1], has_touch=True, is_mobile=True)
    page = lab.page
    page.get_by_role("radio", name="Style transfer").check()
    page.locator("#samples").get_by_role("button", name="Brush strokes").click()
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Start", exact=True).click()
    error, foot = box(page, "#slot-content-error"), box(page, ".panel-foot")
    assert error["y"] + error["height"] <= foot["y"]

    newest = [lab.start_counting(steps=3) for _ in range(3)][-1]
    lab.in_strip(newest).locator("button.frame").wait_for()
    page.locator("#jobs").evaluate("(strip) => strip.scrollTo(250, 0)")
    lab.in_strip(newest).locator("button.frame").evaluate("(button) => button.click()")
    lab.expect_state("Done")
    new, frame = box(page, "#jobs li:first-child"), box(page, f'#jobs li[data-job="{newest}"]')
    assert new["x"] + new["width"] <= frame["x"]


def test_text_is_readable_in_both_themes_and_every_control_has_a_name(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, reduced_motion="reduce")
    for view in VIEWS:
        go_to(lab, view)
        for scheme in ("light", "dark"):
            lab.page.emulate_media(color_scheme=scheme)
            read, poor = unreadable(lab.page)
            assert read > 12
            assert poor == [], (view, scheme)
        assert lab.page.evaluate(script("names")) == [], view


def test_the_theme_can_be_chosen_and_is_remembered(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, color_scheme="light")
    page = lab.page
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(ground)
    assert dark != light
    toggle = page.locator("#theme")
    toggle.click()
    expect(toggle).to_have_attribute("aria-label", "Theme: light. Change")
    assert page.evaluate(ground) == light
    lab.reload()
    assert page.evaluate(ground) == light
    toggle.click()
    assert page.evaluate(ground) == dark


def test_no_id_is_used_twice_and_every_reference_is_met(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=3))
    lab.expect_state("Done")
    twice, dangling = lab.page.evaluate(script("ids"))
    assert (twice, dangling) == ([], [])


def test_nothing_moves_for_those_who_ask_for_less_motion(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, reduced_motion="reduce")
    lab.show(lab.start_counting(steps=10_000_000, work=20))
    lab.expect_state("Running")
    style = "getComputedStyle(document.querySelector('.frame[data-state=running] .dot')).animationIterationCount"
    assert lab.page.evaluate(style) == "1"


def test_the_status_is_spoken(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=10_000_000, work=20))
    lab.expect_state("Running")
    lab.button("Pause").click()
    expect(lab.page.locator("#status")).to_have_text("Pebbles: paused.")


def test_the_page_asks_no_other_host(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url)
    hosts: set[str] = set()
    lab.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    lab.reload()
    lab.show(lab.start_counting(steps=3))
    lab.expect_state("Done")
    assert hosts == {server.url.split("/")[2]}
