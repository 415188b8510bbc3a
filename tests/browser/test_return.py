"""The server goes and comes back: the page says so, and is whole again soon."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.serving import Serve, free_port

WHOLE_WITHIN = 3.0  # seconds from the moment at which the server can be reached
SNAPSHOT = ("43", "46")  # how an acknowledgement of `watch` begins, without and with a picture
AWAY = 8.0  # seconds: long enough for a page that tries ever less often to be slow


def test_the_page_is_whole_within_three_seconds_of_the_server_being_back(serve: Serve, open_lab: OpenLab) -> None:
    """It took 6.8 s."""
    port = free_port()
    first = serve(port=port)
    lab = open_lab(first.url)
    lab.show(lab.start_counting(steps=1_000_000, work=1))
    lab.expect_state("Running")
    lab.until(lambda: lab.step() > 0, "a step")
    first.stop()
    lost = lab.page.locator("#banner-connection")
    expect(lost).to_be_visible()
    lab.page.wait_for_timeout(AWAY * 1000)
    snapshots: list[float] = []

    def hear(payload: str | bytes) -> None:
        if isinstance(payload, str) and payload.startswith(SNAPSHOT):
            snapshots.append(time.monotonic())

    lab.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    serve(port=port, data=first.data)
    back = time.monotonic()
    lab.until(lambda: bool(snapshots), "a snapshot")
    expect(lost).to_have_count(0)
    assert snapshots[0] - back < WHOLE_WITHIN
    lab.until(lambda: lab.step() > 0, "the job, as it stands")
