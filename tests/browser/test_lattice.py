"""Regular exemplars: what the page says and shows of the pattern, and what pictures are then judged by."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import COMPARE, Lab, drawing
from tests.drawn import wall
from texture.images.encoding import encode_png

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

WORDS = "#lattice .hint"


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def bring(lab: Lab, side: int = 330, period: int = 60) -> Page:
    lab.drop(encode_png(wall(side, period)), "wall.png", "image/png")
    expect(lab.page.locator("#slot-source")).to_contain_text(f"{side} × {side}")
    return lab.page


def test_the_pattern_is_told_of_drawn_and_given_a_size_that_suits_it(lab: Lab) -> None:
    page = bring(lab)
    words = page.locator(WORDS)
    expect(words).to_have_text("Repeats every 47 × 47 px: fitted to 6 × 6, stretched by 8 %.")
    page.get_by_role("button", name="Show the pattern").press("Enter")
    image, lines = page.locator("#lattice-drawing img"), page.locator("#lattice-drawing svg")
    expect(lines).to_have_attribute("viewBox", "0 0 330 330")
    expect(image).to_have_js_property("complete", True)
    assert image.bounding_box() == lines.bounding_box()
    assert lines.locator("path").last.get_attribute("d")

    page.get_by_role("button", name="Use 416 × 416").press("Enter")
    expect(page.locator("#field-size")).to_have_value("416")
    expect(page.locator("#field-exemplar_size")).to_have_value("256")  # the pattern stays as large as it is
    expect(words).to_have_text("Repeats every 47 × 47 px: fitted to 9 × 9, stretched by 0.8 %.")
    expect(page.locator("#lattice-use")).to_be_hidden()
    expect(page.locator("#lattice-show")).to_be_focused()

    lab.reload()
    expect(page.locator("#lattice-drawing")).to_be_visible()  # as it was left


def test_where_nothing_is_fitted_nothing_is_said(lab: Lab) -> None:
    page = bring(lab)
    expect(page.locator(WORDS)).to_contain_text("fitted to 6 × 6")
    page.get_by_role("radio", name="Off", exact=True).check()
    expect(page.locator(WORDS)).to_have_text("Repeats every 47 × 47 px.")
    page.locator("#advanced summary").click()
    page.locator("#field-regular").get_by_role("radio", name="Off").check()
    expect(page.locator("#lattice")).to_be_hidden()
    page.locator("#field-regular").get_by_role("radio", name="Auto").check()
    expect(page.locator("#lattice")).to_be_visible()
    page.get_by_role("radio", name="Style transfer").check()
    expect(page.locator("#lattice")).to_be_hidden()
    page.get_by_role("radio", name="Neural statistics").check()
    expect(page.locator("#lattice")).to_be_visible()
    page.get_by_role("button", name="Change the source texture").click()
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    expect(page.locator("#lattice")).to_be_hidden()


def test_the_newest_answer_wins(lab: Lab) -> None:
    """That to the first size is held back until that to the second has come."""
    page = bring(lab)
    expect(page.locator(WORDS)).to_contain_text("fitted to 6 × 6")
    held: list[Route] = []
    page.route("**/lattice?*size=512*", lambda route: held.append(route))
    page.locator("#field-size").fill("512")
    lab.until(lambda: bool(held), "the first question")
    page.locator("#field-size").fill("128")
    expect(page.locator(WORDS)).to_contain_text("Repeats every 23 × 23 px")
    with page.expect_response("**/lattice?*size=512*"):
        held[0].continue_()
    lab.drawn()
    expect(page.locator(WORDS)).to_contain_text("Repeats every 23 × 23 px")


def test_a_picture_is_judged_by_the_exemplar_as_its_run_has_fitted_it(lab: Lab) -> None:
    page = bring(lab, 120, 20)
    source = page.evaluate("JSON.parse(localStorage.getItem('texture-lab.picture-source')).id")
    run = {"method": "patch", "params": {"size": "112", "exemplar_size": 120, "steps": "2"}}
    other = {**run, "params": {**run["params"], "tile": "x"}}
    off = {**run, "params": {**run["params"], "regular": "off"}}
    status, made = page.evaluate(COMPARE, {"images": {"source": source}, "runs": [run, other, off]})
    assert status == 201, made
    ids = [job["id"] for job in made["jobs"]]
    page.goto(f"{lab.url}/comparisons/{made['id']}")
    for job in ids:
        expect(page.locator(f'.run[data-job="{job}"] .badge')).to_have_text("Done")
    fitted = [size_of(page, job) for job in ids[:2]]
    assert fitted[0] != fitted[1]
    expect(page.locator(".of-exemplar h3")).to_have_text("Source texture as fitted")
    expect(page.locator(".of-exemplar")).to_contain_text("Size120 × 120")
    expect(page.locator(".of-exemplar")).to_contain_text("Working size{} × {}".format(*fitted[0]))

    page.locator(".of-exemplar [data-side=a]").click()
    seen: set[str] = set()
    for job in ids:  # beside each run the source texture is another one
        page.locator("#wipe-b").select_option(job)
        lab.until(lambda: drawing(page.locator("#wipe [slot=first] canvas")) not in seen, "another exemplar")
        seen.add(drawing(page.locator("#wipe [slot=first] canvas")))

    page.goto(f"{lab.url}/jobs/{ids[0]}")
    expect(page.locator("#given figcaption b")).to_have_text("Source texture as fitted")
    expect(page.locator("#given img")).to_have_js_property("naturalWidth", fitted[0][0])
    expect(page.locator('#maps [data-map="exemplar"]')).to_have_count(0)


def size_of(page: Page, job: str) -> tuple[int, int]:
    with Image.open(io.BytesIO(page.request.get(f"/api/jobs/{job}/maps/exemplar.png").body())) as picture:
        width, height = picture.size
    return width, height
