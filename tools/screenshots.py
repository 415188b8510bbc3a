"""Pictures of the page, made with the built-in samples: `python -m tools.screenshots`; some go to docs/pictures.

With a folder, `python -m tools.screenshots DIR`, every screen in every size goes there instead; that needs no weights.

Starts the app on a free port with a data folder of its own, makes textures with the real network, and takes them as a
person sees them, on a desktop and on a phone. Needs a Chromium and the VGG-19 weights; takes a few minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tools.chromium import ABSENT, find_browser, launch
from tools.screens import take_screens

ROOT = Path(__file__).parents[1]
SHOTS = ROOT / "build" / "screenshots"  # all of them, to look at
PICTURES = ROOT / "docs" / "pictures"  # those that documents show
SHOWN = (
    *("running", "phone-running", "done-dark", "idle"),
    *("comparison", "comparison-dark", "wipe", "models"),
    *("mask", "repainted", "origins"),
)
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
PATIENCE = 900_000  # ms for a job on a slow machine
UNDERWAY = 45  # per cent at which a running job is taken: the texture is there, and still changes

FAIL = """async () => {
    const params = {steps: 90, fail_at: 40, size: "256", work: 60};
    const body = {method: "counting", images: {source: "sample:marble"}, params};
    const headers = {"Content-Type": "application/json"};
    const answer = await fetch("/api/jobs", {method: "POST", headers, body: JSON.stringify(body)});
    return (await answer.json()).id;
}"""


COMPARE = """async (minutes) => {
    const runs = [
        {method: "gatys"}, {method: "sgan", params: {minutes}}, {method: "gatys", preset: "draft", params: {seed: 3}},
    ];
    const headers = {"Content-Type": "application/json"};
    const body = JSON.stringify({images: {source: "sample:pebbles"}, runs});
    const answer = await fetch("/api/comparisons", {method: "POST", headers, body});
    return (await answer.json()).id;
}"""


@contextmanager
def app() -> Iterator[str]:
    """The address of a fresh app."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TEXTURE_DATA": folder, "TEXTURE_PORT": port}
        command = [sys.executable, str(ROOT / "app.py")]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def take(page: Page, name: str) -> None:
    """Write build/screenshots/<name>.png of what the page shows."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(600)
    page.screenshot(path=SHOTS / f"{name}.png")
    print(f"{name}.png", flush=True)


def begin(page: Page, sample: str, preset: str, **fields: str) -> None:
    """Pick a sample, set the form, press Start."""
    page.keyboard.press("n")
    change = page.get_by_role("button", name="Change the source texture")
    if change.is_visible():
        change.click()
    page.locator(f'[data-sample="sample:{sample}"]').click()
    page.get_by_role("radio", name="Neural statistics").check()
    page.get_by_role("radio", name=preset, exact=True).check()
    for name, value in fields.items():
        page.locator(f"#field-{name}").fill(value)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-view", "job")


def wait_for(page: Page, share: int) -> None:
    """Until the job shown has come so far, in per cent."""
    there = "(share) => { const {ariaValueNow, ariaValueMax} = document.querySelector('#progress'); "
    page.wait_for_function(there + "return 100 * ariaValueNow >= share * ariaValueMax; }", arg=share, timeout=PATIENCE)


def until_done(page: Page) -> None:
    """Until the job shown is done."""
    expect(page.locator("#badge")).to_have_text("Done", timeout=PATIENCE)


def open_page(context: BrowserContext, address: str) -> Page:
    """The page, with what the server offers and its pictures."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    page.wait_for_load_state("networkidle")
    return page


def take_all(browser: Browser, address: str, preset: str) -> None:
    """Every picture, in the order in which the jobs get there."""
    context = browser.new_context(**DESKTOP, color_scheme="light")
    page = open_page(context, address)
    take(page, "idle")
    for sample in ("clay", "weave"):
        begin(page, sample, "Draft")
        until_done(page)
    begin(page, "pebbles", preset)
    wait_for(page, UNDERWAY)
    take(page, "running")
    phone = browser.new_context(**PHONE, storage_state=context.storage_state(), color_scheme="light")
    handset = open_page(phone, address)
    take(handset, "phone-running")
    until_done(page)
    take(page, "done")
    page.keyboard.press("3")
    page.emulate_media(color_scheme="dark")
    take(page, "done-dark")
    handset.keyboard.press("2")
    handset.emulate_media(color_scheme="dark")
    take(handset, "phone-done-dark")
    take_failure(page)
    stranger = open_page(browser.new_context(**PHONE, color_scheme="light"), address)
    take(stranger, "phone-idle")


def take_comparison(browser: Browser, address: str, minutes: float) -> None:
    """Gatys twice and SGAN on one source texture, live and done; then its model."""
    context = browser.new_context(**DESKTOP, color_scheme="light")
    page = open_page(context, address)
    page.goto(f"{address}/comparisons/{page.evaluate(COMPARE, minutes)}")
    page.wait_for_timeout(1000 * (30 * minutes + 30))  # of wall-clock: the first two are done by then, and SGAN is not
    take(page, "comparison")
    phone = browser.new_context(**PHONE, storage_state=context.storage_state(), color_scheme="light")
    handset = open_page(phone, page.url)
    take(handset, "phone-comparison")
    expect(page.get_by_text("3 runs · 3 done")).to_be_visible(timeout=PATIENCE)
    page.emulate_media(color_scheme="dark")
    page.locator("#stage, main").first.focus()
    take(page, "comparison-dark")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Wipe").first.click()
    take(page, "wipe")
    for place in ("history", "models"):
        page.goto(f"{address}/{place}")
        page.wait_for_load_state("networkidle")
        take(page, place)


def take_roles(browser: Browser, address: str) -> None:
    """A photograph in two styles with a mask that is painted, and a texture of patches with its map."""
    context = browser.new_context(**DESKTOP, color_scheme="light")
    page = open_page(context, address)
    page.get_by_role("radio", name="Style transfer").check()
    page.locator('#samples [data-sample="sample:strokes"]').click()
    for button, title in (("Choose a picture", "Coffee"), ("Add a style", "Marble")):
        page.locator("#pictures").get_by_role("button", name=button).locator("visible=true").first.click()
        page.locator("#picker").get_by_role("button", name=title).click()
        expect(page.locator("#picker")).to_be_hidden()
    page.get_by_role("button", name="Add a mask").click()
    expect(page.locator("#masking-hint")).to_have_text("Paint where Marble goes.")
    page.locator("#masking-brush").fill(page.locator("#masking-brush").get_attribute("max") or "")
    sheet = page.locator("#masking .sheet").bounding_box()
    assert sheet
    for row in (0.0, 0.12, 0.24):
        page.mouse.move(sheet["x"] + 2, sheet["y"] + row * sheet["height"] + 2)
        page.mouse.down()
        page.mouse.move(sheet["x"] + sheet["width"] - 2, sheet["y"] + row * sheet["height"] + 2, steps=12)
        page.mouse.up()
    take(page, "mask")
    page.get_by_role("button", name="Use this mask").click()
    expect(page.locator("#masking")).to_be_hidden()
    take(page, "roles")
    phone = browser.new_context(**PHONE, storage_state=context.storage_state(), color_scheme="dark")
    take(open_page(phone, address), "phone-roles")
    page.get_by_role("button", name="Start", exact=True).click()
    until_done(page)
    take(page, "repainted")
    page.keyboard.press("n")
    page.get_by_role("radio", name="Neural patches").check()
    begin(page, "clay", "Standard")
    until_done(page)
    take(page, "origins")
    take(open_page(phone, page.url), "phone-origins")


def take_failure(page: Page) -> None:
    """A job that fails on purpose."""
    page.emulate_media(color_scheme="light")
    job = page.evaluate(FAIL)
    page.locator(f'[data-job="{job}"] .frame').click()
    expect(page.locator("#badge")).to_have_text("Failed", timeout=PATIENCE)
    take(page, "failed")


def main() -> int:
    """0: all pictures are written; 1: there is no browser."""
    parser = argparse.ArgumentParser(description="Take the pictures of the page in docs/pictures.")
    parser.add_argument("folder", nargs="?", type=Path, help="where every screen goes, in every size, light and dark")
    parser.add_argument("--preset", default="Standard", help="of the job that is watched (Standard)")
    parser.add_argument("--minutes", type=float, default=4, help="of training in the comparison (4)")
    parser.add_argument("--only", choices=("jobs", "comparison", "roles"), help="a part of them")
    arguments = parser.parse_args()
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            print(ABSENT, file=sys.stderr)
            return 1
        browser = launch(playwright, path)
        with app() as address:
            if arguments.folder:
                arguments.folder.mkdir(parents=True, exist_ok=True)
                take_screens(browser, address, arguments.folder)
                return 0
            if arguments.only in (None, "jobs"):
                take_all(browser, address, arguments.preset)
            if arguments.only in (None, "comparison"):
                take_comparison(browser, address, arguments.minutes)
            if arguments.only in (None, "roles"):
                take_roles(browser, address)
        browser.close()
    for name in SHOWN:
        if (SHOTS / f"{name}.png").exists():
            shutil.copy(SHOTS / f"{name}.png", PICTURES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
