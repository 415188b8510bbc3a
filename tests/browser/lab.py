"""The page as tests handle it: what a person would do, and what came over the wire."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, WebSocket, expect

JPEG = b"\xff\xd8\xff"
ACKNOWLEDGEMENT = re.compile(r"43\d+\[")  # a Socket.IO packet of type ack, in an Engine.IO message
PATIENCE = 20_000  # ms; a busy machine is slow, and a right page is not

NO_WEBGL = """
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return kind.startsWith("webgl") ? null : getContext.call(this, kind, ...more);
};"""
START = """async (body) => {
    const headers = {"Content-Type": "application/json"};
    const answer = await fetch("/api/jobs", {method: "POST", headers, body: JSON.stringify(body)});
    return [answer.status, await answer.json()];
}"""

COMPARE = START.replace("/api/jobs", "/api/comparisons")

TIDY = """async () => {
    const gone = () => null; // the test has ended its server itself
    const listed = await fetch("/api/jobs?limit=100").then((answer) => answer.json(), gone);
    const ids = listed?.jobs.map(({id}) => id) ?? [];
    await Promise.all(ids.map((id) => fetch(`/api/jobs/${id}`, {method: "DELETE"})));
}"""

DROP = """async ([files, goal]) => {
    const dataTransfer = new DataTransfer();
    for (const [base64, name, type] of files) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        dataTransfer.items.add(new File([bytes], name, {type}));
    }
    const send = (what) => {
        const event = new DragEvent(what, {dataTransfer, bubbles: true, cancelable: true});
        document.querySelector(goal).dispatchEvent(event);
    };
    send("dragenter");
    const veiled = !document.querySelector("#drop-veil").hidden;
    send("dragover");
    send("drop");
    return veiled;
}"""

PASTE = """([base64, name, type]) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], name, {type}));
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""

# Of what is painted: the canvas is larger where the picture has another shape than its room.
PIXELS = """(canvas) => {
    const pen = canvas.getContext("2d");
    const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
    const [columns, rows] = [new Set(), new Set()];
    for (let place = 0; place < canvas.width * canvas.height; place++) {
        if (!data[4 * place + 3]) continue;
        columns.add(place % canvas.width);
        rows.add(Math.floor(place / canvas.width));
    }
    if (!columns.size) return [0, 0, []];
    const painted = pen.getImageData(Math.min(...columns), Math.min(...rows), columns.size, rows.size).data;
    return [columns.size, rows.size, Array.from(painted.filter((_, index) => index % 4 === 0))];
}"""


def drawing(canvas: Locator) -> str:
    """What a canvas shows, to be compared."""
    return str(canvas.evaluate("(canvas) => canvas.toDataURL()"))


class Lab:
    """A page of the app.

    frames: a digest of each JPEG that came over a websocket, in order; acknowledgements: how many the page sent.
    mishaps: errors of scripts and of the content security policy; a test that causes none must find none.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.frames: list[str] = []
        self.acknowledgements = 0
        self.mishaps: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("websocket", self._listen)
        page.on("pageerror", lambda error: self.mishaps.append(str(error)))
        page.on("console", lambda message: self._console(message.text))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)
        socket.on("framesent", self._sent)

    def _received(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes) and payload.startswith(JPEG):
            self.frames.append(hashlib.sha256(payload).hexdigest())

    def _sent(self, payload: str | bytes) -> None:
        if isinstance(payload, str) and ACKNOWLEDGEMENT.match(payload):
            self.acknowledgements += 1

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.mishaps.append(text)

    def open(self, path: str = "/") -> Lab:
        """Load the page, and wait until it has read what the server offers."""
        self.page.goto(self.url + path)
        self.ready()
        return self

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def ready(self) -> None:
        expect(self.page.locator("html"), f"a page without mishaps: {self.mishaps}").to_have_attribute(
            "data-ready", "true", timeout=PATIENCE
        )
        expect(self.page.locator("#methods input:checked")).to_have_count(1)

    def start_counting(self, source: str = "sample:pebbles", **params: Any) -> str:
        """A job of the unlisted method `counting`, in this page's own session; its id."""
        return self.start("counting", {"source": source}, **params)

    def start(self, method: str, images: dict[str, str], **params: Any) -> str:
        """A job in this page's own session; its id."""
        status, row = self.page.evaluate(START, {"method": method, "images": images, "params": params})
        assert status == 201, row
        return str(row["id"])

    def compare_counting(self, runs: list[dict[str, Any]], source: str = "sample:pebbles") -> str:
        """A comparison of runs of `counting` with these parameters; its id."""
        body = {"images": {"source": source}, "runs": [{"method": "counting", "params": params} for params in runs]}
        status, comparison = self.page.evaluate(COMPARE, body)
        assert status == 201, comparison
        return str(comparison["id"])

    def tidy(self) -> None:
        """Delete this session's jobs, so that the next test has the server to itself."""
        self.page.evaluate(TIDY)

    def in_strip(self, job: str) -> Locator:
        return self.page.locator(f'#jobs li[data-job="{job}"]')

    def wait_for_frames(self, count: int) -> None:
        """Until so many different pictures have come over the websocket."""
        self.until(lambda: len(set(self.frames)) >= count, f"{count} different frames", patience=3 * PATIENCE)

    def until(self, seen: Callable[[], bool], what: str, patience: int = PATIENCE) -> None:
        """Look again and again, for so many ms, until this is seen: a page is drawn a moment after it was changed."""
        deadline = time.monotonic() + patience / 1000
        while not seen():
            assert time.monotonic() < deadline, f"not seen within {patience} ms: {what}"
            self.page.wait_for_timeout(50)

    def drawn(self) -> None:
        """Until all that was asked for so far is on the screen: drawing waits for the next animation frame."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def show(self, job: str) -> None:
        self.in_strip(job).locator("button.frame").click()

    def expect_state(self, state: str) -> None:
        expect(self.page.locator("#badge")).to_have_text(state, timeout=PATIENCE)

    def button(self, name: str) -> Locator:
        return self.page.locator("#actions").get_by_text(name, exact=True)

    def drop(self, data: bytes, name: str, kind: str, goal: str = "#stage") -> bool:
        """Drop a file on a part of the page; whether the page showed that it would take it."""
        return self.drop_several([(data, name, kind)], goal)

    def drop_several(self, files: list[tuple[bytes, str, str]], goal: str = "#stage") -> bool:
        """The same with several, each with its name and its kind."""
        packed = [[base64.b64encode(data).decode(), name, kind] for data, name, kind in files]
        return bool(self.page.evaluate(DROP, [packed, goal]))

    def paste(self, data: bytes, name: str, kind: str) -> None:
        self.page.evaluate(PASTE, [base64.b64encode(data).decode(), name, kind])

    def pixels(self, canvas: str = "#canvas") -> tuple[int, int, list[int]]:
        """Width, height and the red values of the large picture, or of what another canvas shows."""
        width, height, red = self.page.locator(canvas).evaluate(PIXELS)
        return width, height, red

    def step(self) -> int:
        """The step that is shown."""
        words = self.page.locator("#standing b").inner_text()
        found = re.match(r"Step ([\d,]+)", words)
        return int(found[1].replace(",", "")) if found else 0
