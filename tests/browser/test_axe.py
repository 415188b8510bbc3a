"""axe-core finds nothing to complain of on any screen, light or dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import PATIENCE, Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"label-content-name-mismatch": True}  # which axe itself has switched off
SWAGGERS = dict.fromkeys(
    ("heading-order", "nested-interactive", "region", "select-name"), False
)  # what it builds is its own
FIND = """async (rules) => {
    const {violations} = await axe.run(document, {rules});
    return violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html.slice(0, 160)}`));
}"""


def found(lab: Lab) -> list[str]:
    """What axe finds, in both themes."""
    page = lab.page
    page.evaluate(AXE.read_text())
    page.add_style_tag(content="*, *::before, *::after { transition: none !important }")  # colours change at once
    rules = {**RULES, **(SWAGGERS if page.url.endswith("/docs") else {})}
    switched = {name: {"enabled": on} for name, on in rules.items()}
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        lab.drawn()
        faults += [f"{scheme} {fault}" for fault in page.evaluate(FIND, switched)]
    return faults


def first_view(lab: Lab) -> None:
    expect(lab.page.locator("#invite")).to_be_visible()


def running(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=10_000_000, work=20))
    lab.expect_state("Running")


def done(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=9, train=True))
    lab.expect_state("Done")
    lab.page.get_by_text("Recipe").click()


def comparison(lab: Lab) -> None:
    made = lab.compare_counting([{"steps": 9, "seed": seed} for seed in range(2)])
    lab.open(f"/comparisons/{made}")
    expect(lab.page.locator('.run[data-state="done"]')).to_have_count(2, timeout=3 * PATIENCE)


def wipe(lab: Lab) -> None:
    comparison(lab)
    lab.page.get_by_role("button", name="Wipe", exact=True).click()


def adding(lab: Lab) -> None:
    comparison(lab)
    lab.page.get_by_role("button", name="Add a run").click()


def history(lab: Lab) -> None:
    done(lab)
    lab.open("/history")
    expect(lab.page.locator("#history .card").first).to_be_visible()


def models(lab: Lab) -> None:
    done(lab)
    lab.open("/models")
    expect(lab.page.locator("#models .card").first).to_be_visible()


def api_page(lab: Lab) -> None:
    lab.page.goto(f"{lab.url}/api/docs")
    expect(lab.page.locator(".opblock").first).to_be_visible()


def missing(lab: Lab) -> None:
    lab.page.goto(f"{lab.url}/nothing")


def help_dialog(lab: Lab) -> None:
    lab.page.get_by_role("button", name="Help").click()


def picker(lab: Lab) -> None:
    lab.page.get_by_role("radio", name="Style transfer").check()
    lab.page.locator("#slot-content").get_by_role("button", name="Choose a picture").click()
    expect(lab.page.locator("#picker-samples button").first).to_be_visible()


def editing(lab: Lab) -> None:
    lab.page.locator("#samples").get_by_role("button", name="Pebbles").click()
    lab.page.get_by_role("button", name="Edit the source texture").click()
    expect(lab.page.locator("#editing-crop")).to_be_visible()


def masking(lab: Lab) -> None:
    picker(lab)
    lab.page.locator("#picker").get_by_role("button", name="Coffee").click()
    lab.page.get_by_role("button", name="Add a mask").click()
    expect(lab.page.locator("#masking-styles label").first).to_be_visible()


def tiled_image(lab: Lab) -> None:
    done(lab)
    lab.button("Tiled image…").click()


def sampling(lab: Lab) -> None:
    done(lab)
    lab.button("Sample from it…").click()


def sharing(lab: Lab) -> None:
    comparison(lab)
    lab.page.locator("#share-open").click()


def storage(lab: Lab) -> None:
    history(lab)
    lab.page.locator("#history .storage-open").click()
    expect(lab.page.locator("#storage-lines tr").first).to_be_visible()


def long_job(lab: Lab) -> None:
    answer = {"runs": [], "instead": [], "seconds": 9000, "memory": 5e8, "long": True, "measuring": False}
    lab.page.route("**/api/forecast", lambda route: route.fulfill(json=answer))
    lab.page.locator("#samples").get_by_role("button", name="Pebbles").click()
    lab.page.get_by_role("button", name="Start", exact=True).click()
    expect(lab.page.locator("#long")).to_be_visible()


PLACES = (first_view, running, done, comparison, wipe, adding, history, models, api_page, missing)
DIALOGUES = (help_dialog, picker, editing, masking, tiled_image, sampling, sharing, storage, long_job)


@pytest.mark.parametrize("go", [*PLACES, *DIALOGUES], ids=lambda go: go.__name__)
def test_nothing_is_found(open_lab: OpenLab, server: Any, go: Callable[[Lab], None]) -> None:
    lab = open_lab(server.url, reduced_motion="reduce", bypass_csp=True)
    go(lab)
    assert found(lab) == []
