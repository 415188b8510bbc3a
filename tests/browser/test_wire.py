"""What comes over the wire, in both async modes: frames, numbers, news of other tabs; and a server that goes away."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import PATIENCE, Lab

LONG = {"steps": 10_000_000, "work": 20}  # runs for as long as a test looks at it


def test_frames_arrive_over_the_websocket_and_each_is_acknowledged(lab: Lab) -> None:
    lab.show(lab.start_counting(**LONG))
    lab.wait_for_frames(5)
    lab.button("Pause").click()
    lab.expect_state("Paused")
    lab.until(lambda: lab.acknowledgements >= len(lab.frames), "an acknowledgement for each frame")


def test_numbers_and_curve_follow_the_job(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(**LONG))
    expect(page.locator("#figures")).to_contain_text("Steps per second")
    expect(page.locator("#curve canvas")).to_be_visible(timeout=PATIENCE)
    first = lab.step()
    page.wait_for_function("(before) => parseInt(document.querySelector('#progress').ariaValueNow) > before", arg=first)
    assert "distance from" in (page.locator("#curve").get_attribute("aria-label") or "")
    assert "%" in page.title()
    assert page.title().endswith("Pebbles · Texture Lab")


def test_pause_reload_resume(lab: Lab) -> None:
    lab.show(lab.start_counting(**LONG))
    lab.wait_for_frames(2)
    lab.button("Pause").click()
    lab.expect_state("Paused")
    paused_at = lab.step()
    lab.reload()
    lab.expect_state("Paused")
    assert lab.step() >= paused_at > 0
    seen = len(lab.frames)
    lab.button("Resume").click()
    lab.expect_state("Running")
    lab.wait_for_frames(seen + 3)
    assert lab.step() > paused_at


def test_a_second_tab_shows_the_running_job_at_once(lab: Lab, open_lab: OpenLab) -> None:
    lab.show(lab.start_counting(**LONG))
    lab.wait_for_frames(2)
    second = open_lab(lab.url, beside=lab)
    second.expect_state("Running")
    second.wait_for_frames(3)
    second.button("Cancel").click()
    lab.expect_state("Cancelled")


def test_a_new_job_shows_in_every_tab(lab: Lab, open_lab: OpenLab) -> None:
    second = open_lab(lab.url, beside=lab)
    job = lab.start_counting(steps=3)
    expect(second.in_strip(job)).to_contain_text("Done")


def test_a_server_that_goes_away_and_comes_back(open_lab: OpenLab, serve: Any) -> None:
    server = serve()
    lab = open_lab(server.url)
    lab.show(lab.start_counting(**LONG))
    lab.wait_for_frames(2)
    server.kill()
    banner = lab.page.locator("#banner-connection")
    expect(banner).to_contain_text("Connection lost")
    serve("--port", server.url.rpartition(":")[2], data=server.data)
    expect(banner).to_have_count(0, timeout=PATIENCE)
    lab.expect_state("Running")
    lab.wait_for_frames(len(set(lab.frames)) + 3)
