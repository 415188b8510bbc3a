"""The methods that take several pictures, explain their picture or leave a model, end to end and as small as can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from tests.serving import Server, serving
from texture.settings import Settings

pytestmark = pytest.mark.weights

DONE = 240_000  # ms for a few steps of the real methods on a busy machine
TINY = {
    **{"size": "64", "steps": 2, "side": 32, "views": 1, "batch": 1, "layers": "relu1_1"},
    **{"channels": 4, "max_channels": 8, "scales": 2, "blocks": 1},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, vgg19: Settings) -> Iterator[Server]:
    """A server that has the weights, shared by these tests."""
    with serving(tmp_path_factory.mktemp("server")) as serve:
        yield serve(cache=vgg19.cache)


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def begin(lab: Lab, method: str, sample: str) -> Page:
    """A method in the form, and a sample for its first picture."""
    lab.page.get_by_role("radio", name=method).check()
    lab.page.locator("#samples").get_by_role("button", name=sample).click()
    return lab.page


def set_advanced(page: Page, **fields: str) -> None:
    page.locator("#advanced").evaluate("(node) => node.setAttribute('open', '')")
    for name, value in fields.items():
        page.locator(f"#field-{name}").fill(value)


def run(lab: Lab) -> None:
    """Press Start, and wait for the end."""
    lab.page.get_by_role("button", name="Start", exact=True).click()
    until_done(lab)


def until_done(lab: Lab) -> None:
    expect(lab.page.locator("#badge")).to_have_text("Done", timeout=DONE)


def downloaded(lab: Lab) -> tuple[int, int]:
    """The size of the picture that is downloaded."""
    with lab.page.expect_download() as download:
        lab.button("Download picture").click()
    with Image.open(download.value.path()) as picture:
        width, height = picture.size
    return width, height


def shown_shape(lab: Lab) -> float:
    width, height, _ = lab.pixels()
    return width / height


def test_a_picture_is_repainted_in_the_style_of_another(lab: Lab) -> None:
    page = begin(lab, "Style transfer", "Brush strokes")
    page.locator("#slot-content").get_by_role("button", name="Choose a picture").click()
    page.locator("#picker").get_by_role("button", name="Cat").click()
    page.locator("#field-size").fill("128")
    set_advanced(page, steps="8", scales="1")
    run(lab)
    expect(page.locator("#job-title")).to_have_text("Cat in Brush strokes")
    expect(page.locator("#job-subtitle")).to_contain_text("128 × 85")
    expect(page.locator("#given figcaption")).to_have_text(["Style Brush strokes", "Content Cat"])
    loss = page.locator("#figures div").filter(has_text="Loss")
    expect(loss.locator("small")).to_have_text(re.compile(r"^content [\d.]+ · style [\d.]+ · variation [\d.]+$"))
    assert downloaded(lab) == (128, 85)
    assert abs(shown_shape(lab) - 451 / 300) < 0.02


def test_patches_are_matched_and_their_origins_shown(lab: Lab) -> None:
    page = begin(lab, "Neural patches", "Pebbles")
    page.locator("#field-size").fill("64")
    set_advanced(page, steps="4", scales="1")
    run(lab)
    expect(page.locator("#maps figcaption")).to_have_text("Where each patch comes from")
    expect(page.locator("#maps canvas")).to_have_js_property("width", 64)
    expect(page.locator("#figures")).to_contain_text("Seamless")


def test_a_texture_network_is_trained_and_sampled(lab: Lab) -> None:
    page = lab.page
    content = {"content": "sample:cat"}  # left over from another method; a texture has no use for it
    lab.show(lab.start("texnet", {"source": "sample:pebbles", **content}, **TINY))
    until_done(lab)
    expect(page.locator("#stage-tools [data-lens=tiling]")).to_be_visible()
    lab.button("Sample from it…").click()
    page.locator("#sampling").get_by_label("Width in pixels").fill("96")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#job-title")).to_have_text("Sample of Pebbles")
    until_done(lab)
    assert downloaded(lab) == (96, 96)


def test_a_network_that_has_learnt_a_style_repaints_any_picture(lab: Lab) -> None:
    page = lab.page
    model = lab.start("texnet", {"source": "sample:strokes"}, **TINY, task="stylise")
    expect(lab.in_strip(model)).to_contain_text("Done", timeout=DONE)
    page.get_by_role("link", name="Models", exact=True).click()
    page.get_by_role("button", name="Stylise a picture with the model of Brush strokes").click()
    dialogue = page.locator("#sampling")
    dialogue.get_by_role("button", name="Stylise", exact=True).click()
    expect(page.locator("#slot-stylise-error")).to_contain_text("First choose a picture")
    lab.drop(b"something", "moving.gif", "image/gif", goal="#sampling")
    expect(page.locator("#drop-words")).to_contain_text("a picture becomes the content")
    expect(page.locator("#slot-stylise-error")).to_contain_text("moving.gif is of type image/gif")
    dialogue.get_by_role("button", name="Choose a picture or a sample").click()
    page.locator("#picker").get_by_role("button", name="Coffee").click()
    dialogue.get_by_role("textbox", name="Size").fill("96")
    dialogue.get_by_role("button", name="Stylise", exact=True).click()
    expect(page.locator("#job-title")).to_have_text("Stylised Coffee")
    until_done(lab)
    expect(page.locator("#given figcaption")).to_have_text(["Style Brush strokes", "Content Coffee"])
    assert downloaded(lab) == (96, 64)
    lab.button("Another picture…").click()
    expect(page.locator("#slot-stylise")).to_contain_text("Coffee")
    expect(page.locator("#slot-stylise")).not_to_contain_text("Optional")
    page.keyboard.press("Escape")
    refused = page.request.post(f"/api/models/{model}/sample", data={})
    assert (refused.status, "repaints pictures" in refused.json()["detail"]) == (422, True)
