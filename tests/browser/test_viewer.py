"""The picture on the stage: zoomed, moved, repeated, shifted, wiped against its exemplar, on the whole screen."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import NO_WEBGL, Lab, drawing
from tests.serving import Server, serving

Red = np.ndarray[Any, np.dtype[np.uint8]]

CANVAS = "document.querySelector('#canvas')"
FILLED = """() => {
    const {width, bottom} = document.querySelector("#stage").getBoundingClientRect();
    return width === innerWidth && bottom === innerHeight;
}"""
# How often a script asks for the next frame while the page draws so many.
ASKED = """(frames) => new Promise((done) => {
    const ask = window.requestAnimationFrame;
    let asked = 0;
    window.requestAnimationFrame = (work) => { asked += 1; return ask(work); };
    const wait = (left) => ask(() => left ? wait(left - 1) : done([asked, window.requestAnimationFrame = ask][0]));
    wait(frames);
})"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that these tests share."""
    with serving(tmp_path_factory.mktemp("server")) as serve:
        yield serve()


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def noise(width: int, height: int, values: tuple[int, ...] = tuple(range(256))) -> Red:
    return np.random.default_rng(2).choice(np.asarray(values, np.uint8), (height, width))


def bring(lab: Lab, red: Red) -> None:
    """Show a picture that has these values in each channel."""
    file = io.BytesIO()
    Image.fromarray(np.repeat(red[:, :, None], 3, axis=2)).save(file, "PNG")
    lab.drop(file.getvalue(), "noise.png", "image/png")
    expect(lab.page.locator("#slot-source")).to_contain_text("noise.png")
    lab.until(lambda: lab.pixels()[0] > 0, "the picture")


def shown(lab: Lab, canvas: str = "#canvas") -> Red:
    """What is seen of it."""
    lab.drawn()
    width, height, red = lab.pixels(canvas)
    return np.asarray(red, np.uint8).reshape(height, width)


def zoom(lab: Lab) -> int:
    return int(lab.page.locator("#stage-tools [data-lens=percent]").inner_text().split()[0])


def tool(lab: Lab, name: str) -> Any:
    return lab.page.locator("#stage-tools").get_by_role("button", name=name, exact=True)


# --- zoom ---


@pytest.mark.parametrize("density", [1, 1.5, 2])
def test_at_1_to_1_a_pixel_of_the_picture_is_one_of_the_screen(open_lab: OpenLab, server: Any, density: float) -> None:
    lab = open_lab(server.url, device_scale_factor=density)
    picture = noise(80, 48)
    bring(lab, picture)
    assert zoom(lab) > 100  # as large as there is room
    lab.page.keyboard.press("1")
    assert np.array_equal(shown(lab), picture)
    assert zoom(lab) == 100
    expect(tool(lab, "1:1")).to_have_attribute("aria-pressed", "true")
    drawn, laid = lab.page.evaluate(f"[{CANVAS}.width, {CANVAS}.getBoundingClientRect().width * devicePixelRatio]")
    assert drawn == pytest.approx(laid)


def test_pixels_are_crisp_where_one_zooms_in_and_filtered_where_the_picture_fits(lab: Lab) -> None:
    bring(lab, noise(80, 48, (0, 255)))
    assert len(np.unique(shown(lab))) > 100
    lab.page.keyboard.press("1")
    for _ in range(4):
        tool(lab, "Zoom in").click()
    assert zoom(lab) == 244
    assert set(np.unique(shown(lab))) == {0, 255}
    tool(lab, "Fit").click()
    assert len(np.unique(shown(lab))) > 100


def test_keys_buttons_wheel_and_double_click_zoom(lab: Lab) -> None:
    page = lab.page
    bring(lab, noise(1600, 1200))
    fitting = zoom(lab)
    assert fitting < 100
    for larger, smaller in (
        (lambda: page.keyboard.press("+"), lambda: page.keyboard.press("-")),
        (tool(lab, "Zoom in").click, tool(lab, "Zoom out").click),
        (lambda: page.mouse.wheel(0, -200), lambda: page.mouse.wheel(0, 200)),
    ):
        page.locator("#canvas").hover()
        larger()
        lab.until(lambda: zoom(lab) > fitting, "larger")
        smaller()
        lab.until(lambda: zoom(lab) == fitting, "as before")
    page.locator("#canvas").dblclick()
    lab.until(lambda: zoom(lab) == 100, "its pixels")
    page.keyboard.press("0")
    lab.until(lambda: zoom(lab) == fitting, "all of it")


def test_a_picture_is_moved_by_dragging_and_by_keys(lab: Lab) -> None:
    page = lab.page
    bring(lab, noise(1600, 1200))
    page.keyboard.press("1")
    before = shown(lab)
    page.mouse.move(700, 400)
    page.mouse.down()
    page.mouse.move(660, 385, steps=4)
    page.mouse.up()
    assert np.array_equal(shown(lab)[:-15, :-40], before[15:, 40:])
    page.keyboard.press("ArrowLeft")
    assert not np.array_equal(shown(lab)[:-15, :-40], before[15:, 40:])


def test_two_fingers_zoom(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    bring(lab, noise(80, 48))
    box = lab.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = lab.page.context.new_cdp_session(lab.page)
    before = lab.page.evaluate("document.querySelector('[data-lens=percent]').textContent")

    def touch(kind: str, apart: int) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 30)
    for apart in (50, 70, 90):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    after = lab.page.evaluate("document.querySelector('[data-lens=percent]').textContent")
    assert int(after.split()[0]) == pytest.approx(3 * int(before.split()[0]), rel=0.05)


# --- tiles ---


@pytest.mark.parametrize("times", [2, 5])
def test_a_tile_is_repeated_exactly_under_zoom(lab: Lab, times: int) -> None:
    tile = noise(80, 48)
    bring(lab, tile)
    lab.page.keyboard.press(str(times))
    expect(lab.page.locator("#stage-tools summary")).to_contain_text(f"{times}×{times}")
    lab.page.keyboard.press("1")
    assert np.array_equal(shown(lab), np.tile(tile, (times, times)))
    lab.page.keyboard.press(str(times))  # once again
    lab.page.keyboard.press("1")
    assert np.array_equal(shown(lab), tile)


def test_a_tile_is_repeated_otherwise_across_than_down(lab: Lab) -> None:
    page, tile = lab.page, noise(80, 48)
    bring(lab, tile)
    menu = page.locator("#stage-tools summary")
    menu.click()
    page.get_by_role("radio", name="3×2").click()
    expect(page.get_by_role("radio", name="3×2")).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("1")
    assert np.array_equal(shown(lab), np.tile(tile, (2, 3)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="3×2")).to_be_focused()
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp"):  # as far as there are cells
        page.keyboard.press(key)
    expect(page.get_by_role("radio", name="2×1")).to_be_checked()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    page.keyboard.press("1")
    assert np.array_equal(shown(lab), np.tile(tile, (1, 2)))
    lab.reload()
    expect(menu).to_contain_text("2×1")


def test_offset_by_half_brings_the_seams_to_the_middle(lab: Lab) -> None:
    tile = noise(80, 48)
    bring(lab, tile)
    lab.page.keyboard.press("1")
    tool(lab, "Offset").click()
    assert np.array_equal(shown(lab), np.roll(tile, (24, 40), (0, 1)))
    lab.page.keyboard.press("e")
    assert np.array_equal(shown(lab), tile)


def test_what_was_chosen_is_remembered_and_the_zoom_is_not(lab: Lab) -> None:
    page = lab.page
    one, other = lab.start_counting(steps=3), lab.start_counting(steps=3, seed=1)
    lab.show(one)
    lab.expect_state("Done")
    lab.until(lambda: lab.pixels()[0] > 0, "the picture")
    fitting = zoom(lab)
    for key in ("3", "e", "+", "+"):
        page.keyboard.press(key)
    assert zoom(lab) != fitting
    lab.show(other)
    lab.expect_state("Done")
    expect(tool(lab, "Fit")).to_have_attribute("aria-pressed", "true")
    lab.reload()
    expect(page.locator("#stage-tools summary")).to_contain_text("3×3")
    expect(tool(lab, "Offset")).to_have_attribute("aria-pressed", "true")


# --- before and after ---


def test_a_result_is_wiped_against_its_exemplar(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(steps=3))
    lab.expect_state("Done")
    lab.until(lambda: lab.pixels()[0] > 0, "the picture")
    page.keyboard.press("w")
    slider = page.get_by_role("slider", name="Line between before")
    expect(slider).to_be_focused()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "100")
    page.keyboard.press("PageDown")
    expect(slider).to_have_attribute("aria-valuenow", "90")
    before, after = "#stage-wipe [slot=first] canvas", "#stage-wipe [slot=second] canvas"
    lab.until(lambda: lab.pixels(before)[0] > 0, "the exemplar")
    assert drawing(page.locator(after)) == drawing(page.locator("#canvas"))
    assert drawing(page.locator(before)) != drawing(page.locator(after))
    page.keyboard.press("2")  # both of them
    halves = np.split(shown(lab, before).astype(int), 2, axis=1)
    assert np.abs(halves[0] - halves[1]).max() <= 2  # the filter rounds
    lab.reload()
    expect(slider).to_be_visible()
    tool(lab, "Wipe").click()
    expect(slider).to_be_hidden()


def test_there_is_nothing_to_wipe_before_there_is_a_job(lab: Lab) -> None:
    bring(lab, noise(80, 48))
    lab.page.keyboard.press("w")
    expect(tool(lab, "Wipe")).to_be_hidden()
    expect(lab.page.locator("#stage-wipe")).to_be_hidden()


# --- room ---


def test_the_stage_fills_the_screen_until_it_is_left(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(steps=3))
    lab.expect_state("Done")
    lab.until(lambda: lab.pixels()[0] > 0, "the picture")
    fitting = zoom(lab)
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    lab.until(lambda: zoom(lab) > fitting, "larger")
    assert page.evaluate(FILLED)
    for part in ("#transport", ".topbar", "#form", "#rail", "#strip"):
        expect(page.locator(part)).to_be_hidden()
    tool(lab, "Full screen").click()
    page.wait_for_function("() => document.fullscreenElement === null")
    lab.until(lambda: zoom(lab) == fitting, "as before")


def test_what_the_page_has_to_say_is_seen_on_the_full_screen(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(steps=10_000_000, work=20))
    lab.expect_state("Running")
    page.route("**/pause", lambda route: route.abort())
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("Space")
    page.locator("#toasts").get_by_role("button", name="Dismiss").click()
    expect(page.locator("#toasts")).to_be_empty()


def test_few_runs_of_a_comparison_are_large_and_looked_at_as_before(lab: Lab) -> None:
    page = lab.page
    lab.open(f"/comparisons/{lab.compare_counting([{'steps': 3}, {'steps': 3, 'seed': 1}])}")
    room, dock = page.locator(".run[data-job] .run-room").first, page.locator("#comparison-dock")
    lab.until(lambda: (room.bounding_box() or {"height": 0})["height"] > 340, "large panels")
    panels, beneath = page.locator("#runs").bounding_box(), dock.bounding_box()
    assert panels
    assert beneath
    assert panels["y"] + panels["height"] <= beneath["y"]
    expect(page.locator("#table-heading")).to_be_in_viewport()
    for key in ("3", "e"):
        page.keyboard.press(key)
    lab.reload()
    tools = page.locator("#comparison-tools")
    expect(tools.locator("summary")).to_contain_text("3×3")
    expect(tools.get_by_role("button", name="Offset")).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_the_tools_are_behind_one_button(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    bring(lab, noise(80, 48))
    expect(tool(lab, "Offset")).to_be_hidden()
    lab.page.get_by_role("button", name="View", exact=True).click()
    tool(lab, "1:1").click()
    assert np.array_equal(shown(lab), noise(80, 48))
    lab.page.keyboard.press("Escape")
    expect(tool(lab, "Offset")).to_be_hidden()


# --- 3D ---


def begin_preview(lab: Lab) -> Any:
    """Open the preview of a picture; the canvas that it is drawn on."""
    lab.page.emulate_media(reduced_motion="reduce")  # the cloth hangs still
    bring(lab, noise(80, 48))
    tool(lab, "3D").click()
    canvas = lab.page.locator("#preview canvas")
    expect(canvas).to_be_visible()
    return canvas


def look(lab: Lab) -> Red:
    """What is seen in the preview."""
    lab.drawn()
    picture = Image.open(io.BytesIO(lab.page.locator("#preview").screenshot()))
    return np.asarray(picture.convert("L"))


def test_the_picture_is_seen_on_a_solid_that_is_turned_under_a_light(lab: Lab) -> None:
    page = lab.page
    begin_preview(lab)
    preview = page.locator("#preview")
    expect(preview).to_be_focused()
    seen = []
    for form in ("Plane", "Sphere", "Cube", "Cloth"):
        page.get_by_role("radio", name=form, exact=True).check()
        seen.append(look(lab))
        assert len(np.unique(seen[-1])) > 100, form
    page.get_by_role("slider", name="Repeat").fill("5")
    seen.append(look(lab))
    preview.focus()
    for key in ("ArrowLeft", "Shift+ArrowRight", "+"):
        page.keyboard.press(key)
        seen.append(look(lab))
    page.locator("#preview-light").click()
    box = preview.bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 260, steps=3)
    page.mouse.up()
    seen.append(look(lab))
    assert all(not np.array_equal(before, after) for before, after in pairwise(seen))
    expect(tool(lab, "Offset")).to_be_hidden()
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    page.keyboard.press("v")
    expect(page.locator("#preview canvas")).to_have_count(0)
    expect(tool(lab, "Offset")).to_be_visible()


def test_the_cloth_moves_while_it_is_seen(lab: Lab) -> None:
    page = lab.page
    begin_preview(lab)
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_role("radio", name="Cloth", exact=True).check()
    lab.until(lambda: page.evaluate(ASKED, 3) > 0, "a moving cloth")
    page.get_by_role("link", name="History", exact=True).click()
    lab.until(lambda: page.evaluate(ASKED, 3) == 0, "a cloth at rest")
    page.go_back()
    lab.until(lambda: page.evaluate(ASKED, 3) > 0, "a moving cloth again")


def test_the_solid_is_bare_until_the_job_has_a_picture(lab: Lab) -> None:
    page = lab.page
    page.emulate_media(reduced_motion="reduce")
    done = lab.start_counting(steps=3)
    lab.show(done)
    lab.expect_state("Done")
    tool(lab, "3D").click()
    expect(page.locator("#preview canvas")).to_be_visible()
    lab.until(lambda: len(np.unique(look(lab))) > 100, "the picture on the solid")
    laid = look(lab)
    lab.show(lab.start_counting(steps=3, seed=5, fail_at=1))
    lab.expect_state("Failed")
    assert not np.array_equal(look(lab), laid)


def test_what_draws_the_solid_is_fetched_when_it_is_asked_for(lab: Lab) -> None:
    asked: list[str] = []
    lab.page.on("request", lambda request: asked.append(request.url))
    lab.reload()
    assert not any("three" in url or "solid" in url for url in asked)
    begin_preview(lab)
    assert any(url.endswith("three.core.min.js") for url in asked)


def test_the_preview_says_where_there_is_no_webgl(lab: Lab) -> None:
    lab.page.add_init_script(NO_WEBGL)
    lab.reload()
    bring(lab, noise(80, 48))
    lab.page.keyboard.press("v")
    expect(lab.page.locator("#preview-note")).to_contain_text("needs WebGL")
    lab.page.keyboard.press("v")
    expect(lab.page.locator("#preview")).to_be_hidden()


# --- taking it away ---


def test_the_picture_is_copied_as_it_is(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, permissions=["clipboard-read", "clipboard-write"])
    lab.show(lab.start_counting(steps=3, size="96x64"))
    lab.expect_state("Done")
    lab.button("Copy image").click()
    expect(lab.button("Copied")).to_be_visible()
    size = lab.page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const {width, height} = await createImageBitmap(await item.getType("image/png"));
            return [width, height];
        }"""
    )
    assert size == [96, 64]
