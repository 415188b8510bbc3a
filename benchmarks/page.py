"""What opening the page costs: requests, bytes over the wire, layout shift, and the time until it can be used.

    python -m benchmarks.page [--rounds 5] [--width 1440] [--height 900]

Needs a Chromium (`make setup-dev`). A fresh server and, in each round, a fresh person: the page is opened with an empty
cache, and then reloaded. Requests are those that reach the server, the websocket's included; what the browser takes
from its own cache is none. Bytes are those of the responses as they are sent, heads included. The layout shift is
Chromium's own figure (CLS) until a second after the page is ready: `<html data-ready>`, when methods, samples and jobs
have come, is what counts as ready. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools.chromium import ABSENT, find_browser, launch
from tools.screenshots import app

SETTLED = 1000  # ms after the page is ready during which things may still move

WATCH = """
globalThis.seen = {shift: 0, moved: [], ready: null};
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue;
        seen.shift += entry.value;
        for (const {node} of entry.sources) seen.moved.push(node?.id || node?.className || node?.nodeName);
    }
}).observe({type: "layout-shift", buffered: true});
new MutationObserver(() => {
    if (document.documentElement?.dataset.ready) seen.ready ??= performance.now();
}).observe(document, {attributes: true, subtree: true, attributeFilter: ["data-ready"]});
"""


@dataclass
class Load:
    """One opening of the page. seconds: until it was ready; moved: names of what was shifted."""

    requests: list[str] = field(default_factory=list)
    bytes: float = 0
    shift: float = 0
    seconds: float = 0
    moved: list[str] = field(default_factory=list)


class Watcher:
    """Counts what a page asks the server for."""

    def __init__(self, page: Page) -> None:
        self.load = Load()
        self._cached: set[str] = set()
        self._page = page
        self._client = page.context.new_cdp_session(page)
        self._client.send("Network.enable")
        self._client.on("Network.responseReceived", self._response)
        self._client.on("Network.requestServedFromCache", lambda event: self._cached.add(event["requestId"]))
        self._client.on("Network.loadingFinished", self._finished)
        self._client.on("Network.webSocketCreated", lambda event: self.load.requests.append(event["url"]))

    def _response(self, event: dict[str, Any]) -> None:
        response = event["response"]
        kept = response.get("fromDiskCache") or event["requestId"] in self._cached
        if kept or not response["url"].startswith("http"):
            self._cached.add(event["requestId"])
        else:
            self.load.requests.append(response["url"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._cached:
            self.load.bytes += event["encodedDataLength"]

    def read(self) -> Load:
        """What there was since the last time, once the page is ready and nothing moves any more."""
        expect(self._page.locator("html")).to_have_attribute("data-ready", "true")
        self._page.wait_for_timeout(SETTLED)
        seen = self._page.evaluate("seen")
        self.load.shift, self.load.seconds, self.load.moved = seen["shift"], seen["ready"] / 1000, seen["moved"]
        load, self.load = self.load, Load()
        return load


def visit(browser: Browser, url: str, size: dict[str, int]) -> tuple[Load, Load]:
    """A new person opens the page, and reloads it."""
    context = browser.new_context(viewport={"width": size["width"], "height": size["height"]})
    page = context.new_page()
    page.add_init_script(WATCH)
    watcher = Watcher(page)
    page.goto(url)
    first = watcher.read()
    page.reload()
    again = watcher.read()
    context.close()
    return first, again


def line(name: str, loads: list[Load]) -> str:
    """A row of the table."""
    requests = statistics.median(len(load.requests) for load in loads)
    size = statistics.median(load.bytes for load in loads) / 1000
    shift = statistics.median(load.shift for load in loads)
    seconds = statistics.median(load.seconds for load in loads)
    return f"| {name} | {requests:.0f} | {size:.0f} KB | {shift:.3f} | {seconds:.2f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--detail", action="store_true", help="also what a reload asks for, and what was shifted")
    options = parser.parse_args()
    with sync_playwright() as playwright, app() as url:
        path = find_browser(playwright)
        if path is None:
            raise SystemExit(ABSENT)
        browser = launch(playwright, path)
        size = {"width": options.width, "height": options.height}
        visits = [visit(browser, url, size) for _ in range(options.rounds)]
        browser.close()
    print("| | requests | over the wire | layout shift | ready after |")
    print("|---|--:|--:|--:|--:|")
    for name, loads in zip(("first load", "reload"), zip(*visits, strict=True), strict=True):
        print(line(name, list(loads)))
    if options.detail:
        first, again = visits[-1]
        print("\nA reload asks for:", *again.requests, sep="\n  ")
        print("Shifted at the first load:", *first.moved, sep="\n  ")


if __name__ == "__main__":
    main()
