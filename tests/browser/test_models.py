"""The shelf of models, what they paint, and the job that trains one."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import PATIENCE, START, Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

NATURAL = "(img) => img.naturalWidth > 0"
MODEL = "application/octet-stream"
TINY = {"size": "64", "depth": 2, "base_channels": 4, "noise_channels": 3, "crop": 16, "batch": 4, "steps": 2}


def train(lab: Lab, **params: Any) -> str:
    """A job that has left a model; its id."""
    job = lab.start_counting(**{"steps": 4, "train": True, **params})
    expect(lab.in_strip(job)).to_contain_text("Done")
    return job


def train_sgan(lab: Lab) -> str:
    """A small model of a method that the form offers; the id of the job that left it."""
    body = {"method": "sgan", "images": {"source": "sample:pebbles"}, "params": TINY}
    status, row = lab.page.evaluate(START, body)
    assert status == 201, row
    expect(lab.in_strip(row["id"])).to_contain_text("Done", timeout=5 * PATIENCE)
    return str(row["id"])


def card(lab: Lab, id: str) -> Locator:
    return lab.page.locator(f'#model-cards .card[data-id="{id}"]')


def look(lab: Lab) -> None:
    lab.page.get_by_role("link", name="Models", exact=True).click()
    expect(lab.page.locator("#models")).to_be_visible()


def trained(lab: Lab) -> str:
    """A model, and the shelf that it stands on."""
    job = train(lab)
    look(lab)
    expect(card(lab, job)).to_have_count(1)
    return job


def dialogue(page: Page) -> Locator:
    return page.locator("#sampling")


def set_size(page: Page, width: int, height: int) -> None:
    inside = dialogue(page)
    inside.get_by_role("button", name="Keep width and height the same").click()
    inside.get_by_label("Width in pixels").fill(str(width))
    inside.get_by_label("Height in pixels").fill(str(height))


def bytes_of(lab: Lab, job: str) -> bytes:
    return lab.page.request.get(f"{lab.url}/api/jobs/{job}/model.safetensors").body()


def shown_job(page: Page) -> str:
    """The id of the job that is shown."""
    expect(page).to_have_url(re.compile(r"/jobs/\w+$"))
    return page.url.rpartition("/")[2]


def test_a_trained_model_stands_on_the_shelf(lab: Lab) -> None:
    job = trained(lab)
    lab.start_counting(steps=3)  # leaves none
    expect(lab.page.locator("#model-cards .card")).to_have_count(1)
    expect(card(lab, job)).to_contain_text("Pebbles")
    expect(card(lab, job)).to_contain_text("Counting")
    expect(card(lab, job)).to_contain_text("4 steps")
    expect(lab.page).to_have_title("Models · Texture Lab")
    lab.page.wait_for_function(NATURAL, arg=card(lab, job).locator(".tile img").element_handle())
    lab.page.wait_for_function(NATURAL, arg=card(lab, job).locator(".card-source").element_handle())


def test_an_empty_shelf_says_how_models_get_there(lab: Lab) -> None:
    look(lab)
    expect(lab.page.locator("#models-note")).to_contain_text("No model yet.")


def test_a_sample_of_any_size_is_painted_seen_and_downloaded(lab: Lab) -> None:
    page = lab.page
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Sample from the model of Pebbles").click()
    expect(dialogue(page)).to_contain_text("Sample of Pebbles")
    set_size(page, 301, 203)
    expect(page.locator("#sampling-outcome")).to_contain_text("0.0611 megapixels")
    dialogue(page).get_by_role("button", name="Generate").click()
    lab.expect_state("Done")
    expect(page.locator("#job-title")).to_have_text("Sample of Pebbles")
    expect(page.locator("#job-subtitle")).to_contain_text("301 × 203 · seed 0")
    expect(page.locator("#given [data-role=source] img")).to_have_attribute(
        "src", "/api/images/sample:pebbles?size=512"
    )
    expect(page.locator("#curve-block")).to_be_hidden()
    lab.until(lambda: len(set(lab.pixels()[2])) > 20, "the picture")
    with page.expect_download() as download:
        lab.button("Download picture").click()
    with Image.open(download.value.path()) as picture:
        assert (picture.format, picture.size) == ("PNG", (301, 203))


def test_a_common_size_and_the_dice_are_one_click_each(lab: Lab) -> None:
    page = lab.page
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Sample from").click()
    dialogue(page).get_by_role("button", name="1920 × 1080").click()
    expect(dialogue(page).get_by_label("Width in pixels")).to_have_value("1920")
    dialogue(page).get_by_role("button", name="Another seed").click()
    with page.expect_request(lambda request: request.method == "POST") as post:
        dialogue(page).get_by_role("button", name="Generate").click()
    params: dict[str, Any] = (post.value.post_data_json or {})["params"]
    assert (params["size"], params["tile"]) == ("1920x1080", "both")
    assert 0 < params["seed"] < 2**32
    expect(dialogue(page)).to_be_hidden()
    expect(page.locator("#stage")).to_be_focused()


def test_what_cannot_be_painted_is_said_at_its_field(lab: Lab) -> None:
    page = lab.page
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Sample from").click()
    for field, value, words in (("size", "9000", "8192"), ("size", "8", "16"), ("size", "64", ""), ("seed", "-1", "0")):
        page.locator(f"#sampling-sample-{field}").fill(value)
        if words:
            dialogue(page).get_by_role("button", name="Generate").click()
            expect(page.locator(f"#sampling-sample-{field}-error")).to_contain_text(words)
            expect(page.locator(f"#sampling-sample-{field}")).to_be_focused()
        expect(dialogue(page)).to_be_visible()


def test_another_seed_gives_another_picture_of_the_same_size(lab: Lab) -> None:
    page = lab.page
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Sample from").click()
    set_size(page, 96, 64)
    dialogue(page).get_by_role("button", name="Generate").click()
    lab.expect_state("Done")
    first = shown_job(page)
    lab.button("Another seed").click()
    expect(page).not_to_have_url(re.compile(first))
    lab.expect_state("Done")
    expect(page.locator("#job-subtitle")).to_contain_text("96 × 64")
    pictures = {page.request.get(f"{lab.url}/api/jobs/{job}/result.png").body() for job in (first, shown_job(page))}
    assert len(pictures) == 2


def test_a_huge_sample_is_seen_as_a_preview(lab: Lab) -> None:
    page = lab.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Sample from").click()
    set_size(page, 8192, 2560)
    dialogue(page).get_by_role("button", name="Generate").click()
    expect(page.locator("#badge")).to_have_text("Done", timeout=5 * PATIENCE)
    expect(page.locator("#job-subtitle")).to_contain_text("seen as a preview")
    sample = shown_job(page)
    lab.until(lambda: any(url.endswith(f"{sample}/preview.jpg") for url in asked), "a preview that is asked for")
    assert not any(url.endswith(f"{sample}/result.png") for url in asked)


def start_walk(lab: Lab, model: str) -> None:
    inside = dialogue(lab.page)
    card(lab, model).get_by_role("button", name="Animate the model of Pebbles").click()
    inside.get_by_role("button", name="128 × 128").click()
    inside.get_by_label("Frames", exact=True).fill("12")
    inside.get_by_label("FPS", exact=True).fill("6")
    expect(lab.page.locator("#sampling-outcome")).to_have_text("A looping animation of 2 s, 128 × 128 pixels.")
    inside.get_by_role("button", name="Create animation").click()
    lab.expect_state("Done")


def test_a_walk_plays_as_a_loop_repeated_stopped_and_downloaded(lab: Lab) -> None:
    page = lab.page
    start_walk(lab, trained(lab))
    expect(page.locator("#job-title")).to_have_text("Animation of Pebbles")
    loop = page.locator("#loop")
    expect(loop).to_have_css("background-image", re.compile(r"/animation\.webp"))
    page.keyboard.press("2")
    expect(page.locator("#stage-tools summary")).to_contain_text("2×2")
    page.keyboard.press("1")  # a pixel of the picture is one of the screen
    expect(loop).to_have_css("background-size", "128px 128px")
    expect(loop).to_have_css("width", "256px")
    lab.until(lambda: lab.pixels()[:2] == (256, 256), "the picture beneath, as large")
    page.keyboard.press("Space")
    expect(loop).to_be_hidden()
    lab.button("Play").click()
    expect(loop).to_be_visible()
    with page.expect_download() as download:
        lab.button("Download animation").click()
    with Image.open(io.BytesIO(download.value.path().read_bytes())) as animation:
        assert (animation.format, animation.size, getattr(animation, "n_frames", 1)) == ("WEBP", (128, 128), 12)


def test_a_walk_rests_where_less_motion_is_wished_for(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, reduced_motion="reduce")
    start_walk(lab, trained(lab))
    expect(lab.page.locator("#loop")).to_be_hidden()
    lab.button("Play").click()
    expect(lab.page.locator("#loop")).to_be_visible()


def test_settings_of_a_sample_are_used_again_in_the_dialogue(lab: Lab) -> None:
    page = lab.page
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Sample from").click()
    set_size(page, 96, 64)
    dialogue(page).get_by_role("button", name="Generate").click()
    lab.expect_state("Done")
    page.get_by_text("Recipe").click()
    page.get_by_role("button", name="Reuse settings").click()
    expect(dialogue(page)).to_contain_text("Sample of Pebbles")
    expect(dialogue(page).get_by_label("Height in pixels")).to_have_value("64")


def test_a_model_is_downloaded_and_brought_again(lab: Lab, tmp_path: Path) -> None:
    page = lab.page
    model = trained(lab)
    with page.expect_download() as download:
        card(lab, model).get_by_role("link", name="Download the model of Pebbles").click()
    path = tmp_path / download.value.suggested_filename
    assert re.match(r"pebbles-counting-.*\.safetensors$", path.name)
    download.value.save_as(path)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a model…").click()
    chooser.value.set_files(path)
    expect(page.locator("#model-cards .card")).to_have_count(2)
    newest = page.locator("#model-cards .card").first
    expect(newest.locator(".card-open")).to_be_focused()
    newest.get_by_role("button", name="Sample from").click()
    dialogue(page).get_by_role("button", name="Generate").click()
    lab.expect_state("Done")


def test_a_model_is_dropped_anywhere(lab: Lab) -> None:
    model = train(lab)
    assert lab.drop(bytes_of(lab, model), "clay.safetensors", MODEL)
    expect(lab.page).to_have_url(re.compile("/models$"))
    expect(lab.page.locator("#model-cards .card")).to_have_count(2)
    expect(lab.page.locator("#drop-veil")).to_be_hidden()


def test_the_upload_shows_how_far_it_is(lab: Lab) -> None:
    page = lab.page
    data = bytes_of(lab, train(lab))
    page.route("**/api/models", lambda route: None if route.request.method == "POST" else route.continue_())
    lab.drop(data, "clay.safetensors", MODEL)
    coming = page.locator("#model-cards .arriving")
    expect(coming).to_contain_text("clay.safetensors")
    expect(coming.get_by_role("progressbar", name="Sending clay.safetensors")).to_be_visible()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"nothing of that kind", "not a model that Texture Lab wrote"), (b"", "clay.safetensors is empty.")],
)
def test_a_file_that_is_no_model_is_refused_in_words(lab: Lab, data: bytes, words: str) -> None:
    lab.drop(data, "clay.safetensors", MODEL)
    expect(lab.page.locator("#toasts")).to_contain_text(words)
    expect(lab.page.locator("#model-cards .card")).to_have_count(0)
    expect(lab.page.locator("#models-note")).to_contain_text("No model yet.")


def test_a_model_that_is_too_large_is_not_even_sent(lab: Lab) -> None:
    script = """async () => {
        const page = document.querySelector("script[type=module]").src;
        const {objectionToModel} = await import(new URL("../state/model-upload.js", page));
        return [objectionToModel({name: "a.safetensors", size: 300 * 2 ** 20}),
                objectionToModel({name: "a.pt", size: 3}), objectionToModel({name: "a.safetensors", size: 3})];
    }"""
    large, other, right = lab.page.evaluate(script)
    assert large == "a.safetensors has 300 MB. Up to 256 MB is possible."
    assert other.startswith("a.pt is not a model.")
    assert right is None


def test_a_model_is_deleted_and_brought_back(lab: Lab) -> None:
    model = trained(lab)
    card(lab, model).get_by_role("button", name="Delete the model of Pebbles").click()
    expect(card(lab, model)).to_have_count(0)
    expect(lab.page.locator("#models-note")).to_contain_text("No model yet.")
    lab.page.locator("#offers").get_by_role("button", name="Undo").click()
    expect(card(lab, model)).to_have_count(1)


def test_a_model_is_trained_further(lab: Lab) -> None:
    page = lab.page
    model = train_sgan(lab)
    look(lab)
    card(lab, model).get_by_role("button", name="Continue training the model of Pebbles").click()
    expect(page.locator("#further")).to_have_text(re.compile(r"^\s*Continues training the model of Pebbles\s*$"))
    expect(page.locator("#field-steps")).to_be_focused()
    expect(page.locator("#field-depth")).to_have_value("2")
    expect(page.locator("#tray-block")).to_be_hidden()
    expect(page.locator("#try-seeds")).to_be_hidden()
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    with page.expect_request(lambda request: request.url.endswith("/api/jobs")) as post:
        page.get_by_role("button", name="Continue training", exact=True).click()
    body: dict[str, Any] = post.value.post_data_json or {}
    assert body["images"] == {"source": "sample:pebbles", "model": model}
    assert body["params"] == {**TINY, "steps": 3}
    expect(page.locator("#further")).to_be_hidden()
    lab.expect_state("Done")
    assert lab.step() == 3
    longer = shown_job(page)
    assert longer != model
    page.get_by_text("Recipe").click()
    page.get_by_role("button", name="Reuse settings").click()
    expect(page.locator("#further")).to_be_visible()
    page.get_by_role("button", name="Continue training", exact=True).click()
    with page.expect_request(lambda request: request.url.endswith("/api/jobs")) as post:
        page.get_by_role("button", name="Start it again").click()  # it would be the same as the last one
    assert (post.value.post_data_json or {})["images"]["model"] == model


@pytest.mark.parametrize("way", ["chip", "method", "exemplar", "deleted"])
def test_training_starts_over_without_the_model(lab: Lab, way: str) -> None:
    page = lab.page
    model = train_sgan(lab)
    lab.show(model)
    lab.button("Continue training…").click()
    expect(page.locator("#further")).to_be_visible()
    if way == "chip":
        page.get_by_role("button", name="Start over, without the model").click()
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_focused()
    elif way == "method":
        page.get_by_role("radio", name="Neural statistics").check()
    elif way == "exemplar":
        page.get_by_role("button", name="Change the source texture").click()
        page.locator("#samples").get_by_role("button", name="Cracked clay").click()
    else:
        lab.in_strip(model).hover()
        lab.in_strip(model).get_by_role("button", name="Delete").click()
    expect(page.locator("#further")).to_be_hidden()
    expect(page.locator("#tray-block")).to_be_visible()
    with page.expect_request(lambda request: request.url.endswith("/api/jobs")) as post:
        page.get_by_role("button", name="Start", exact=True).click()
        if way == "chip":  # all else is as it was in the training that left the model
            page.get_by_role("button", name="Start it again").click()
    assert "model" not in (post.value.post_data_json or {})["images"]


def test_the_job_that_trained_offers_what_its_model_can_do(lab: Lab) -> None:
    page = lab.page
    job = train(lab)
    lab.show(job)
    lab.expect_state("Done")
    for words in ("Sample from it…", "Animate…", "Download model", "Continue training…", "Download tile"):
        expect(lab.button(words)).to_be_visible()
    lab.button("Sample from it…").click()
    expect(dialogue(page)).to_contain_text("Sample of Pebbles")
    page.keyboard.press("Escape")
    plain = lab.start_counting(steps=3)
    lab.show(plain)
    lab.expect_state("Done")
    expect(lab.button("Sample from it…")).to_have_count(0)


def test_a_paused_training_can_be_sampled(lab: Lab) -> None:
    lab.show(lab.start_counting(steps=10_000_000, work=20, train=True))
    lab.wait_for_frames(2)
    lab.button("Pause").click()
    lab.expect_state("Paused")
    lab.button("Sample from it…").click()
    dialogue(lab.page).get_by_role("button", name="Generate").click()
    lab.expect_state("Done")
    expect(lab.page.locator("#job-title")).to_have_text("Sample of Pebbles")


def test_each_metric_stands_beside_its_baseline_and_says_what_it_means(lab: Lab) -> None:
    page = lab.page
    lab.show(train(lab, size="128"))
    lab.expect_state("Done")
    figures = page.locator("#figures")
    for name in ("Patch distance", "Spectrum", "Colour", "Copied from source", "Odd patches"):
        expect(figures.locator("div", has=page.get_by_role("button", name=name))).to_contain_text(
            "source against itself", timeout=PATIENCE
        )
    word = figures.get_by_role("button", name="Patch distance")
    meaning = page.locator("#meaning-patch-distance")
    expect(meaning).to_be_hidden()
    word.hover()
    expect(meaning).to_contain_text("Lower is better")
    page.mouse.move(0, 0)
    expect(meaning).to_be_hidden()


def test_the_curve_shows_losses_or_a_metric(lab: Lab) -> None:
    page = lab.page
    lab.show(lab.start_counting(steps=9, size="128"))
    lab.expect_state("Done")
    choice = page.get_by_label("What the curve shows")
    expect(choice.locator("option")).to_have_count(7)  # losses, and six metrics: pebbles have no periods
    choice.select_option("patch")
    curve = page.locator("#curve")
    expect(curve).to_have_attribute("aria-label", re.compile("^Curve of patch distance"))
    choice.select_option("losses")
    expect(curve).to_have_attribute("aria-label", re.compile("^Loss curve, steps"))


def test_a_note_of_the_method_is_shown_calmly_and_a_time_budget_in_minutes(lab: Lab) -> None:
    """What no test method says: the page is given such a row by hand."""
    script = """async () => {
        const page = document.querySelector("script[type=module]").src;
        const {Transport} = await import(new URL("../job/transport.js", page));
        const {showFigures} = await import(new URL("../job/figures.js", page));
        const row = {id: "x", method: "sgan", state: "running", number: 340, total: null, done: 0.45, seconds: 72,
                     eta: 88, message: "went back to step 300; the rate is halved", params: {minutes: 4, tile: "both"},
                     images: {}, files: [], losses: {}, metrics: {}};
        new Transport(() => null).show(row, "Pebbles");
        showFigures(document.getElementById("figures"), row, []);
        const [message, progress] = ["message", "progress"].map((id) => document.getElementById(id));
        return [message.className, message.textContent, progress.getAttribute("aria-valuenow"),
                document.getElementById("standing").textContent, document.getElementById("figures").textContent];
    }"""
    kind, words, share, standing, figures = lab.page.evaluate(script)
    assert (kind, words) == ("failure calm note", "went back to step 300; the rate is halved")
    assert share == "45"
    assert standing.endswith("Step 340 · 1:12 · about 1 min 30 s left")
    assert "Compute time1:12of 4:00" in figures
