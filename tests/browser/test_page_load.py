"""What opening the page asks for, and that it does not jump."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from benchmarks.page import visit
from tests.serving import Server

MOST_REQUESTS = 5  # of a reload: the page, what this session has, and the socket
MOST_SHIFT = 0.05


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (820, 1180), (390, 844)])
def test_a_page_does_not_jump_and_a_reload_asks_for_next_to_nothing(
    chromium: Browser, server: Server, size: tuple[int, int]
) -> None:
    first, again = visit(chromium, server.url, {"width": size[0], "height": size[1]})
    assert (first.shift < MOST_SHIFT, again.shift < MOST_SHIFT) == (True, True), first.moved + again.moved
    assert len(again.requests) <= MOST_REQUESTS, again.requests
