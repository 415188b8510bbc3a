"""Pages of strangers in the browser of somebody who uses the app: they change nothing, and read nothing."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.lab import Lab
from tests.serving import Server, serving

PAGE = "<!doctype html><title>A prize!</title><iframe name=sink></iframe>"

# What `fetch` gives to read, for each way to ask.
FETCHES = """async ({base, job, start}) => {
    const json = {"Content-Type": "application/json"};
    const asked = {
        "the jobs": ["/api/jobs", {}],
        "the jobs, unseen": ["/api/jobs", {mode: "no-cors"}],
        "a socket": ["/socket.io/?EIO=4&transport=polling", {}],
        "cancel": [`/api/jobs/${job}/cancel`, {method: "POST"}],
        "cancel, unseen": [`/api/jobs/${job}/cancel`, {method: "POST", mode: "no-cors"}],
        "resume, unseen": [`/api/jobs/${job}/resume`, {method: "POST", mode: "no-cors", body: "{}"}],
        "delete": [`/api/jobs/${job}`, {method: "DELETE"}],
        "start": ["/api/jobs", {method: "POST", headers: json, body: start}],
        "start, as text": ["/api/jobs", {method: "POST", mode: "no-cors", body: start}],
    };
    const told = {};
    for (const [name, [path, options]] of Object.entries(asked)) {
        try {
            const answer = await fetch(base + path, {credentials: "include", ...options});
            told[name] = [answer.status, await answer.text()];
        } catch {
            told[name] = [0, ""];
        }
    }
    return told;
}"""

# Forms, whose answers go to a frame; and a picture by a form of several parts.
FORMS = """async ({base, job, start}) => {
    const sink = document.querySelector("iframe");
    const send = (path, enctype, fields) => new Promise((done) => {
        const form = document.createElement("form");
        Object.assign(form, {method: "post", action: base + path, target: "sink", enctype});
        form.append(...fields);
        document.body.append(form);
        sink.onload = done;
        form.submit();
    });
    const input = (type, name) => Object.assign(document.createElement("input"), {type, name});
    await send(`/api/jobs/${job}/cancel`, "application/x-www-form-urlencoded", []);
    await send(`/api/jobs/${job}/resume`, "text/plain", []);
    const body = Object.assign(input("hidden", start.slice(0, -1) + ',"x":"'), {value: '"}'}); // as text it is JSON
    await send("/api/jobs", "text/plain", [body]);
    const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 64});
    const blob = await new Promise((done) => canvas.toBlob(done));
    const chosen = new DataTransfer();
    chosen.items.add(new File([blob], "gift.png", {type: "image/png"}));
    await send("/api/images", "multipart/form-data", [Object.assign(input("file", "file"), {files: chosen.files})]);
    return navigator.sendBeacon(`${base}/api/jobs/${job}/cancel`);
}"""

OPENS = """({base, path}) => new Promise((done) => {
    const socket = new WebSocket(base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
})"""

SHOWS = """(address) => new Promise((done) => {
    const image = new Image();
    image.onload = () => done(true);
    image.onerror = () => done(false);
    image.src = address;
})"""


class Trap(http.server.BaseHTTPRequestHandler):
    """A stranger's server: one page, whatever is asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One: what looks at origins does not know how it is served."""
    with serving(tmp_path_factory.mktemp("strangers")) as serve:
        yield serve()


@pytest.fixture(scope="module")
def trap() -> Iterator[int]:
    """The port of the stranger's server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap) as there:
        threading.Thread(target=there.serve_forever, daemon=True).start()
        yield there.server_port
        there.shutdown()


def pictures(folder: Path) -> int:
    return len(list((folder / "pictures").glob("*")))


# With another port the browser sends the cookie along; with another name it does not.
@pytest.mark.parametrize("host", ["127.0.0.1", "prizes.example"])
def test_a_page_of_another_origin_changes_and_reads_nothing(lab: Lab, server: Server, trap: int, host: str) -> None:
    job = lab.start_counting(steps=10_000_000)
    lab.page.evaluate("(job) => fetch(`/api/jobs/${job}/pause`, {method: 'POST'})", job)
    had = pictures(server.data)
    page = lab.page.context.new_page()
    page.goto(f"http://{host}:{trap}/")
    start = '{"method":"counting","images":{"source":"sample:pebbles"}}'
    attack = functools.partial(page.evaluate, arg={"base": server.url, "job": job, "start": start})
    told = attack(FETCHES)
    assert set(map(tuple, told.values())) == {(0, "")}, told
    assert attack(FORMS)
    assert attack(OPENS) is False
    assert page.evaluate(SHOWS, f"{server.url}/api/images/sample:pebbles") is False
    page.close()
    rows = lab.page.evaluate("fetch('/api/jobs').then((answer) => answer.json())")["jobs"]
    assert [(row["id"], row["state"]) for row in rows] == [(job, "paused")]
    assert pictures(server.data) == had
    assert lab.page.evaluate(SHOWS, "/api/images/sample:pebbles"), "the page itself may"


def test_a_name_that_its_owner_has_pointed_at_this_machine_gets_nothing(lab: Lab, server: Server) -> None:
    job = lab.start_counting(steps=10_000_000)
    port = urlsplit(server.url).port
    page = lab.page.context.new_page()
    there = f"http://evil.example:{port}"
    answer = page.goto(f"{there}/")
    assert answer
    assert answer.status == 403
    told = page.evaluate(FETCHES, {"base": there, "job": job, "start": "{}"})
    assert {status for status, _ in told.values()} == {403}
    assert all("is not this machine" in words for _, words in told.values()), told
    assert page.evaluate(OPENS, {"base": there}) is False
    assert page.evaluate(SHOWS, "/api/images/sample:pebbles") is False
    page.close()
