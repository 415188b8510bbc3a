"""The form: made from the schema, remembered, corrected where it is wrong, and usable without a mouse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

READ_SCHEMA = """async (schema) => {
    const {fieldsOf} = await import("/static/js/kit/schema.js");
    return fieldsOf(schema);
}"""


def schema_of(page: Page) -> dict[str, Any]:
    methods = page.request.get("/api/methods").json()["methods"]
    return next(method for method in methods if method["name"] == "gatys")


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    return open_lab(server.url, base_url=server.url)


def sent(lab: Lab) -> dict[str, Any]:
    """Press Start; what the page posts."""
    with lab.page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/api/jobs")
    ) as post:
        lab.page.get_by_role("button", name="Start", exact=True).click()
    body: dict[str, Any] = post.value.post_data_json
    return body


def pick(lab: Lab, title: str = "Pebbles") -> None:
    lab.page.locator("#samples").get_by_role("button", name=title).click()
    expect(lab.page.locator("#slot-source")).to_contain_text(title)


def test_every_parameter_of_the_schema_has_a_field_with_its_help(lab: Lab) -> None:
    page = lab.page
    page.get_by_text("Advanced options").click()
    properties = schema_of(page)["schema"]["properties"]
    assert len(properties) > 10
    for name, field in properties.items():
        control = page.locator(f"#field-{name}")
        expect(control).to_be_visible()
        words = page.locator(f"#field-{name}-help").inner_text()
        assert field["description"].rstrip(".")[1:40] in words
        assert page.locator("#advanced-fields").locator(f"#field-{name}").count() == (0 if field.get("simple") else 1)


def test_what_a_method_says_of_itself_is_shown_without_marks(lab: Lab) -> None:
    for radio in lab.page.locator("#method-list input").all():
        radio.check(force=True)
        expect(lab.page.locator("#method-about")).not_to_contain_text("`")


def test_start_sends_only_what_departs_from_the_preset(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    page.get_by_role("radio", name="Draft", exact=True).check()
    page.locator("#field-seed").fill("5")
    page.get_by_text("Advanced options").click()
    page.get_by_role("radio", name="Adam").check()
    expect(page.locator("#advanced-count")).to_have_text("1 changed")
    assert sent(lab) == {
        "method": "gatys",
        "preset": "draft",
        "params": {"seed": 5, "optimiser": "adam"},
        "images": {"source": "sample:pebbles"},
    }


def test_a_preset_sets_its_fields_and_gives_them_back(lab: Lab) -> None:
    page = lab.page
    presets = schema_of(page)["presets"]
    tile = page.locator("#field-tile")
    expect(tile.get_by_role("radio", name="Both")).to_be_checked()
    page.get_by_role("radio", name="Paper", exact=True).check()
    expect(tile.get_by_role("radio", name="Off")).to_be_checked()
    expect(page.locator("#field-steps")).to_have_value(str(presets["paper"]["steps"]))
    expect(page.locator("#advanced-count")).to_have_text("")
    page.get_by_role("radio", name="Standard", exact=True).check()
    expect(tile.get_by_role("radio", name="Both")).to_be_checked()


def test_a_field_goes_back_to_its_default(lab: Lab) -> None:
    page = lab.page
    page.get_by_text("Advanced options").click()
    field = page.locator("#field-learning_rate")
    default = field.input_value()
    reset = page.get_by_role("button", name="Reset Learning rate")
    expect(reset).to_be_hidden()
    field.fill("0.2")
    reset.click()
    expect(field).to_have_value(default)
    expect(field).to_be_focused()


def test_settings_are_remembered(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    page.get_by_role("radio", name="Fine", exact=True).check()
    page.locator("#field-size").fill("512")
    page.get_by_text("Advanced options").click()
    page.locator("#field-history").fill("7")
    lab.reload()
    expect(page.get_by_role("radio", name="Fine")).to_be_checked()
    expect(page.locator("#field-size-height")).to_have_value("512")
    expect(page.locator("#field-history")).to_have_value("7")
    expect(page.locator("#slot-source")).to_contain_text("Pebbles")


def test_what_is_wanted_of_the_picture_holds_for_all_methods_and_nothing_else_does(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name="Texture network").check()
    page.locator("#field-steps").fill("5")
    page.locator("#field-size").fill("128")
    page.get_by_role("radio", name="Spatial GAN").check()
    expect(page.locator("#field-steps")).to_have_value("2000")
    expect(page.locator("#field-size")).to_have_value("128")
    page.locator("#field-seed").fill("7")
    page.get_by_role("radio", name="Texture network").check()
    expect(page.locator("#field-steps")).to_have_value("5")
    expect(page.locator("#field-seed")).to_have_value("7")
    page.get_by_role("radio", name="Draft", exact=True).check()
    expect(page.locator("#field-seed")).to_have_value("7")
    expect(page.locator("#field-size")).to_have_value("128")
    page.get_by_role("button", name="Compare all methods").click()
    expect(page.locator("#tray")).to_contain_text("Texture network · size 128")
    expect(page.locator("#tray")).not_to_contain_text("steps 5")


def test_how_a_given_picture_tiles_is_no_wish_for_others(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("radio", name="Material maps").check()
    page.locator("#field-tile").get_by_role("radio", name="Off").check()
    page.get_by_role("radio", name="Patch statistics").check()
    expect(page.locator("#field-tile").get_by_role("radio", name="Both")).to_be_checked()


def test_the_dice_make_a_seed(lab: Lab) -> None:
    seed = lab.page.locator("#field-seed")
    seeds = set()
    for _ in range(3):
        lab.page.get_by_role("button", name="Another seed").click()
        seeds.add(seed.input_value())
    assert len(seeds) == 3
    assert all(0 <= int(one) < 2**32 for one in seeds)


def test_width_and_height_part_when_unlocked(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    page.get_by_role("button", name="Keep width and height the same").click()
    page.locator("#field-size").fill("128")
    page.locator("#field-size-height").fill("64")
    assert sent(lab)["params"]["size"] == "128x64"


WRONG = [
    ("size", "100", "Enter whole numbers, 32 to 8,192, multiples of 16."),
    ("size", "9999", "Enter whole numbers, 32 to 8,192, multiples of 16."),
    ("seed", "-1", "Enter a whole number, 0 to 4,294,967,295."),
    ("seed", "often", "Enter a whole number, 0 to 4,294,967,295."),
    ("steps", "1e3", "Enter it like 100 or 150 80 30."),
    ("history", "0", "Enter a whole number, 1 to 100."),
    ("layers", "relu9_9", "no layer 'relu9_9'"),  # which only the server can tell
]


def test_an_error_is_shown_at_its_field(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    for field, value, words in WRONG:
        control = page.locator(f"#field-{field}")
        control.evaluate("(node) => node.closest('details')?.setAttribute('open', '')")
        control.fill(value)
        control.evaluate("(node) => node.closest('details')?.removeAttribute('open')")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator(f"#field-{field}-error")).to_contain_text(words)
        expect(control).to_have_attribute("aria-invalid", "true")
        expect(control).to_be_focused()
        control.fill("64")
        expect(page.locator(f"#field-{field}-error")).to_be_hidden()


def test_what_cannot_be_is_said_when_a_person_goes_on_and_enters_no_run(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    expect(page.locator(".field:has(#field-size) .field-range")).to_have_text("32 to 8,192")
    page.get_by_text("Advanced options").click()
    steps, error = page.locator("#field-steps"), page.locator("#field-steps-error")
    usual = steps.input_value()
    steps.fill("1e3")
    expect(error).to_be_hidden()  # somebody is still typing
    page.keyboard.press("Tab")
    expect(error).to_have_text("Enter it like 100 or 150 80 30.")
    for name in ("Add to comparison", "Try 4 seeds", "Start"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(steps).to_be_focused()
    expect(page.locator("#tray li")).to_have_count(0)
    expect(page.locator("#jobs li[data-job]")).to_have_count(0)
    lab.reload()
    expect(steps).to_have_value(usual)


def test_the_same_job_is_shown_instead_of_started_twice(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    sent(lab)
    expect(page).to_have_url(re.compile("/jobs/"))
    job = page.url
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#offers")).to_contain_text("You have this one already")
    expect(page).to_have_url(job)
    page.get_by_role("button", name="Start it again").click()
    expect(page.locator("#jobs li[data-job]")).to_have_count(2)
    page.get_by_role("button", name="New", exact=True).click()
    page.locator("#field-seed").fill("7")
    sent(lab)
    expect(page.locator("#jobs li[data-job]")).to_have_count(3)


def test_settings_that_are_not_those_of_the_texture_shown_say_so(lab: Lab) -> None:
    page, whose = lab.page, lab.page.locator("#whose")
    pick(lab)
    expect(whose).to_be_hidden()
    sent(lab)
    expect(page.locator("#job-title")).to_have_text("Pebbles")
    expect(whose).to_be_hidden()
    page.locator("#field-seed").fill("7")
    expect(whose).to_contain_text("for a new texture, not those of the one shown")
    whose.get_by_role("button", name="Show its settings").click()
    expect(whose).to_be_hidden()
    expect(page.locator("#field-seed")).to_have_value("0")
    expect(page.locator("#job-title")).to_have_text("Pebbles")
    lab.show(lab.start_counting(steps=3))
    expect(whose).to_be_hidden()  # no method of the form's
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_text("Advanced options").click()
    page.locator("#field-start").select_option("noise")  # with which the server fills in other steps
    sent(lab)
    expect(page.locator("#job-title")).to_have_text("Pebbles")
    expect(whose).to_be_hidden()


def test_start_without_a_picture_asks_for_one(lab: Lab) -> None:
    lab.page.get_by_role("button", name="Start", exact=True).click()
    expect(lab.page.locator("#slot-source-error")).to_contain_text("First choose a picture")
    expect(lab.page.get_by_role("button", name="Choose a picture…")).to_be_focused()


def test_without_weights_the_page_says_what_to_do_and_the_job_waits(lab: Lab) -> None:
    page = lab.page
    expect(page.locator("#banner-weights")).to_be_visible()
    expect(page.locator("#banner-weights").get_by_role("button", name="Try to fetch them")).to_be_visible()
    assert len(page.locator("#banner-weights").inner_text()) > 60
    pick(lab)
    page.get_by_role("button", name="Start", exact=True).click()
    lab.expect_state("Queued")
    expect(page.locator("#message")).to_contain_text(re.compile("weights", re.IGNORECASE))


def test_whoever_is_new_begins_with_a_method_that_needs_no_weights(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, new=True)
    expect(lab.page.locator('#methods input[value="match"]')).to_be_checked()
    lab.page.locator('#methods input[value="gatys"]').check(force=True)
    lab.reload()
    expect(lab.page.locator('#methods input[value="gatys"]')).to_be_checked()


def test_while_weights_are_missing_match_is_offered_and_runs(lab: Lab) -> None:
    page = lab.page
    pick(lab)
    page.locator("#banner-weights").get_by_role("button", name="Use Match").click()
    expect(page.locator('#methods input[value="match"]')).to_be_checked()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_focused()
    page.locator("#field-size").fill("64")
    page.keyboard.press("Enter")
    expect(page.locator("#badge")).to_have_text(re.compile("Running|Done"))


def test_a_job_is_made_watched_and_ended_by_keyboard_alone(lab: Lab) -> None:
    page = lab.page
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.sample") == "sample:clay":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    lab.expect_state("Queued")  # this server has no weights
    page.keyboard.press("Space")
    lab.expect_state("Paused")
    page.keyboard.press("Space")
    lab.expect_state("Queued")
    page.keyboard.press("x")
    lab.expect_state("Cancelled")
    page.keyboard.press("r")
    lab.expect_state("Queued")
    page.keyboard.press("n")
    expect(page.locator("html")).to_have_attribute("data-view", "new")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Help")).to_be_hidden()


def test_letters_typed_into_a_field_are_no_shortcuts(lab: Lab) -> None:
    page = lab.page
    page.get_by_text("Advanced options").click()
    page.locator("#field-layers").fill("")
    page.locator("#field-layers").press_sequentially("n t?")
    expect(page.locator("#field-layers")).to_have_value("n t?")
    expect(page.get_by_role("dialog", name="Help")).to_be_hidden()


def test_shortcuts_can_be_switched_off(lab: Lab) -> None:
    page = lab.page
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    theme = page.locator("#theme").get_attribute("aria-label")
    page.keyboard.press("t")
    assert page.locator("#theme").get_attribute("aria-label") == theme


def test_fields_of_every_kind_of_schema(lab: Lab) -> None:
    schema = {
        "$defs": {"Colour": {"enum": ["red", "blue"], "type": "string"}},
        "properties": {
            "colour": {"$ref": "#/$defs/Colour", "default": "red"},
            "perhaps": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None},
            "count": {"type": "integer", "exclusiveMaximum": 10, "exclusiveMinimum": 0, "default": 3},
            "rate": {"type": "number", "default": 0.1},
            "on": {"type": "boolean", "default": True},
            "names": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
            "table": {"type": "object", "default": {"a": 1}},
            "size": {"type": "string", "format": "size", "default": [64, 32]},
            "schedule": {"type": "string", "default": [3, 2, 1]},
        },
    }
    fields = {field["name"]: field for field in lab.page.evaluate(READ_SCHEMA, schema)}
    kinds = {name: field["kind"] for name, field in fields.items()}
    assert kinds == {
        "colour": "choice",
        "perhaps": "integer",
        "count": "integer",
        "rate": "number",
        "on": "switch",
        "names": "list",
        "table": "json",
        "size": "size",
        "schedule": "text",
    }
    assert fields["colour"]["choices"] == ["red", "blue"]
    assert fields["perhaps"]["nullable"] is True
    assert (fields["perhaps"]["minimum"], fields["count"]["minimum"], fields["count"]["maximum"]) == (1, 1, 9)
    assert (fields["size"]["default"], fields["schedule"]["default"]) == ("64x32", "3 2 1")
