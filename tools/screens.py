"""Every screen of the page in every size that people have, light and dark, to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect

SIZES = ((1920, 1080), (1440, 900), (1280, 720), (1366, 625), (1024, 768), (820, 1180), (390, 844))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATIENCE = 120_000  # ms for what is quickly made
WITHOUT_WEIGHTS = {"method": "match", "params": {"rounds": 4}}

POST = """async ([path, body]) => {
    const headers = {"Content-Type": "application/json"};
    const answer = await fetch(path, {method: "POST", headers, body: JSON.stringify(body)});
    return (await answer.json()).id;
}"""


def take_screens(browser: Browser, address: str, folder: Path) -> None:
    """Write <screen>-<width>x<height>-<light or dark>.png for each of them."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    page.goto(address)
    for screen, show in _screens(page, address).items():
        show()
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(300)  # canvases are drawn again at their new size
                page.screenshot(path=folder / f"{screen}-{width}x{height}-{scheme}.png")
        print(screen, flush=True)


def _screens(page: Page, address: str) -> Mapping[str, Callable[[], object]]:
    """By name, in an order in which each finds what it needs: what shows it."""

    def post(path: str, body: Mapping[str, Any]) -> str:
        return str(page.evaluate(POST, [path, body]))

    def open_at(path: str, then: str = "html[data-ready]") -> None:
        page.goto(address + path)
        page.locator(then).first.wait_for()

    def source() -> None:
        page.locator('#samples [data-sample="sample:wall"]').click()
        page.locator("#picture").wait_for()

    def running() -> None:
        job = {"method": "counting", "images": {"source": "sample:marble"}, "params": {"steps": 10**6, "work": 20}}
        open_at(f"/jobs/{post('/api/jobs', job)}")
        expect(page.locator("#badge")).to_have_text("Running", timeout=PATIENCE)

    def done() -> None:
        page.locator("#actions").get_by_text("Cancel", exact=True).click()
        open_at(f"/jobs/{post('/api/jobs', {**WITHOUT_WEIGHTS, 'images': {'source': 'sample:wall'}})}")
        expect(page.locator("#badge")).to_have_text("Done", timeout=PATIENCE)

    def comparison() -> None:
        runs = [{**WITHOUT_WEIGHTS, "params": {"rounds": 4, "seed": seed}} for seed in range(3)]
        open_at(f"/comparisons/{post('/api/comparisons', {'images': {'source': 'sample:pebbles'}, 'runs': runs})}")
        expect(page.locator('.run[data-state="done"]')).to_have_count(3, timeout=PATIENCE)

    def adding() -> None:
        comparison()
        page.locator("#add-run").click()

    def models() -> None:
        trained = {"method": "counting", "images": {"source": "sample:clay"}, "params": {"steps": 9, "train": True}}
        open_at(f"/jobs/{post('/api/jobs', trained)}")
        expect(page.locator("#badge")).to_have_text("Done", timeout=PATIENCE)
        open_at("/models", "#models .card")

    return {
        "new": lambda: open_at("/"),
        "source": source,
        "running": running,
        "done": done,
        "comparison": comparison,
        "wipe": lambda: page.locator("#show-wipe").click(),
        "adding": adding,
        "history": lambda: open_at("/history", "#history .card"),
        "models": models,
        "help": lambda: page.locator("#help-open").click(),
        "api": lambda: open_at("/api/docs", ".opblock"),
        "missing": lambda: open_at("/nothing", ".problem"),
    }
