"""Comparisons: runs collected in the tray, panels that move together, the wipe, curves, figures, and who may look."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import PATIENCE, Lab, drawing
from tests.browser.test_looks import PHONES, script, too_wide, unreadable
from tests.serving import Server, serving
from texture.settings import Settings

LONG = {"steps": 10_000_000, "work": 5}  # runs for as long as a test looks at it
SHORT = {"steps": 12}
DONE = 400_000  # ms for a few steps of the real methods on a busy machine

READ_CANVAS = """(canvas) => {
    const {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
    return [width, height, Array.from(data.filter((_, index) => index % 4 === 0))];
}"""

# A key that is down for no time: the wipe's line moves for as long as one is.
TAP = """(node, key) => ["keydown", "keyup"].forEach((type) =>
    node.dispatchEvent(new KeyboardEvent(type, {key, bubbles: true, cancelable: true})))"""

PAINTED = """(canvas) => {
    const {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
    const [columns, rows] = [new Set(), new Set()];
    for (let place = 0; place < width * height; place++) {
        if (!data[4 * place]) continue;
        columns.add(place % width);
        rows.add(Math.floor(place / width));
    }
    return [columns.size, rows.size, width, height];
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that these tests share; both async modes are told apart in test_live.py."""
    with serving(tmp_path_factory.mktemp("server")) as serve:
        yield serve()


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def compare(lab: Lab, *runs: dict[str, Any]) -> list[str]:
    """Start runs of `counting` together, and look at them; the ids of the jobs."""
    comparison = lab.compare_counting(list(runs))
    lab.open(f"/comparisons/{comparison}")
    jobs = lab.page.request.get(f"/api/comparisons/{comparison}").json()["jobs"]
    return [job["id"] for job in jobs]


def panel(lab: Lab, job: str) -> Locator:
    return lab.page.locator(f'.run[data-job="{job}"]')


def button(lab: Lab, job: str, name: str) -> Locator:
    return panel(lab, job).get_by_role("button", name=name, exact=True)


def expect_state(lab: Lab, job: str, state: str, within: float = PATIENCE) -> None:
    expect(panel(lab, job).locator(".badge")).to_have_text(state, timeout=within)


def picture(canvas: Locator) -> tuple[int, int, list[int]]:
    """Width, height and red values of a canvas; what is not painted is 0."""
    width, height, red = canvas.evaluate(READ_CANVAS)
    return width, height, red


def pixels(lab: Lab, job: str) -> tuple[int, int]:
    """How many of a panel's pixels the picture takes, across and down."""
    across, down, *_ = panel(lab, job).locator("canvas").evaluate(PAINTED)
    return across, down


def painted(lab: Lab, job: str) -> tuple[float, float]:
    """The share of a panel's width and of its height that the picture takes."""
    across, down, width, height = panel(lab, job).locator("canvas").evaluate(PAINTED)
    return across / width, down / height


def order(nodes: Locator) -> list[str | None]:
    """The jobs of which these are."""
    return [node.get_attribute("data-job") for node in nodes.all()]


def steps(lab: Lab, job: str) -> int:
    found = re.match(r"Step ([\d,]+)", panel(lab, job).locator(".run-standing").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def wait_for_steps(lab: Lab, job: str, more_than: int) -> None:
    lab.page.wait_for_function(
        """([job, least]) => {
            const words = document.querySelector(`.run[data-job="${job}"] .run-standing`).textContent;
            return Number(words.match(/Step ([\\d,]+)/)?.[1].replaceAll(",", "") ?? 0) > least;
        }""",
        arg=[job, more_than],
        timeout=PATIENCE,
    )


def zoom(lab: Lab) -> int:
    return int(lab.page.locator("#comparison-tools [data-lens=percent]").inner_text().split()[0])


def download(lab: Lab, name: str) -> tuple[str, bytes]:
    """Take something from the menu; the file's name and what is in it."""
    lab.page.locator("#takeaway summary").click()
    with lab.page.expect_download() as taken:
        lab.page.get_by_role("link", name=name).click()
    expect(lab.page.locator("#takeaway")).not_to_have_attribute("open", "")
    expect(lab.page.locator("#takeaway summary")).to_be_focused()
    lab.page.locator("#comparison").focus()
    return taken.value.suggested_filename, taken.value.path().read_bytes()


# --- the tray ---


def collect(lab: Lab) -> Page:
    """Three runs in the tray: two of one method, and one changed."""
    page = lab.page
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    page.get_by_role("radio", name="Draft", exact=True).check()
    add = page.get_by_role("button", name="Add to comparison")
    add.click()
    page.locator("#field-seed").fill("5")
    add.click()
    page.locator("#field-size").fill("128")
    add.click()
    return page


def test_runs_are_collected_and_started_together(lab: Lab) -> None:
    page = collect(lab)
    expect(page.locator("#tray .chip")).to_have_count(3)
    with page.expect_request(lambda request: request.url.endswith("/api/comparisons")) as post:
        page.get_by_role("button", name="Compare 3 runs").click()
    draft = {"method": "gatys", "preset": "draft"}
    assert post.value.post_data_json == {
        "images": {"source": "sample:pebbles"},
        "runs": [
            {**draft, "params": {}},
            {**draft, "params": {"seed": 5}},
            {**draft, "params": {"size": "128", "seed": 5}},
        ],
    }
    expect(page).to_have_url(re.compile(r"/comparisons/\w+$"))
    expect(page.locator(".run[data-job]")).to_have_count(3)
    expect(page.locator("#comparison-title")).to_have_text("Pebbles")
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


def test_the_tray_is_remembered_and_can_be_edited(lab: Lab) -> None:
    page = collect(lab)
    lab.reload()
    chips = page.locator("#tray .chip")
    expect(chips).to_have_text(
        [
            "Neural statistics · draft",
            "Neural statistics · draft · seed 5",
            "Neural statistics · draft · size 128 · seed 5",
        ]
    )
    chips.nth(1).get_by_role("button").first.click()
    expect(page.locator("#field-seed")).to_have_value("5")
    expect(page.locator("#field-size")).to_have_value("256")
    page.locator("#field-seed").fill("6")
    page.get_by_role("button", name="Save to this run").click()
    expect(chips.nth(1)).to_have_text("Neural statistics · draft · seed 6")
    page.get_by_role("button", name="Remove run 1").click()
    expect(page.get_by_role("button", name="Compare 2 runs")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


def test_all_methods_are_added_at_once(lab: Lab) -> None:
    page = lab.page
    methods = page.request.get("/api/methods").json()["methods"]
    page.get_by_role("button", name="Compare all methods").click()
    ready = [
        one["title"].split(",")[0]
        for one in methods
        if "size" in one["schema"]["properties"]  # the others make no texture
        and not any(role["needed"] for role in one["roles"] if role["name"] != "source")
    ]
    assert len(ready) > 1
    expect(page.locator("#tray .chip")).to_have_text(ready)


def test_a_run_that_is_refused_goes_back_to_the_form(lab: Lab) -> None:
    page = collect(lab)
    page.get_by_text("Advanced options").click()
    page.locator("#field-layers").fill("relu9_9")  # which only the server can tell to be wrong
    page.get_by_role("button", name="Add to comparison").click()
    page.locator("#field-layers").fill("")
    page.get_by_role("button", name="Compare 4 runs").click()
    expect(page.locator("#field-layers-error")).to_contain_text("no layer 'relu9_9'")
    expect(page.locator("#field-layers")).to_have_value("relu9_9")
    expect(page.locator("#tray [aria-pressed=true]")).to_contain_text("relu9_9")


# --- panels ---


def test_every_run_is_seen_to_run(lab: Lab) -> None:
    one, other = compare(lab, LONG, {**LONG, "seed": 1})
    for job in (one, other):
        expect_state(lab, job, "Running")
        wait_for_steps(lab, job, steps(lab, job))
        expect(panel(lab, job).locator(".run-numbers")).to_contain_text(re.compile(r"Compute share\s*\d+ %"))
        expect(panel(lab, job).get_by_role("progressbar")).to_have_attribute("aria-valuetext", re.compile("running"))
    before = [drawing(panel(lab, job).locator("canvas")) for job in (one, other)]
    lab.wait_for_frames(len(set(lab.frames)) + 6)
    after = [drawing(panel(lab, job).locator("canvas")) for job in (one, other)]
    assert before[0] != after[0]
    assert before[1] != after[1]
    lab.page.get_by_role("button", name="Pause all").click()
    expect_state(lab, one, "Paused")
    expect_state(lab, other, "Paused")
    enough = len(set(lab.frames)) - 2  # the snapshot has pictures too, which nobody waits for
    lab.until(lambda: lab.acknowledgements >= enough, "an acknowledgement for each frame")


def test_panels_follow_each_other(lab: Lab) -> None:
    page = lab.page
    one, other = compare(lab, {**SHORT, "size": "96"}, {**SHORT, "size": "96"})  # as good: neither panel goes ahead
    for job in (one, other):
        expect_state(lab, job, "Done")
        expect(panel(lab, job).locator(".run-plate")).to_be_hidden()
    lab.until(lambda: max(painted(lab, one)) > 0.98, "all of it, as large as there is room")
    lab.until(lambda: painted(lab, one) == painted(lab, other), "both pictures of one size")
    fitting = zoom(lab)

    panel(lab, one).locator("canvas").click()
    page.mouse.wheel(0, -600)
    expect(page.locator("#comparison-tools [data-lens=fit]")).to_have_attribute("aria-pressed", "false")
    lab.until(lambda: zoom(lab) > 1.5 * fitting, "both larger")
    lab.until(lambda: min(*painted(lab, one), *painted(lab, other)) > 0.98, "both panels full")

    page.get_by_role("button", name="1:1").click()
    lab.until(lambda: zoom(lab) == 100, "100 %")
    lab.until(lambda: pixels(lab, one) == pixels(lab, other) == (96, 96), "a picture's pixel on each of the screen")
    page.keyboard.press("0")
    lab.until(lambda: zoom(lab) == fitting, "as large as there is room")
    panel(lab, other).locator("canvas").dblclick()
    lab.until(lambda: zoom(lab) > fitting, "larger")
    panel(lab, other).locator("canvas").dblclick()
    lab.until(lambda: zoom(lab) == fitting, "as large as there is room")


def test_dragging_and_arrow_keys_move_all_panels(lab: Lab) -> None:
    page = lab.page
    jobs = compare(lab, {**SHORT, "size": "96"}, {**SHORT, "size": "96"})
    for job in jobs:
        expect_state(lab, job, "Done")
    lab.until(lambda: all(max(painted(lab, job)) > 0.9 for job in jobs), "both pictures")

    def seen() -> str:
        """What both panels show."""
        lab.drawn()
        one, other = (drawing(panel(lab, job).locator("canvas")) for job in jobs)
        assert one == other
        return one

    for _ in range(8):
        page.keyboard.press("+")
    enlarged = seen()
    box = panel(lab, jobs[0]).locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 110, steps=4)
    page.mouse.up()
    dragged = seen()
    assert dragged != enlarged
    page.keyboard.press("ArrowRight")
    assert seen() != dragged


def test_all_tiles_are_repeated_together_and_exactly(lab: Lab) -> None:
    page = lab.page
    jobs = compare(lab, SHORT, {**SHORT, "seed": 1})
    for job in jobs:
        expect_state(lab, job, "Done")
    page.keyboard.press("2")
    expect(page.locator("#comparison-tools summary")).to_contain_text("2×2")
    page.get_by_role("button", name="1:1").click()
    lab.until(lambda: all(pixels(lab, job)[1] == 128 for job in jobs), "a picture's pixel on each of the screen")
    for job in jobs:
        width, height, red = picture(panel(lab, job).locator("canvas"))
        rows = [red[y * width : (y + 1) * width] for y in range(height)]
        tiles = [row[row.index(next(filter(None, row))) :][:128] for row in rows if any(row)]
        assert len(tiles) == 128
        assert all(row[:64] == row[64:] for row in tiles)
        assert len(set(tiles[0])) > 5


def test_the_exemplar_stands_beside_the_runs(lab: Lab) -> None:
    (job,) = compare(lab, SHORT)
    exemplar = lab.page.locator(".of-exemplar")
    expect(exemplar).to_contain_text("384 × 384")
    lab.page.get_by_role("button", name="Source texture", exact=True).click()
    expect(exemplar).to_be_hidden()
    lab.reload()
    expect(panel(lab, job)).to_be_visible()
    expect(exemplar).to_be_hidden()


def test_one_run_is_steered_while_the_others_go_on(lab: Lab) -> None:
    one, other = compare(lab, LONG, {**LONG, "seed": 1})
    expect_state(lab, one, "Running")
    button(lab, one, "Pause").click()
    expect_state(lab, one, "Paused")
    wait_for_steps(lab, other, steps(lab, other))
    held = steps(lab, one)
    expect(panel(lab, one).locator(".run-numbers")).to_contain_text(re.compile(r"share\s*–"))
    button(lab, one, "Resume").click()
    wait_for_steps(lab, one, held)
    button(lab, other, "Cancel").click()
    expect_state(lab, other, "Cancelled")
    button(lab, other, "Resume").click()
    expect_state(lab, other, "Running")


def test_a_failed_run_says_why(lab: Lab) -> None:
    one, other = compare(lab, {**SHORT, "fail_at": 7}, {**LONG, "seed": 1})
    expect(panel(lab, one).locator(".run-message")).to_have_text("counting stopped at step 7, as fail_at asked")
    expect_state(lab, one, "Failed")
    expect_state(lab, other, "Running")


def test_a_run_is_deleted_and_brought_back_to_its_place(lab: Lab) -> None:
    page = lab.page
    one, _ = compare(lab, SHORT, {**SHORT, "tile": "x"})
    expect_state(lab, one, "Done")
    button(lab, one, "Delete").click()
    expect(panel(lab, one)).to_have_count(0)
    expect(page.locator("#run-table tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(panel(lab, one)).to_have_count(1)
    expect(page.locator(".run[data-job]").first).to_have_attribute("data-job", one)


def test_settings_of_a_run_are_used_again(lab: Lab) -> None:
    page = collect(lab)
    page.get_by_role("button", name="Compare 3 runs").click()
    page.get_by_role("button", name="Reuse settings").nth(2).click()
    expect(page.locator("#field-seed")).to_have_value("5")
    expect(page.locator("#field-size")).to_have_value("128")
    expect(page.get_by_role("radio", name="Draft", exact=True)).to_be_checked()


def test_a_run_is_downloaded(lab: Lab) -> None:
    (job,) = compare(lab, {**SHORT, "size": "96x64"})
    expect_state(lab, job, "Done")
    with lab.page.expect_download() as taken:
        panel(lab, job).get_by_role("link", name="Download").click()
    with Image.open(taken.value.path()) as tile:
        assert (tile.format, tile.size) == ("PNG", (96, 64))


# --- the wipe ---


def test_the_wipe_is_moved_by_keyboard_and_by_pointer(lab: Lab) -> None:
    page = lab.page
    one, other = compare(lab, SHORT, {**SHORT, "seed": 1})
    for job in (one, other):
        expect_state(lab, job, "Done")
    page.keyboard.press("w")
    slider = page.get_by_role("slider")
    expect(slider).to_be_focused()
    for side, job in zip("AB", (one, other), strict=True):
        expect(button(lab, job, panel_side(lab, job, side))).to_have_attribute("aria-pressed", "true")
    slider.evaluate(TAP, "ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", "48")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "100")
    box = slider.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    expect(slider).to_have_attribute("aria-valuenow", "25")


def panel_side(lab: Lab, job: str, side: str) -> str:
    """What the letter of a panel is called."""
    return panel(lab, job).locator(f"[data-side={side.lower()}]").get_attribute("aria-label") or ""


def test_any_two_panels_can_be_chosen_and_stay_live(lab: Lab) -> None:
    page = lab.page
    _, other = compare(lab, LONG, {**LONG, "seed": 1})
    expect_state(lab, other, "Running")
    lab.wait_for_frames(4)
    button(lab, other, panel_side(lab, other, "A")).click(force=True)  # seen once the pointer is over the panel
    page.get_by_label("B", exact=True).select_option("Source texture")
    layers = page.locator("#wipe .wipe-layer canvas")
    lab.until(lambda: all(layer.evaluate(PAINTED)[0] for layer in layers.all()), "two pictures")
    left, right = drawing(layers.first), drawing(layers.last)
    lab.until(lambda: drawing(layers.first) != left, "a run that goes on")
    assert drawing(layers.last) == right
    page.get_by_role("button", name="Wipe", exact=True).click()
    expect(page.locator("#wipe")).to_be_hidden()


# --- curves and figures ---


def test_the_curves_of_all_runs_are_in_one_chart(lab: Lab) -> None:
    page = lab.page
    jobs = compare(lab, SHORT, {**SHORT, "seed": 1})
    chart = page.locator("#race")
    expect(chart).to_have_attribute(
        "aria-label", re.compile(r"^Patch distance over elapsed time: .*; .*\. Source against itself ")
    )
    expect(page.locator("#race-legend li")).to_have_count(3)
    page.get_by_label("What the curves show").select_option("Loss: distance")
    page.get_by_role("radio", name="Compute time").check()
    expect(chart).to_have_attribute("aria-label", re.compile(r"^Loss: distance over compute time: .*seed 0 from "))
    colour = "(node) => getComputedStyle(node).backgroundColor"
    line = "(node) => getComputedStyle(node).borderTopColor"
    for number, job in enumerate(jobs):
        ink = panel(lab, job).locator(".ink").evaluate(colour)
        assert page.locator("#race-legend .line").nth(number).evaluate(line) == ink
        assert page.locator(f'#run-table tr[data-job="{job}"] .ink').evaluate(colour) == ink


def test_the_table_marks_the_best_and_can_be_sorted(lab: Lab) -> None:
    page = lab.page
    quick, slow = compare(lab, SHORT, {"steps": 60, "seed": 1})
    for job in (quick, slow):
        expect_state(lab, job, "Done")
    lines = page.locator("#run-table tbody tr")
    expect(page.locator("#run-table tfoot")).to_contain_text("Source against itself")
    expect(page.locator("#run-table .best").nth(2)).to_contain_text("best")
    assert order(lines) == [quick, slow]
    steps_head = page.get_by_role("columnheader", name="Steps")
    steps_head.get_by_role("button").click()
    expect(steps_head).to_have_attribute("aria-sort", "ascending")
    steps_head.get_by_role("button").click()
    expect(steps_head).to_have_attribute("aria-sort", "descending")
    assert order(lines) == [slow, quick]


# --- the best of several seeds ---


def best(lab: Lab) -> list[str | None]:
    """The panels that are marked."""
    return order(lab.page.locator(".run[data-job]:has(.run-head .best-mark:not([hidden]))"))


def ranked(lab: Lab, jobs: list[str], metric: str) -> list[str]:
    """The jobs in the order of a metric, the lowest first."""
    rows = {job: lab.page.request.get(f"/api/jobs/{job}").json() for job in jobs}
    return sorted(jobs, key=lambda job: float(rows[job]["metrics"][metric]))


def test_four_seeds_are_tried_with_the_settings_of_the_form(lab: Lab) -> None:
    page = lab.page
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    page.get_by_role("button", name="Add to comparison").click()  # which waits in the tray meanwhile
    page.get_by_role("radio", name="Draft", exact=True).check()
    page.locator("#field-seed").fill("3")
    expect(page.locator("#try-seeds")).to_be_in_viewport(ratio=1)
    with page.expect_request(lambda request: request.url.endswith("/api/comparisons")) as post:
        page.get_by_role("button", name="Try 4 seeds").click()
    assert post.value.post_data_json == {
        "images": {"source": "sample:pebbles"},
        "runs": [{"method": "gatys", "preset": "draft", "params": {"seed": seed}} for seed in (3, 4, 5, 6)],
    }
    expect(page).to_have_url(re.compile(r"/comparisons/\w+$"))
    expect(page.locator("#comparison")).to_be_focused()
    labels = [f"Neural statistics · seed {seed}" for seed in (3, 4, 5, 6)]
    expect(page.locator(".run[data-job] h3")).to_have_text(labels)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.get_by_role("button", name="Compare 1 run")).to_be_visible()
    expect(page.locator("#field-seed")).to_have_value("3")


def test_what_is_wrong_with_seeds_is_said_as_start_says_it(lab: Lab) -> None:
    page = lab.page
    attempt = page.get_by_role("button", name="Try 4 seeds")
    attempt.click()
    expect(page.locator("#slot-source-error")).to_contain_text("First choose a picture")
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    page.get_by_role("button", name="Add to comparison").click()
    for field, value, words in (
        ("size", "100", "multiples of 16"),
        ("seed", "many", "Enter a whole number"),
        ("seed", str(2**32 - 2), "and 4,294,967,295, not"),
    ):
        before = page.locator(f"#field-{field}").input_value()
        page.locator(f"#field-{field}").fill(value)
        attempt.click()
        expect(page.locator(f"#field-{field}-error")).to_contain_text(words)
        expect(page.locator(f"#field-{field}")).to_have_value(value)
        page.locator(f"#field-{field}").fill(before)
    expect(page.locator("#tray [aria-pressed=true]")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()


def test_seeds_are_tried_where_there_is_one_and_nothing_else_is_going_on(lab: Lab) -> None:
    compare(lab, LONG)
    lab.page.get_by_role("button", name="Add a run").click()
    expect(lab.page.get_by_role("button", name="Add this run")).to_be_visible()
    expect(lab.page.locator("#try-seeds")).to_be_hidden()
    lab.page.locator("#adding-close").click()
    lab.page.get_by_role("button", name="New", exact=True).click()
    expect(lab.page.locator("#try-seeds")).to_be_visible()


def test_seeds_are_sorted_by_a_metric_that_is_remembered_and_the_best_is_marked(lab: Lab) -> None:
    page = lab.page
    jobs = compare(lab, *[{**SHORT, "seed": seed} for seed in (3, 4, 5, 6)])
    for job in jobs:
        expect_state(lab, job, "Done")
    panels, lines = page.locator(".run[data-job]"), page.locator("#run-table tbody tr")
    by_patch, by_colour = ranked(lab, jobs, "patch"), ranked(lab, jobs, "colour")
    assert by_patch != by_colour
    lab.until(lambda: order(panels) == order(lines) == by_patch, "the usual order")
    assert best(lab) == by_patch[:1]
    expect(panel(lab, by_patch[0]).locator(".best-mark")).to_have_attribute("title", "The best by patch distance")
    head = page.get_by_role("columnheader", name="Colour")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    lab.until(lambda: order(panels) == order(lines) == by_colour, "the order by colour")
    assert best(lab) == by_colour[:1]
    expect(panel(lab, jobs[0]).locator(".run-numbers")).to_contain_text("Colour")
    expect(head.get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    lab.until(lambda: order(panels) == by_colour[::-1], "the other way")
    lab.reload()
    lab.until(lambda: order(panels) == by_colour[::-1], "the same after a reload")
    assert best(lab) == by_colour[:1]


def test_panels_keep_their_places_while_something_runs(lab: Lab) -> None:
    page = lab.page
    slow, *quick = compare(lab, LONG, SHORT, {"steps": 60})
    for job in quick:
        expect_state(lab, job, "Done")
    steps_head = page.get_by_role("columnheader", name="Steps")
    steps_head.get_by_role("button").click()
    lab.until(lambda: order(page.locator("#run-table tbody tr")) == [*quick, slow], "the table in order")
    assert order(page.locator(".run[data-job]")) == [slow, *quick]
    page.locator(f"#run-{slow} a").focus()
    button(lab, slow, "Cancel").press("Enter")
    lab.until(lambda: order(page.locator(".run[data-job]")) == [*quick, slow], "the panels in order")
    assert panel(lab, slow).evaluate("(node) => node.contains(document.activeElement)")


def test_figures_curves_and_the_sheet_are_downloaded(lab: Lab) -> None:
    for job in compare(lab, SHORT, {**SHORT, "seed": 1}):
        expect_state(lab, job, "Done")
    name, table = download(lab, "The table")
    assert name.endswith(".csv")
    assert len(list(csv.DictReader(io.StringIO(table.decode())))) == 2
    _, curves = download(lab, "The curves")
    assert len(curves.splitlines()) > 2
    name, sheet = download(lab, "All results in one image")
    assert name.endswith(".png")
    with Image.open(io.BytesIO(sheet)) as image:
        assert image.format == "PNG"
        assert image.width > 300


# --- in the midst, again, and by others ---


def test_a_run_is_added_in_the_midst(lab: Lab, open_lab: OpenLab) -> None:
    page = lab.page
    (job,) = compare(lab, LONG)
    second = open_lab(lab.url, re.sub("^.*(?=/comparisons)", "", page.url), beside=lab)
    page.get_by_role("button", name="Add a run").click()
    expect(page.locator("#fixed-exemplar")).to_contain_text("Pebbles")
    page.set_viewport_size({"width": 1280, "height": 800})  # the bar takes two lines, and lies over nothing
    bar, acts = (page.locator(f".comparison-{part}").bounding_box() for part in ("bar", "acts"))
    assert bar
    assert acts
    assert acts["y"] + acts["height"] <= bar["y"] + bar["height"]
    page.locator("#field-seed").fill("77")
    page.get_by_role("button", name="Add this run").click()
    for tab in (lab, second):
        expect(tab.page.locator(".run[data-job]")).to_have_count(2)
        expect(tab.page.locator(".run[data-job]").nth(1)).to_contain_text("Neural statistics")
    expect(page.locator("#form")).to_be_hidden()
    wait_for_steps(lab, job, steps(lab, job))


def test_a_reload_shows_the_same(lab: Lab) -> None:
    one, other = compare(lab, LONG, SHORT)
    expect_state(lab, one, "Running")
    expect_state(lab, other, "Done")
    lab.reload()
    expect_state(lab, one, "Running")
    expect_state(lab, other, "Done")
    assert steps(lab, other) == SHORT["steps"]
    before = steps(lab, one)
    wait_for_steps(lab, one, before)


def test_sixteen_runs_are_all_seen_after_a_reload(lab: Lab) -> None:
    jobs = compare(lab, *[{**SHORT, "seed": seed} for seed in range(16)])
    for job in jobs:
        expect_state(lab, job, "Done", within=5 * PATIENCE)
    lab.reload()
    for job in jobs:
        expect(panel(lab, job).locator(".run-plate")).to_be_hidden()
        expect_state(lab, job, "Done")
    lab.until(lambda: all(max(painted(lab, job)) > 0.9 for job in jobs), "all pictures")


def test_a_comparison_is_one_card_of_the_strip(lab: Lab) -> None:
    page = lab.page
    jobs = compare(lab, SHORT, {**SHORT, "seed": 1})
    card = page.locator("#jobs [data-comparison]")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("2 runs, done")
    for job in jobs:
        expect(lab.in_strip(job)).to_have_count(0)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#comparison")).to_be_hidden()
    card.locator("button.frame").click()
    expect(panel(lab, jobs[0])).to_be_visible()
    card.get_by_role("button", name="Delete").click(force=True)
    expect(card).to_have_count(0)
    expect(page.locator("#comparison")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(card).to_have_count(1)
    expect(panel(lab, jobs[1])).to_be_visible()


def test_whoever_has_the_link_may_look_and_do_nothing_else(lab: Lab, open_lab: OpenLab) -> None:
    page = lab.page
    one, _ = compare(lab, LONG, {**LONG, "seed": 1})
    path = re.sub("^.*(?=/comparisons)", "", page.url)
    stranger = open_lab(lab.url, path)
    expect(stranger.page.locator("#comparison-empty")).to_contain_text("not found, or not shared with you")

    page.get_by_role("button", name="Share").click()
    page.get_by_label("Anyone with the link can view it").check()
    expect(page.locator("#share-link")).to_be_enabled()
    assert page.locator("#share-link").input_value() == lab.url + path
    stranger.reload()
    expect_state(stranger, one, "Running")
    stranger.wait_for_frames(3)
    wait_for_steps(stranger, one, steps(stranger, one))
    expect(stranger.page.locator("#guest-note")).to_be_visible()
    expect(stranger.page.locator(".of-exemplar")).to_contain_text("384 × 384")
    for name in ("Pause", "Cancel", "Delete", "Pause all", "Add a run", "Share"):
        expect(stranger.page.locator("#comparison").get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(stranger.page.locator("#strip")).to_be_hidden()  # it is none of theirs

    page.get_by_label("Anyone with the link can view it").uncheck()
    expect(stranger.page.locator("#comparison-empty")).to_contain_text("not found, or not shared with you")


def shared(lab: Lab, *runs: dict[str, Any]) -> tuple[str, list[str]]:
    """A comparison that others may look at: its path and its jobs."""
    jobs = compare(lab, *runs)
    path = re.sub("^.*(?=/comparisons)", "", lab.page.url)
    assert lab.page.request.post(f"/api{path}/share", data={"shared": True}).ok
    return path, jobs


def test_a_run_that_others_add_does_not_become_ones_own(lab: Lab, open_lab: OpenLab) -> None:
    path, _ = shared(lab, SHORT)
    stranger = open_lab(lab.url, path)
    expect(stranger.page.locator(".run[data-job]")).to_have_count(1)
    stranger.page.route(re.compile(r"/api/comparisons/\w+$"), lambda _: None)  # what the run itself says comes first
    answer = lab.page.request.post(f"/api{path}/runs", data={"method": "counting", "params": SHORT})
    added = answer.json()["id"]
    expect_state(stranger, added, "Done")
    expect(stranger.page.locator("#strip")).to_be_hidden()
    expect(button(stranger, added, "Delete")).to_have_count(0)


def test_a_link_to_one_of_its_runs_shows_others_the_comparison(lab: Lab, open_lab: OpenLab) -> None:
    path, (job, _) = shared(lab, SHORT, {**SHORT, "seed": 1})
    stranger = open_lab(lab.url, f"/jobs/{job}")
    expect_state(stranger, job, "Done")
    expect(stranger.page).to_have_url(lab.url + path)
    expect(stranger.page.locator("#guest-note")).to_be_visible()
    lab.open(f"/jobs/{job}")
    lab.expect_state("Done")


def test_an_answer_that_comes_late_brings_no_deleted_run_back(lab: Lab) -> None:
    page = lab.page
    one, other, last = compare(lab, SHORT, {**SHORT, "seed": 1}, {**SHORT, "seed": 2})
    for job in (one, other, last):
        expect_state(lab, job, "Done")
    held: list[tuple[Any, Any]] = []

    def hold(route: Any) -> None:
        held.append((route, route.fetch()))
        if len(held) == 2:
            for waiting, answer in reversed(held):
                waiting.fulfill(response=answer)

    page.route(re.compile(r"/api/comparisons/\w+$"), hold)
    for number, job in enumerate((one, other)):
        button(lab, job, "Delete").click()
        expect(panel(lab, job)).to_have_count(0)
        while len(held) == number:
            page.wait_for_timeout(20)
    page.wait_for_timeout(300)
    assert order(page.locator(".run[data-job]")) == [last]


def test_a_picture_that_could_not_be_fetched_is_asked_for_again(lab: Lab) -> None:
    page = lab.page
    page.route("**/result.png", lambda route: route.abort())
    (job,) = compare(lab, {**SHORT, "size": "96"})
    expect(page.locator("#toasts")).to_contain_text("Connection lost")
    page.unroute("**/result.png")
    with page.expect_response(lambda answer: answer.url.endswith(f"{job}/result.png")):
        page.request.post(f"/api{page.url.removeprefix(lab.url)}/runs", data={"method": "counting", "params": SHORT})
    lab.until(lambda: max(painted(lab, job)) > 0.9, "its picture")


def test_a_panel_that_is_gone_is_not_kept_by_the_lens(lab: Lab) -> None:
    script = """async () => {
        const {Lens} = await import("/static/js/viewer/lens.js");
        const {Pane} = await import("/static/js/viewer/pane.js");
        const {listenForGestures} = await import("/static/js/viewer/gestures.js");
        const [lens, room, canvas] = [new Lens(), document.createElement("div"), document.createElement("canvas")];
        room.append(canvas);
        const pane = new Pane(canvas, lens);
        listenForGestures(room, pane, lens);
        let asked = 0;
        lens.canPan = () => (asked += 1);
        lens.fit();
        pane.discard();
        lens.fit();
        return asked;
    }"""
    assert lab.page.evaluate(script) == 1


def test_a_server_that_goes_away_and_comes_back(open_lab: OpenLab, serve: Any) -> None:
    server = serve()
    lab = open_lab(server.url, base_url=server.url)
    one, other = compare(lab, LONG, {**LONG, "seed": 1})
    wait_for_steps(lab, one, 0)
    server.kill()
    banner = lab.page.locator("#banner-connection")
    expect(banner).to_contain_text("Connection lost")
    serve("--port", server.url.rpartition(":")[2], data=server.data)
    expect(banner).to_have_count(0, timeout=PATIENCE)
    for job in (one, other):
        expect_state(lab, job, "Running")
    wait_for_steps(lab, one, steps(lab, one))


# --- how it looks ---


def test_text_is_readable_and_everything_has_a_name(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, base_url=server.url, reduced_motion="reduce")
    done, failed = compare(lab, SHORT, {**SHORT, "fail_at": 5})
    expect_state(lab, done, "Done")
    expect_state(lab, failed, "Failed")
    lab.page.get_by_role("button", name="Wipe", exact=True).click()
    for scheme in ("light", "dark"):
        lab.page.emulate_media(color_scheme=scheme)
        read, poor = unreadable(lab.page)
        assert read > 60
        assert poor == [], scheme
    assert lab.page.evaluate(script("names")) == []
    assert lab.page.evaluate(script("ids")) == [[], []]


def test_it_fits_a_phone(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, base_url=server.url, viewport=PHONES[0], has_touch=True, is_mobile=True)
    one, other = compare(lab, SHORT, {**SHORT, "seed": 1})
    expect_state(lab, one, "Done")
    for screen in PHONES:
        lab.page.set_viewport_size(screen)
        assert too_wide(lab.page) <= 0
        panel(lab, other).scroll_into_view_if_needed()
        expect(panel(lab, other).locator("canvas")).to_be_in_viewport(ratio=0.9)
    lab.page.get_by_role("button", name="Wipe", exact=True).click()
    expect(lab.page.get_by_role("slider")).to_be_visible()
    for screen in PHONES:
        lab.page.set_viewport_size(screen)
        assert too_wide(lab.page) <= 0
    small = lab.page.evaluate(
        """() => [...document.querySelectorAll("#comparison :is(button, .button, select, summary)")]
            .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)
            .map((node) => node.textContent)"""
    )
    assert small == []


def test_two_fingers_zoom_all_panels(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, base_url=server.url, viewport=PHONES[1], has_touch=True, is_mobile=True)
    one, other = compare(lab, SHORT, {**SHORT, "seed": 1})
    expect_state(lab, one, "Done")
    panel(lab, other).scroll_into_view_if_needed()
    canvas = panel(lab, other).locator("canvas")
    places: list[Any] = [None]

    def at_rest() -> bool:
        places.append(canvas.bounding_box())
        return bool(places[-2] == places[-1])

    lab.until(at_rest, "the page at rest")
    box = places[-1]
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = lab.page.context.new_cdp_session(lab.page)
    for kind, apart in [("touchStart", 20), ("touchMove", 30), ("touchMove", 40), ("touchMove", 60), ("touchEnd", 0)]:
        points = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(lab.page.locator("#comparison-tools [data-lens=fit]")).to_have_attribute("aria-pressed", "false")
    lab.until(lambda: min(*painted(lab, one), *painted(lab, other)) > 0.98, "both panels full")


# --- the real methods ---


@pytest.mark.weights
def test_gatys_and_sgan_on_one_exemplar(open_lab: OpenLab, serve: Any, vgg19: Settings) -> None:
    server = serve(cache=vgg19.cache)
    lab = open_lab(server.url, base_url=server.url)
    page = lab.page
    page.locator("#samples").get_by_role("button", name="Pebbles").click()
    page.get_by_role("radio", name="Draft", exact=True).check()
    page.locator("#field-size").fill("64")
    page.get_by_role("button", name="Add to comparison").click()
    page.get_by_role("radio", name="Spatial GAN").check()
    page.locator("#field-size").fill("64")
    page.locator("#advanced").evaluate("(node) => node.setAttribute('open', '')")
    page.locator("#field-minutes").fill("0.2")
    page.get_by_role("button", name="Add to comparison").click()
    page.get_by_role("button", name="Compare 2 runs").click()
    expect(page.locator(".run[data-job]")).to_have_count(2)
    lab.wait_for_frames(3)

    page.keyboard.press("w")
    slider = page.get_by_role("slider")
    expect(slider).to_be_focused()
    slider.evaluate(TAP, "ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "52")

    page.get_by_role("button", name="Add a run").click()
    page.get_by_role("radio", name="Neural statistics").check()
    page.locator("#field-seed").fill("3")
    page.get_by_role("button", name="Add this run").click()
    expect(page.locator(".run[data-job]")).to_have_count(3)

    lab.reload()
    badges = page.locator(".run[data-job] .badge")
    expect(badges).to_have_text(["Done"] * 3, timeout=DONE)
    _, table = download(lab, "The table")
    lines = list(csv.DictReader(io.StringIO(table.decode())))
    assert len(lines) == 3
    assert {line["method"] for line in lines} == {"gatys", "sgan"}
    _, sheet = download(lab, "All results in one image")
    with Image.open(io.BytesIO(sheet)) as image:
        assert image.width > 300
    expect(page.locator("#race")).to_have_attribute("aria-label", re.compile("Patch distance .*Spatial GAN"))


def test_a_run_is_starred_and_named_on_its_page_which_leads_back(lab: Lab) -> None:
    page = lab.page
    one, other = compare(lab, SHORT, {**SHORT, "seed": 1})
    expect_state(lab, other, "Done")
    button(lab, one, "Star").click()
    expect(button(lab, one, "Star")).to_have_attribute("aria-pressed", "true")
    panel(lab, other).locator(".run-head a").click()
    expect(page.locator("#job-star")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Star Pebbles").click()
    expect(page.locator("#job-star")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Rename Pebbles").click()
    page.keyboard.type("The best")
    page.keyboard.press("Enter")
    expect(page.locator("#job-title")).to_have_text("The best")
    page.get_by_role("link", name="Part of a comparison").click()
    expect(panel(lab, other).locator("h3")).to_contain_text("The best · ")
    expect(lab.page.locator("#jobs li[data-comparison] .title")).to_have_text(
        "Pebbles"
    )  # it is called after its picture


def test_the_wheel_scrolls_the_page_until_a_panel_is_clicked(lab: Lab) -> None:
    page = lab.page
    page.set_viewport_size({"width": 1280, "height": 620})
    one, _ = compare(lab, SHORT, SHORT)  # as good: neither panel goes ahead
    expect_state(lab, one, "Done")
    scrolled = "document.querySelector('#comparison').scrollTop"
    canvas = panel(lab, one).locator("canvas")
    fitting = zoom(lab)
    canvas.hover()
    page.mouse.wheel(0, 60)
    lab.until(lambda: page.evaluate(scrolled) > 0, "the page has moved")
    assert zoom(lab) == fitting
    canvas.click()
    before = page.evaluate(scrolled)
    page.mouse.wheel(0, -300)
    lab.until(lambda: zoom(lab) > fitting, "larger")
    assert page.evaluate(scrolled) == before
    page.locator("#comparison-title").click()
    page.keyboard.press("0")
    canvas.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    lab.until(lambda: zoom(lab) > fitting, "larger while Ctrl is held")
