"""A real Chromium, and pages of the app in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab import PATIENCE, Lab

OpenLab = Callable[..., Lab]

expect.set_options(timeout=PATIENCE)

CHOSEN = "location.protocol === 'http:' && (localStorage['texture-lab.method'] ??= '\"gatys\"')"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def open_lab(chromium: Browser) -> Iterator[OpenLab]:
    """Open the app at an address: each call is a person of their own, unless `beside=` names a page to share with.

    They have chosen `gatys` before, whether there are weights or not, unless it is said that they are new=True.
    """
    labs: list[Lab] = []

    def open_(url: str, path: str = "/", beside: Lab | None = None, new: bool = False, **options: Any) -> Lab:
        defaults: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True}
        context = beside.page.context if beside else chromium.new_context(**{**defaults, **options})
        if not (beside or new):
            context.add_init_script(CHOSEN)
        labs.append(Lab(context.new_page(), url))
        return labs[-1].open(path)

    yield open_
    for lab in labs:
        lab.page.unroute_all(behavior="ignoreErrors")  # one may hold an answer back, and what tidying asks for, too
        lab.tidy()
    for lab in labs:
        lab.page.context.close()
    assert [mishap for lab in labs for mishap in lab.mishaps] == []


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    """The page of a fresh session, on a desktop screen."""
    return open_lab(server.url)
