"""Pictures in roles: slots that are filled, a mask that is painted, and what a job shows of them."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from texture.images.decoding import decode

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

COLOURS = """(canvas) => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def photo(width: int = 96, height: int = 64) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


def slot(page: Page, role: str) -> Locator:
    return page.locator(f"#slot-{role}")


def sheet(page: Page, role: str) -> Locator:
    """What is painted on in the dialogue, for that role."""
    return page.locator(f"#masking [data-sheet={role}] .sheet")


def error(page: Page, role: str) -> Locator:
    return page.locator(f"#slot-{role}-error")


def choose_style(lab: Lab) -> Page:
    """Style transfer, with brush strokes for its style."""
    lab.page.get_by_role("radio", name="Style transfer").check()
    lab.page.locator("#samples").get_by_role("button", name="Brush strokes").click()
    expect(slot(lab.page, "source")).to_contain_text("Brush strokes")
    return lab.page


def pick(page: Page, title: str) -> None:
    """A sample, in the dialogue that has been opened."""
    page.locator("#picker").get_by_role("button", name=title).click()
    expect(page.locator("#picker")).to_be_hidden()


def sent(page: Page, again: bool = False) -> dict[str, Any]:
    """Press Start; what the page posts. again: it is the same as a job that there is."""
    asked = lambda request: request.method == "POST" and request.url.endswith("/api/jobs")  # noqa: E731
    with page.expect_request(asked) as post:
        page.get_by_role("button", name="Start", exact=True).click()
        if again:
            page.get_by_role("button", name="Start it again").click()
    body: dict[str, Any] = post.value.post_data_json
    return body


def test_what_a_method_needs_has_a_slot_that_complains_takes_a_picture_and_remembers_it(lab: Lab) -> None:
    page = choose_style(lab)
    expect(slot(page, "source").get_by_role("heading")).to_have_text("Style")
    expect(page.locator("#stage-tools [data-lens=tiling]")).to_be_hidden()  # nobody wants a style for a tile
    page.get_by_role("button", name="Start", exact=True).click()
    expect(error(page, "content")).to_contain_text("The content is missing")
    button = slot(page, "content").get_by_role("button", name="Choose a picture")
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    expect(page.locator("#picker-samples button").first).to_have_text("Astronaut")  # scenes come first
    pick(page, "Cat")
    expect(error(page, "content")).to_be_hidden()
    expect(page.get_by_role("button", name="Change the content")).to_be_focused()
    page.get_by_role("button", name="Change the content").click()
    lab.drop(photo(), "holiday.jpg", "image/jpeg", goal="#picker")
    expect(slot(page, "content")).to_contain_text("96 × 64")
    expect(page.get_by_role("button", name="Change the content")).to_be_focused()
    lab.drop(b"something", "moving.gif", "image/gif", goal="#slot-content")
    expect(error(page, "content")).to_contain_text("moving.gif is of type image/gif")

    lab.reload()
    expect(slot(page, "content")).to_contain_text("holiday.jpg")
    content = page.evaluate("JSON.parse(localStorage.getItem('texture-lab.picture-content')).id")
    assert sent(page)["images"] == {"source": "sample:strokes", "content": content}
    expect(page.locator("#job-title")).to_have_text("holiday.jpg in Brush strokes")
    page.get_by_role("button", name="New", exact=True).click()
    expect(slot(page, "content")).not_to_contain_text("Optional")
    page.get_by_role("radio", name="Neural patches").check()
    expect(slot(page, "content")).to_contain_text("Optional: it may change the result.")
    page.get_by_role("radio", name="Neural statistics").check()
    expect(slot(page, "content")).to_be_hidden()
    assert sent(page)["images"] == {"source": "sample:strokes"}


def test_what_does_not_fit_is_refused_where_it_can_be_mended(lab: Lab) -> None:
    page = choose_style(lab)
    lab.drop(photo(1024, 32), "horizon.jpg", "image/jpeg", goal="#slot-content")
    expect(slot(page, "content")).to_contain_text("1024 × 32")
    sent(page)
    expect(error(page, "content")).to_contain_text(
        "The content is 1024x32 pixels: at a size of 448 its shorter side is"
    )
    page.get_by_role("radio", name="Neural statistics").check()
    page.get_by_role("radio", name="Style transfer").check()
    expect(error(page, "content")).to_be_hidden()
    sent(page)
    expect(error(page, "content")).to_be_visible()

    page.get_by_role("textbox", name="Size").fill("1024")
    assert sent(page)["params"]["size"] == 1024  # which mends it
    page.get_by_role("button", name="New", exact=True).click()
    expect(error(page, "content")).to_be_hidden()

    page.get_by_text("Advanced options").click()
    page.get_by_label("Blend", exact=True).fill("1 2")
    sent(page)
    expect(page.locator("#field-blend-error")).to_contain_text("one number for each style, and there is 1")
    expect(page.locator("#jobs li[data-job]")).to_have_count(1)


def test_a_picture_that_is_dropped_anywhere_goes_where_one_is_missing(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name="Style transfer").check()
    for name, role in (("paint.jpg", "source"), ("holiday.jpg", "content"), ("better.jpg", "source")):
        lab.drop(photo(), name, "image/jpeg")
        expect(slot(page, role)).to_contain_text(name)
    lab.paste(photo(), "pasted.jpg", "image/jpeg")
    expect(slot(page, "source")).to_contain_text("pasted.jpg")
    expect(slot(page, "content")).to_contain_text("holiday.jpg")


def test_styles_are_added_one_at_a_time_and_taken_away(lab: Lab) -> None:
    page = choose_style(lab)
    for role, title in (("style2", "Marble"), ("style3", "Pebbles"), ("style4", "Cracked clay")):
        page.get_by_role("button", name="Add a style").click()
        pick(page, title)
        expect(slot(page, role)).to_contain_text(title)
    expect(page.get_by_role("button", name="Add a style")).to_have_count(0)
    expect(page.locator("#pictures h2:visible")).to_have_text(
        ["Style", "Second style", "Third style", "Fourth style", "Content"]
    )
    page.get_by_role("button", name="Remove the third style").click()
    expect(slot(page, "style3")).to_be_hidden()
    expect(page.get_by_role("button", name="Add a style")).to_be_focused()


def test_what_is_on_its_way_can_be_painted_over_as_soon_as_it_is_there(lab: Lab) -> None:
    page = choose_style(lab)
    held: list[Route] = []
    page.route("**/api/images", lambda route: held.append(route))
    lab.drop(photo(96, 64), "holiday.jpg", "image/jpeg", goal="#slot-content")
    expect(slot(page, "content")).to_contain_text("Reading holiday.jpg")
    page.get_by_role("button", name="Add a mask").click()
    expect(page.locator("#masking-hint")).to_contain_text("Choose the content first")
    expect(page.locator("#masking-work")).to_be_hidden()
    held[0].continue_()
    expect(page.locator("#masking-hint")).to_have_text("Each style goes where its colour is.")
    expect(page.locator("#masking-work")).to_be_visible()


def test_a_mask_is_painted_over_the_content_and_used(lab: Lab) -> None:
    page = choose_style(lab)
    lab.drop(photo(96, 64), "holiday.jpg", "image/jpeg", goal="#slot-content")
    expect(slot(page, "content")).to_contain_text("96 × 64")
    page.get_by_role("button", name="Add a style").click()
    pick(page, "Marble")
    page.route("**/api/images/*?size=1024", lambda route: route.abort())
    page.get_by_role("button", name="Add a mask").click()
    expect(page.locator("#masking-error")).to_contain_text("Connection lost")
    expect(page.locator("#masking-save")).to_be_disabled()
    page.unroute("**/api/images/*?size=1024")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a mask").click()
    expect(page.locator("#masking-hint")).to_have_text("Paint where Marble goes.")
    expect(page.locator("#masking-save")).to_be_disabled()
    box = sheet(page, "mask").bounding_box()
    assert box

    def paint(*places: tuple[float, float]) -> None:
        at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
        page.mouse.move(*at[0])
        page.mouse.down()
        for place in at[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()

    paint((0.5, 0.25), (0.9, 0.25))  # white, the second style, is chosen
    page.keyboard.press("3")  # red is left as it is
    paint((0.25, 0.75))
    paint((0.75, 0.75))
    page.keyboard.press("Control+z")
    page.route("**/api/images", lambda route: route.abort())
    page.get_by_role("button", name="Use this mask").click()
    expect(page.locator("#masking-error")).to_contain_text("Connection lost")
    page.unroute("**/api/images")
    page.get_by_role("button", name="Use this mask").click()
    expect(slot(page, "mask")).to_contain_text("Painted mask")
    expect(slot(page, "mask")).to_contain_text("96 × 64")
    expect(page.get_by_role("button", name="Change the mask")).to_be_focused()

    body = sent(page)
    mask = decode(page.request.get(f"/api/images/{body['images']['mask']}").body())
    assert {tuple(colour) for colour in mask.reshape(-1, 3)} == {(0, 0, 0), (255, 255, 255), (255, 0, 0)}
    colours = [tuple(mask[round(64 * y), round(96 * x)]) for x, y in ((0.7, 0.25), (0.25, 0.75), (0.75, 0.75))]
    assert colours == [(255, 255, 255), (255, 0, 0), (0, 0, 0)]


def paint_across(page: Page, role: str) -> None:
    """A stroke of the brush through the middle of what is painted on."""
    box = sheet(page, role).bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()


def test_what_is_resynthesised_in_a_starting_picture_is_painted_over_that(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name=re.compile("^Match")).check()
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    page.get_by_role("button", name="Add a mask").click()
    expect(page.locator("#masking-hint")).to_contain_text("Choose the starting picture first")
    expect(page.locator("#masking-save")).to_be_hidden()
    page.keyboard.press("Escape")
    bring_start(lab)
    page.get_by_role("button", name="Add a mask").click()
    expect(page.locator("#masking-styles b")).to_have_text(["Stays as it is", "Is resynthesised"])
    expect(page.locator("#masking-hint")).to_have_text("Paint what is resynthesised.")
    paint_across(page, "mask")
    expect(page.locator("#masking-hint")).to_contain_text("all else stays")
    page.get_by_role("button", name="Use this mask").click()
    expect(slot(page, "mask")).to_contain_text("96 × 96")
    assert set(sent(page)["images"]) == {"source", "initial", "mask"}


def bring_start(lab: Lab) -> None:
    """A starting picture of the result's shape, by the dialogue of its slot."""
    lab.page.get_by_role("button", name="Add a starting picture").click()
    lab.drop(photo(96, 96), "start.jpg", "image/jpeg", goal="#picker")
    expect(slot(lab.page, "initial")).to_contain_text("96 × 96")


def test_a_pair_of_guides_is_painted_over_the_exemplar_and_for_the_result(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name=re.compile("^Match")).check()
    page.get_by_role("button", name="Keep width and height the same").click()
    page.locator("#field-size").fill("128")
    page.locator("#field-size-height").fill("64")
    lab.drop(photo(96, 64), "wall.jpg", "image/jpeg")
    expect(slot(page, "source")).to_contain_text("96 × 64")
    page.get_by_role("button", name="Add a guide").click()
    expect(page.locator("#masking figcaption")).to_have_text(
        ["Source texture: what is where", "Result: what goes where"]
    )
    expect(page.locator("#masking-hint")).to_have_text("Paint a part of the source texture in another colour.")
    expect(page.locator("[data-sheet=guide] .sheet-mask")).to_have_js_property("height", 512)  # of the result's shape
    paint_across(page, "exemplar_guide")  # white
    page.keyboard.press("5")
    paint_across(page, "guide")
    expect(page.locator("#masking-hint")).to_have_text(
        "Nothing in the source texture is green, as parts of the result are: paint it there too."
    )
    expect(page.locator("#masking-save")).to_be_disabled()
    page.keyboard.press("Control+z")
    page.keyboard.press("2")
    sheet(page, "guide").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Use these guides").click()
    expect(slot(page, "exemplar_guide")).to_contain_text("96 × 64")
    expect(slot(page, "guide")).to_contain_text("1024 × 512")

    page.get_by_role("button", name="Change the guide", exact=True).click()  # and what was painted is there again
    expect(page.locator("#masking-hint")).to_contain_text("Give each part")
    sheet(page, "guide").click(position={"x": 2, "y": 2}, force=True)
    page.get_by_role("button", name="Use these guides").click()
    expect(page.locator("#masking")).to_be_hidden()

    images = sent(page)["images"]
    assert set(images) == {"source", "exemplar_guide", "guide"}
    painted = decode(page.request.get(f"/api/images/{images['guide']}").body())
    assert {tuple(colour) for colour in painted.reshape(-1, 3)} == {(0, 0, 0), (255, 255, 255)}
    corners = [tuple(painted[y, x]) for y, x in ((0, 0), (0, -1), (-1, 0), (256, 716), (128, 716))]
    assert corners == [*[(255, 255, 255)] * 4, (0, 0, 0)]  # it tiles, and the brush goes on at the other side
    expect(page.locator("#given figcaption b")).to_have_text(["Source texture", "Guide of the source texture", "Guide"])


def test_several_source_textures_are_laid_where_their_colours_are(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name=re.compile("^Match")).check()
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    page.get_by_role("button", name="Add a guide").click()
    page.get_by_role("button", name="Add another source texture").click()
    pick(page, "Marble")
    expect(slot(page, "source2")).to_contain_text("Marble")
    sent(page)
    expect(error(page, "guide")).to_contain_text("a guide is needed that says which goes where")
    slot(page, "guide").get_by_role("button", name="Choose a picture").click()
    expect(page.locator("#masking-heading")).to_have_text("Guide: which source texture goes where")
    expect(page.locator("#masking-styles b")).to_have_text(["Pebbles", "Marble"])
    expect(page.locator("#masking .sheet")).to_have_count(1)
    paint_across(page, "guide")
    page.get_by_role("button", name="Use this guide").click()
    images = sent(page)["images"]
    assert {**images, "guide": ""} == {"source": "sample:pebbles", "source2": "sample:marble", "guide": ""}
    expect(page.locator("#given figcaption b")).to_have_text(["Source texture", "Second source texture", "Guide"])
    expect(page.locator("#badge")).to_have_text("Done", timeout=120_000)  # the first run compiles


def test_a_job_shows_what_went_in_and_its_maps_and_gives_it_back(lab: Lab) -> None:
    page = lab.page
    images = {"source": "sample:clay", "content": "sample:cat", "style2": "sample:marble", "mask": "sample:cat"}
    lab.show(lab.start("counting", images, steps=5, origins=True))
    lab.expect_state("Done")
    expect(page.locator("#given figcaption")).to_have_text(
        ["Source texture Cracked clay", "Content Cat", "Second style Marble", "Mask Cat"]
    )
    expect(page.locator("#maps figcaption")).to_have_text("Where each patch comes from")
    expect(page.locator("#maps")).to_contain_text("redder is further right")
    expect(page.locator("#maps canvas")).to_have_js_property("width", 64)
    assert page.locator("#maps canvas").evaluate(COLOURS) > 100

    style = lab.start("style", {**images, "initial": "sample:coffee"}, start="picture")
    lab.show(style)
    page.get_by_text("Recipe").click()
    page.get_by_role("button", name="Reuse settings").click()
    expect(page.get_by_role("radio", name="Style transfer")).to_be_checked()
    assert sent(page, again=True)["images"] == {**images, "initial": "sample:coffee"}


def test_a_result_is_continued_at_two_or_four_times_its_size(lab: Lab) -> None:
    page = lab.page
    images = {"source": "sample:gravel"}
    small, large = (lab.start("match", images, size=size, rounds="2 1", seed=5) for size in ("64", "512"))
    lab.show(large)
    lab.expect_state("Done")
    larger, by = page.get_by_role("button", name="Enlarge"), page.get_by_label("How many times as large")
    expect(larger).to_have_attribute("aria-disabled", "true")
    larger.click(force=True)
    expect(page.locator("#toasts")).to_contain_text(
        "The shorter side of the source texture has 512 pixels: twice the size needs 1024"
    )
    lab.show(small)
    expect(larger).to_have_attribute("aria-disabled", "false")
    by.select_option("×4")
    with page.expect_request(lambda it: it.method == "POST" and it.url.endswith("/api/jobs")) as post:
        larger.click()
    body = post.value.post_data_json
    assert (set(body["images"]), body["images"]["source"]) == ({"source", "initial"}, "sample:gravel")
    assert (body["params"]["start"], body["params"]["seed"]) == ("picture", 5)
    expect(page.locator("#job-subtitle")).to_contain_text("256 × 256")
    lab.expect_state("Done")
    expect(page.locator("#toasts")).to_be_empty()
    expect(by).to_have_value("4")


def test_a_result_is_dragged_to_the_offer_of_a_starting_picture(lab: Lab) -> None:
    page = lab.page
    job = lab.start_counting(steps=2)
    lab.show(job)
    lab.expect_state("Done")
    for method in ("Neural statistics", "Patch statistics"):
        page.get_by_role("radio", name=method).check()
        lab.in_strip(job).locator("button.frame").drag_to(page.get_by_role("button", name="Add a starting picture"))
        expect(slot(page, "initial")).to_contain_text("64 × 64")
        page.get_by_role("button", name="Remove the starting picture").click()


def test_a_map_is_redrawn_while_the_job_runs(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=10_000_000, work=5, origins=True))
    with lab.page.expect_response(lambda answer: answer.url.endswith("/maps/origins.png")):
        expect(lab.page.locator("#maps")).to_be_visible()
    with lab.page.expect_response(lambda answer: answer.url.endswith("/maps/origins.png")):
        pass  # nobody has touched anything


def test_a_comparison_asks_for_what_one_of_its_runs_needs(lab: Lab) -> None:
    page = choose_style(lab)
    page.get_by_role("button", name="Compare all methods").click()
    expect(page.locator("#tray-note")).to_contain_text("is left out: it needs a picture for “Content”.")
    expect(page.locator("#tray")).not_to_contain_text("Style transfer")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Add to comparison").click()
    page.get_by_role("radio", name="Neural statistics").check()
    page.get_by_role("button", name="Add to comparison").click()
    page.get_by_role("button", name="Compare 2 runs").click()
    expect(error(page, "content")).to_contain_text("The content is missing")
    slot(page, "content").get_by_role("button", name="Choose a picture").click()
    pick(page, "Coffee")
    page.get_by_role("button", name="Compare 2 runs").click()
    expect(page.locator(".run[data-job]")).to_have_count(2)
    expect(page.locator(".of-content")).to_contain_text("Coffee")
    jobs = page.request.get(f"/api{page.url.removeprefix(lab.url)}").json()["jobs"]
    assert [job["images"] for job in jobs] == [
        {"source": "sample:strokes", "content": "sample:coffee"},
        {"source": "sample:strokes"},
    ]
