"""A job that runs is seen to run, is steered, and leaves what it has made. test_wire.py looks at both async modes."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Download, Locator, Route, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab, drawing

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

LONG = {"steps": 10_000_000, "work": 20}  # runs for as long as a test looks at it


def test_the_picture_changes_with_the_frames(lab: Lab) -> None:
    lab.show(lab.start_counting(**LONG, size="128x96"))
    lab.wait_for_frames(2)
    canvas = lab.page.locator("#canvas")
    width, height, _ = lab.pixels()
    assert abs(width / height - 128 / 96) < 0.01  # its shape, in whole screen pixels
    before = drawing(canvas)
    lab.wait_for_frames(len(set(lab.frames)) + 5)
    assert drawing(canvas) != before


def test_jobs_belong_to_the_session(lab: Lab, open_lab: OpenLab) -> None:
    job = lab.start_counting(steps=3)
    expect(lab.in_strip(job)).to_contain_text("Done")
    stranger = open_lab(lab.url, f"/jobs/{job}")
    expect(stranger.page.locator("#toasts")).to_contain_text("Job not found, or made in another browser")
    expect(stranger.in_strip(job)).to_have_count(0)


def test_at_the_address_of_no_job_another_one_is_not_shown(lab: Lab) -> None:
    job = lab.start_counting(**LONG)
    lab.page.goto(f"{lab.url}/jobs/{job[::-1]}")
    expect(lab.page.locator("#toasts")).to_contain_text("Job not found, or made in another browser")
    expect(lab.page.locator("html")).to_have_attribute("data-view", "new")
    expect(lab.in_strip(job)).to_contain_text("Running")


def test_one_job_is_cancelled_while_the_other_goes_on(lab: Lab) -> None:
    one, other = lab.start_counting(**LONG), lab.start_counting(**LONG, seed=1)
    lab.show(other)
    lab.expect_state("Running")
    lab.button("Cancel").click()
    expect(lab.in_strip(other)).to_contain_text("Cancelled")
    lab.show(one)
    lab.expect_state("Running")
    before = lab.step()
    lab.page.wait_for_function("(n) => parseInt(document.querySelector('#progress').ariaValueNow) > n", arg=before)


def test_the_queue_shows_places(lab: Lab) -> None:
    jobs = [lab.start_counting(**LONG, seed=seed) for seed in range(4)]
    expect(lab.in_strip(jobs[2])).to_contain_text("Queued, place 1")
    expect(lab.in_strip(jobs[3])).to_contain_text("Queued, place 2")
    lab.show(jobs[3])
    expect(lab.page.locator("#plate")).to_contain_text("Waiting for its turn")
    lab.show(jobs[0])
    lab.button("Cancel").click()
    expect(lab.in_strip(jobs[3])).to_contain_text("Queued, place 1")


def strip_order(lab: Lab) -> list[str]:
    jobs = lab.page.locator("#jobs li[data-job]").evaluate_all("(cards) => cards.map((card) => card.dataset.job)")
    return [str(job) for job in jobs]


def test_the_queue_is_put_in_another_order(lab: Lab) -> None:
    lab.page.set_viewport_size({"width": 1700, "height": 800})  # all are seen: scrolling would move what is dragged
    running = [lab.start_counting(**LONG, seed=seed) for seed in range(2)]
    waiting = [lab.start_counting(**LONG, seed=seed) for seed in range(2, 5)]
    for place, job in enumerate(waiting, 1):
        expect(lab.in_strip(job)).to_contain_text(f"Queued, place {place}")
    in_turn = [*reversed(waiting), *reversed(running)]  # the next one beside those that run
    assert strip_order(lab) == in_turn
    right = {"x": 150, "y": 30}
    lab.in_strip(waiting[2]).locator("button.frame").drag_to(lab.in_strip(waiting[1]), target_position=right)
    expect(lab.in_strip(waiting[2])).to_contain_text("Queued, place 2")
    expect(lab.in_strip(waiting[1])).to_contain_text("Queued, place 3")
    assert strip_order(lab) == [waiting[1], waiting[2], waiting[0], *reversed(running)]
    lab.in_strip(waiting[1]).locator("button.frame").press("Alt+ArrowRight")
    expect(lab.in_strip(waiting[1])).to_contain_text("Queued, place 2")
    expect(lab.in_strip(waiting[1]).locator("button.frame")).to_be_focused()
    assert strip_order(lab) == in_turn
    left = {"x": 20, "y": 30}  # of what is next: between it and the one behind
    lab.in_strip(waiting[2]).locator("button.frame").drag_to(lab.in_strip(waiting[0]), target_position=left)
    lab.until(lambda: strip_order(lab)[:3] == [waiting[1], waiting[2], waiting[0]], "it goes before the second")
    lab.in_strip(waiting[0]).locator("button.frame").press("Alt+ArrowDown")
    expect(lab.in_strip(waiting[0])).to_contain_text("Queued, place 2")
    expect(lab.page.locator("#status")).to_contain_text("place 2 in the queue")
    lab.show(waiting[1])
    lab.button("Run first").click()
    expect(lab.in_strip(waiting[1])).to_contain_text("Queued, place 1")
    expect(lab.button("Run first")).to_have_count(0)
    lab.until(lambda: strip_order(lab)[2] == waiting[1], "it stands beside those that run")
    lab.in_strip(waiting[1]).locator("button.frame").drag_to(lab.in_strip(running[0]))  # it does not wait
    expect(lab.page.locator("#toasts")).to_be_empty()
    expect(lab.in_strip(waiting[1])).to_contain_text("Queued, place 1")


def test_a_failed_job_says_why_and_can_be_retried(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=50, fail_at=7))
    lab.expect_state("Failed")
    expect(lab.page.locator("#message")).to_have_text("counting stopped at step 7, as fail_at asked")
    assert lab.page.title().startswith("Failed")
    with lab.page.expect_response(lambda answer: answer.url.endswith("/retry")) as retried:
        lab.button("Retry").click()
    assert retried.value.json()["state"] in ("queued", "running")
    lab.expect_state("Failed")


def test_the_tile_is_downloaded_in_the_format_that_was_last_chosen(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=5, size="96x64", seed=3))
    lab.expect_state("Done")
    with lab.page.expect_download() as download:
        lab.button("Download tile").click()
    assert download.value.suggested_filename.endswith("-seed3.png")
    with Image.open(download.value.path()) as picture:
        assert (picture.format, picture.size) == ("PNG", (96, 64))
        assert "counting" in str(picture.info)
    lab.page.get_by_label("Format of the download").select_option("WebP")
    lab.reload()
    expect(lab.page.get_by_label("Format of the download")).to_have_value("webp")
    with lab.page.expect_download() as download:
        lab.page.keyboard.press("d")
    assert download.value.suggested_filename.endswith("-seed3.webp")
    with Image.open(download.value.path()) as picture:
        assert (picture.format, picture.size) == ("WEBP", (96, 64))


def test_the_iterations_of_a_job_are_seen_again_played_and_downloaded(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(steps=40, work=50, size="96x64"))
    lab.expect_state("Done")
    slider, canvas = page.get_by_role("slider", name="Iteration"), page.locator("#canvas")
    expect(slider).to_have_attribute("aria-valuetext", "Iteration 40 of 40")
    lab.drawn()
    result = drawing(canvas)
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "Iteration 1 of 40")
    lab.until(lambda: drawing(canvas) != result, "the first picture")
    first = drawing(canvas)
    page.keyboard.press("ArrowRight")
    lab.until(lambda: drawing(canvas) not in (first, result), "the second one")
    page.get_by_role("button", name="Play the iterations").click()
    expect(slider).to_have_attribute("aria-valuetext", "Iteration 40 of 40")
    lab.until(lambda: drawing(canvas) == result, "the result again")
    expect(page.locator("#iterations-play")).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download iterations").click()
    assert download.value.suggested_filename.endswith("-iterations.webp")
    with Image.open(download.value.path()) as animation:
        assert (animation.format, animation.size, animation.n_frames > 2) == ("WEBP", (96, 64), True)


def test_an_earlier_iteration_stays_while_newer_ones_come(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(**LONG))
    slider, canvas = page.get_by_role("slider", name="Iteration"), page.locator("#canvas")
    expect(slider).to_have_attribute("aria-valuetext", "Live")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^Iteration 1 of "))
    lab.until(lambda: stays(lab, canvas), "the first picture")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "Live")
    lab.until(lambda: not stays(lab, canvas), "live again")


def stays(lab: Lab, canvas: Locator) -> bool:
    """Whether what is seen is the same after newer pictures have come."""
    before = drawing(canvas)
    lab.wait_for_frames(len(set(lab.frames)) + 3)
    lab.drawn()
    return drawing(canvas) == before


def test_a_sheet_is_downloaded(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(steps=5, size="96x64"))
    lab.expect_state("Done")
    lab.button("Tiled image…").click()
    page.get_by_label("Columns").fill("17")
    expect(page.locator("#sheet-error")).to_have_text("Columns and rows are whole numbers from 1 to 16.")
    page.get_by_label("Columns").fill("4")
    page.get_by_label("Rows").fill("3")
    expect(page.locator("#sheet-size")).to_have_text("384 × 192 pixels")
    with page.expect_download() as download:
        page.locator("#sheet-download").click()
    assert Image.open(io.BytesIO(download.value.path().read_bytes())).size == (384, 192)


def repeats(width: int, height: int, red: list[int], times: int) -> bool:
    """Whether there is a picture, and it repeats so many times across, but for the rounding of the filter."""
    tile = width // times
    rows = [red[y * width : (y + 1) * width] for y in range(height)]
    differences = [abs(row[x] - row[x + tile]) for row in rows for x in range(width - tile)]
    return width % times == 0 and len(set(rows[height // 2])) > 5 and max(differences) <= 2


def test_the_tile_is_shown_repeated_exactly(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=5))
    lab.expect_state("Done")
    lab.page.keyboard.press("2")
    expect(lab.page.locator("#stage-tools summary")).to_contain_text("2×2")
    lab.until(lambda: repeats(*lab.pixels(), times=2), "two tiles across")
    lab.page.keyboard.press("3")
    expect(lab.page.locator("#stage-tools summary")).to_contain_text("3×3")
    lab.until(lambda: repeats(*lab.pixels(), times=3), "three tiles across")


def test_a_job_is_deleted_at_once_and_undo_brings_it_back(lab: Lab) -> None:
    page = lab.page
    job = lab.start_counting(steps=3)
    lab.show(job)
    lab.expect_state("Done")
    lab.in_strip(job).get_by_role("button", name="Delete").click()
    expect(lab.in_strip(job)).to_have_count(0)
    expect(page.locator("#invite")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(lab.in_strip(job)).to_have_count(1)
    lab.expect_state("Done")
    expect(page).to_have_url(re.compile(f"/jobs/{job}$"))


def test_settings_of_a_job_are_used_again(lab: Lab) -> None:
    lab.show(lab.start_counting(source="sample:clay", steps=3))
    lab.expect_state("Done")
    lab.page.get_by_text("Recipe").click()
    expect(lab.page.locator("#recipe")).to_contain_text("64 × 64")
    lab.page.get_by_role("button", name="Reuse settings").click()
    expect(lab.page.locator("#slot-source")).to_contain_text("Cracked clay")


def test_back_leads_to_what_was_shown_before(lab: Lab) -> None:
    first, second = lab.start_counting(steps=5), lab.start_counting(steps=5, seed=1)
    lab.show(first)
    lab.show(second)
    lab.page.go_back()
    expect(lab.page).to_have_url(re.compile(f"/jobs/{first}$"))
    expect(lab.page.locator("#recipe")).to_contain_text("Seed0")
    lab.page.go_forward()
    expect(lab.page).to_have_url(re.compile(f"/jobs/{second}$"))


def test_pressing_pause_again_and_again_is_one_wish(lab: Lab) -> None:
    lab.show(lab.start_counting(**LONG))
    lab.expect_state("Running")
    for _ in range(4):
        lab.page.keyboard.press("Space", delay=0)
    lab.page.wait_for_load_state("networkidle")
    expect(lab.page.locator("#toasts")).to_be_empty()


def test_a_picture_that_is_not_final_is_downloaded_as_such(lab: Lab) -> None:
    lab.show(lab.start_counting(**LONG))
    lab.expect_state("Running")
    lab.button("Pause").click()
    lab.expect_state("Paused")
    with lab.page.expect_download() as download:
        lab.button("Download so far").click()
    with Image.open(download.value.path()) as picture:
        assert picture.format == "PNG"


def test_a_button_says_what_it_waits_for(lab: Lab) -> None:
    lab.show(lab.start_counting(**LONG))
    held: list[Route] = []
    lab.page.route("**/pause", lambda route: held.append(route))
    lab.button("Pause").click()
    expect(lab.button("Pausing…").locator("xpath=..")).to_have_attribute("aria-busy", "true")
    held.pop().abort()
    expect(lab.button("Pause").locator("xpath=..")).to_have_attribute("aria-busy", "false")
    expect(lab.page.locator("#toasts")).to_contain_text("Connection lost")
    lab.button("Pause").click()
    lab.until(lambda: bool(held), "the second wish")
    held.pop().continue_()
    expect(lab.button("Resume")).to_be_visible()


def test_keys_for_a_result_say_that_no_job_is_open(lab: Lab) -> None:
    """The buttons of the job before are still there, unseen."""
    lab.show(lab.start_counting(steps=3))
    lab.expect_state("Done")
    downloads: list[Download] = []
    lab.page.on("download", lambda download: downloads.append(download))
    lab.page.keyboard.press("n")
    for key in ("c", "d"):
        lab.page.evaluate("document.querySelector('#status').textContent = ''")
        lab.page.keyboard.press(key)
        expect(lab.page.locator("#status")).to_have_text("No job is open.")
    assert not downloads


HIDDEN = "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
# As of a browser that has been asked and allows it: the headless shell lets no page notify.
NOTED = """
window.noted = [];
window.Notification = class extends EventTarget {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, options) {
        super();
        window.noted.push([title, options.body, this]);
    }
    close() {}
};
"""


def test_a_notification_tells_of_a_job_that_ends_while_the_page_is_out_of_sight(lab: Lab) -> None:
    page, bell = lab.page, lab.page.locator("#notify")
    page.context.add_init_script(NOTED)
    lab.reload()
    expect(bell).to_have_attribute("aria-pressed", "false")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("noted.length") == 1  # the trial
    lab.reload()
    expect(bell).to_have_attribute("aria-pressed", "true")
    seen = lab.start_counting(steps=3)
    expect(lab.in_strip(seen)).to_contain_text("Done")
    assert page.evaluate("noted.length") == 0  # somebody looks at the page
    page.evaluate(HIDDEN)
    job = lab.start_counting(steps=3, seed=1)
    lab.until(lambda: page.evaluate("noted.length") == 1, "the notification")
    title, body = page.evaluate("noted[0].slice(0, 2)")
    assert (title, body[:7]) == ("Pebbles", "Done in")
    page.evaluate("noted[0][2].dispatchEvent(new Event('click'))")
    expect(page).to_have_url(re.compile(f"/jobs/{job}$"))
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "false")


def test_the_bell_goes_where_a_page_cannot_notify(lab: Lab) -> None:
    """As in Chrome on Android, which has the class, and makes nothing of it."""
    page, bell = lab.page, lab.page.locator("#notify")
    page.context.add_init_script(NOTED.replace("super();", "throw new TypeError('Illegal');"))
    lab.reload()
    bell.click()
    expect(bell).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("does not let pages notify")
