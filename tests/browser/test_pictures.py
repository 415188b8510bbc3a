"""How a picture gets into the page, and what it says of one that cannot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.lab import Lab
from tests.images.real_files import HEIC

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)


def photo(width: int = 80, height: int = 48, kind: str = "JPEG") -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def expect_exemplar(lab: Lab, name: str) -> None:
    expect(lab.page.locator("#slot-source")).to_contain_text(name)
    expect(lab.page.locator("#slot-source")).to_contain_text("80 × 48")
    lab.until(lambda: is_photo(*lab.pixels()), "the photo on the stage")


def is_photo(width: int, height: int, red: list[int]) -> bool:
    return abs(width - height * 80 / 48) < 2 and len(set(red)) > 50


def test_a_dropped_file_becomes_the_exemplar(lab: Lab) -> None:
    assert lab.drop(photo(), "bark.jpg", "image/jpeg")
    expect_exemplar(lab, "bark.jpg")
    expect(lab.page.locator("#drop-veil")).to_be_hidden()


def test_a_file_is_seen_before_the_server_has_it(lab: Lab) -> None:
    page, held, asked = lab.page, [], []
    page.route("**/api/images", lambda route: held.append(route))
    page.on("request", lambda request: asked.append(request.url))
    lab.drop(photo(), "bark.jpg", "image/jpeg")
    expect(page.locator("#slot-source")).to_contain_text("Reading bark.jpg")
    expect(page.locator("#job-title")).to_have_text("bark.jpg")
    lab.until(lambda: is_photo(*lab.pixels()), "the photo on the stage")
    held[0].continue_()
    expect_exemplar(lab, "bark.jpg")
    assert [url for url in asked if "/api/images/" in url and "size=" not in url] == []  # nor is it fetched again


def test_the_last_file_counts_however_late_the_one_before_arrives(lab: Lab) -> None:
    page, held = lab.page, []
    page.route("**/api/images", lambda route: held.append(route))
    lab.drop(photo(64, 64), "first.jpg", "image/jpeg")
    lab.until(lambda: len(held) == 1, "the first upload")
    lab.drop(photo(), "second.jpg", "image/jpeg")
    lab.until(lambda: len(held) == 2, "the second upload")
    with page.expect_response("**/api/images"):
        held[0].continue_()
    expect(page.locator("#slot-source")).to_contain_text("Reading second.jpg")
    held[1].continue_()
    expect_exemplar(lab, "second.jpg")


def test_what_the_server_refuses_does_not_stay_on_the_stage(lab: Lab) -> None:
    lab.drop(photo(80, 20), "stripe.jpg", "image/jpeg")
    expect(lab.page.locator("#slot-source-error")).to_contain_text("at least 32")
    expect(lab.page.locator("#invite")).to_be_visible()
    lab.drop(photo(), "bark.jpg", "image/jpeg")
    expect_exemplar(lab, "bark.jpg")
    lab.drop(photo(80, 20), "stripe.jpg", "image/jpeg")
    expect(lab.page.locator("#slot-source-error")).to_contain_text("at least 32")
    expect(lab.page.locator("#job-title")).to_have_text("bark.jpg")


def test_what_the_server_had_to_change_is_shown_as_it_has_it(lab: Lab) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (80, 48), (255, 0, 0, 0)).save(file, "PNG")
    lab.drop(file.getvalue(), "clear.png", "image/png")
    expect(lab.page.locator("#slot-source")).to_contain_text("transparent")
    lab.until(lambda: set(lab.pixels()[2]) == {255}, "white, which is what is laid under it")


def test_a_large_picture_comes_reduced_after_a_reload(lab: Lab) -> None:
    asked: list[str] = []
    lab.drop(photo(2400, 1440), "large.jpg", "image/jpeg")
    expect(lab.page.locator("#slot-source")).to_contain_text("2400 × 1440")
    lab.page.on("request", lambda request: asked.append(request.url))
    lab.reload()
    lab.until(lambda: is_photo(*lab.pixels()), "the photo on the stage")
    lab.until(lambda: any("/api/images/" in url and url.endswith("size=2048") for url in asked), "the reduced one")
    expect(lab.page.locator("#slot-source")).to_contain_text("2400 × 1440")


def test_a_pasted_picture_becomes_the_exemplar(lab: Lab) -> None:
    lab.paste(photo(kind="PNG"), "image.png", "image/png")
    expect_exemplar(lab, "image.png")


def test_a_chosen_file_becomes_the_exemplar(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "moss.webp"
    path.write_bytes(photo(kind="WebP"))
    with lab.page.expect_file_chooser() as chooser:
        lab.page.get_by_role("button", name="Choose a picture…").click()
    chooser.value.set_files(path)
    expect_exemplar(lab, "moss.webp")


def test_a_phones_photo_becomes_the_exemplar_though_browsers_do_not_know_its_type(lab: Lab) -> None:
    lab.drop(HEIC, "holiday.HEIC", "")
    expect(lab.page.locator("#slot-source")).to_contain_text("48 × 40")
    for chooser in lab.page.locator("input[data-pictures]").all():
        assert {"image/heic", ".heic", ".tif"} <= set((chooser.get_attribute("accept") or "").split(","))


def test_a_picture_can_be_dropped_while_a_job_is_shown(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=3))
    lab.expect_state("Done")
    lab.drop(photo(), "bark.jpg", "image/jpeg")
    expect_exemplar(lab, "bark.jpg")


def test_a_result_is_a_source_for_the_next_texture_by_hand_and_by_mouse(lab: Lab) -> None:
    page = lab.page
    expect(page.locator("#choose-result")).to_be_hidden()
    job = lab.start_counting(size=64, steps=3)
    lab.show(job)
    lab.expect_state("Done")
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("button", name="Or one of your results…").click()
    page.locator("#picker-results").get_by_role("button", name="Pebbles").click()
    expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator("#slot-source")).to_contain_text("Pebbles")
    expect(page.locator("#slot-source")).to_contain_text("64 × 64")

    page.get_by_role("button", name="Remove the source texture").click()
    page.locator('#methods input[value="style"]').check(force=True)
    lab.in_strip(job).locator("button.frame").drag_to(page.locator("#slot-content"))
    expect(page.locator("#slot-content")).to_contain_text("Pebbles")
    expect(page.locator("#drop-veil")).to_be_hidden()

    waiting = lab.start("gatys", {"source": "sample:clay"})  # there are no weights
    lab.in_strip(waiting).locator("button.frame").drag_to(page.locator("#slot-content"))
    expect(page.locator("#slot-content-error")).to_contain_text("Cracked clay has no result yet.")


def test_a_job_carries_the_name_of_its_picture(lab: Lab) -> None:
    lab.drop(photo(), "bark.jpg", "image/jpeg")
    expect_exemplar(lab, "bark.jpg")
    source = lab.page.evaluate("JSON.parse(localStorage.getItem('texture-lab.picture-source')).id")
    job = lab.start_counting(source=source, steps=3)
    expect(lab.in_strip(job)).to_contain_text("bark.jpg")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        (
            "moving.gif",
            "image/gif",
            "moving.gif is of type image/gif. Texture Lab reads PNG, JPEG, WebP, AVIF, HEIC, TIFF and BMP pictures.",
        ),
        ("notes", "", "notes is of an unknown type."),
    ],
)
def test_a_file_of_another_type_is_refused_in_words(lab: Lab, name: str, kind: str, words: str) -> None:
    lab.drop(b"something", name, kind)
    expect(lab.page.locator("#toasts")).to_contain_text(words)
    lab.page.get_by_role("button", name="Dismiss").click()
    expect(lab.page.locator("#toasts")).to_be_empty()


def test_a_file_that_is_too_large_is_not_even_sent(lab: Lab) -> None:
    posts: list[str] = []
    lab.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    size = 21 * 2**20
    script = """(size) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(size)], "huge.png", {type: "image/png"}));
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
    }"""
    lab.page.evaluate(script, size)
    expect(lab.page.locator("#toasts")).to_contain_text("huge.png has 21 MB. Up to 20 MB is possible")
    assert not any("/api/images" in url for url in posts)


def test_a_damaged_file_is_refused_by_the_server_in_words(lab: Lab) -> None:
    whole = photo(640, 480)
    lab.drop(whole[: len(whole) // 2], "half.jpg", "image/jpeg")
    error = lab.page.locator("#slot-source-error")
    expect(error).to_be_visible()
    assert len(error.inner_text()) > 20
    expect(lab.page.locator("#slot-source")).to_contain_text("Choose a picture or a sample")


def test_a_dropped_link_is_refused_in_words(lab: Lab) -> None:
    script = """() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.setData("text/uri-list", "http://example.org/bark.jpg");
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
    }"""
    lab.page.evaluate(script)
    expect(lab.page.locator("#toasts")).to_contain_text("That was a link, not a picture")


def test_an_exemplar_that_the_server_no_longer_has_is_forgotten(lab: Lab) -> None:
    gone: dict[str, Any] = {"id": "0" * 32, "name": "gone.png", "width": 8, "height": 8}
    lab.page.evaluate("(it) => localStorage.setItem('texture-lab.picture-source', JSON.stringify(it))", gone)
    lab.reload()
    expect(lab.page.locator("#slot-source")).to_contain_text("Choose a picture or a sample")
    expect(lab.page.locator("#invite")).to_be_visible()


@pytest.fixture
def held(lab: Lab) -> list[Route]:
    """Uploads that do not get to the server until the test lets them."""
    routes: list[Route] = []
    lab.page.route("**/api/images", lambda route: routes.append(route))
    return routes


def test_start_waits_for_a_picture_that_is_on_its_way(lab: Lab, held: list[Route]) -> None:
    page = lab.page
    lab.drop(photo(), "bark.jpg", "image/jpeg")
    lab.until(lambda: bool(held), "the upload")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#start")).to_be_disabled()
    page.keyboard.press("Control+Enter")  # once is enough
    held[0].continue_()
    expect(page.locator("#job-title")).to_have_text("bark.jpg")
    expect(page.locator("#jobs li[data-job]")).to_have_count(1)


@pytest.mark.parametrize("before", ["", "Pebbles"])
def test_start_stops_at_a_picture_that_was_refused_on_its_way(lab: Lab, held: list[Route], before: str) -> None:
    page = lab.page
    if before:
        page.locator("#samples").get_by_role("button", name=before).click()
    lab.drop(photo()[:200], "half.jpg", "image/jpeg", goal="#slot-source")
    lab.until(lambda: bool(held), "the upload")
    page.get_by_role("button", name="Start", exact=True).click()
    held[0].continue_()
    expect(page.locator("#slot-source-error")).to_contain_text("half.jpg: ")
    expect(page.locator("#start")).to_be_enabled()
    expect(page.locator("#jobs li[data-job]")).to_have_count(0)


def test_start_does_not_wait_for_a_picture_that_the_method_has_no_use_for(lab: Lab, held: list[Route]) -> None:
    page = lab.page
    page.get_by_role("radio", name="Style transfer").check()
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    lab.drop(photo(), "holiday.jpg", "image/jpeg", goal="#slot-content")
    lab.until(lambda: bool(held), "the upload")
    page.get_by_role("radio", name="Neural statistics").check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#job-title")).to_have_text("Pebbles")
    held[0].continue_()
