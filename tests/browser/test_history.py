"""The history: all that was made, found again, opened, deleted, brought back, and used once more."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import PATIENCE, Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

LONG: dict[str, Any] = {"steps": 10_000_000, "work": 20}


def cards(lab: Lab) -> Locator:
    return lab.page.locator("#history-cards .card")


def card(lab: Lab, id: str) -> Locator:
    return lab.page.locator(f'#history-cards .card[data-id="{id}"]')


def finish(lab: Lab, *jobs: str) -> None:
    """Wait until these are done."""
    for job in jobs:
        expect(lab.in_strip(job)).to_contain_text("Done")


def expect_focus(lab: Lab, job: str) -> None:
    expect(card(lab, job).locator(".card-open")).to_be_focused()


def look(lab: Lab) -> None:
    lab.page.get_by_role("link", name="History", exact=True).click()
    expect(lab.page.locator("#history-cards")).to_have_attribute("aria-busy", "false")


def names(lab: Lab) -> list[str]:
    return lab.page.locator("#history-cards .card strong").all_inner_texts()


def undo(lab: Lab) -> Locator:
    return lab.page.locator("#offers").get_by_role("button", name="Undo")


def test_what_was_made_is_shown_newest_first_with_its_picture(lab: Lab) -> None:
    first, second = lab.start_counting(steps=3), lab.start_counting(source="sample:clay", steps=4)
    finish(lab, first, second)
    look(lab)
    expect(lab.page).to_have_url(re.compile("/history$"))
    expect(lab.page).to_have_title("History · Texture Lab")
    expect(cards(lab)).to_have_count(2)
    assert names(lab) == ["Cracked clay", "Pebbles"]
    expect(card(lab, second)).to_contain_text("Counting")
    expect(card(lab, second)).to_contain_text("Done in")
    expect(card(lab, second)).to_contain_text("today")
    picture = card(lab, second).locator(".tile img")
    expect(picture).to_have_attribute("src", f"/api/jobs/{second}/preview.jpg")
    lab.page.wait_for_function("(img) => img.naturalWidth > 0", arg=picture.element_handle())


def test_jobs_of_one_picture_are_told_apart_by_their_settings(lab: Lab) -> None:
    images = {"source": "sample:pebbles"}
    one = lab.start("patch", images, size="64", steps="2")
    other = lab.start("patch", images, size="64", steps="2", seed=7)
    finish(lab, one, other)
    look(lab)
    expect(card(lab, one).locator(".card-words span").last).to_have_text("Size 64 · steps 2")
    expect(card(lab, other).locator(".card-words span").last).to_have_text("Size 64 · seed 7 · steps 2")
    card(lab, other).get_by_role("button", name="Delete Pebbles").click()
    expect(lab.page.locator("#offers")).to_contain_text(
        "Deleted Pebbles, Patch statistics · size 64 · seed 7 · steps 2."
    )
    lab.page.get_by_role("link", name="Studio").or_(lab.page.get_by_role("link", name="Texture Lab")).first.click()
    expect(lab.in_strip(one).locator(".about")).to_have_text("Patch statistics · size 64 · steps 2")


def test_a_comparison_is_one_card_with_a_picture_of_each_run(lab: Lab) -> None:
    comparison = lab.compare_counting([{"steps": 3, "seed": seed} for seed in range(5)])
    lab.page.goto(f"{lab.url}/history")
    lab.ready()
    expect(cards(lab)).to_have_count(1)
    expect(card(lab, comparison).locator(".tile")).to_have_count(4)
    expect(card(lab, comparison)).to_contain_text("+1")
    expect(card(lab, comparison)).to_contain_text("Counting ×5")
    expect(card(lab, comparison)).to_contain_text("All done", timeout=5 * PATIENCE)
    card(lab, comparison).get_by_role("link", name="Open the comparison of Pebbles").click()
    expect(lab.page).to_have_url(re.compile(f"/comparisons/{comparison}$"))


def test_the_search_is_by_exemplar_and_method_and_stays_in_the_address(lab: Lab) -> None:
    page = lab.page
    finish(lab, lab.start_counting(steps=3), lab.start_counting(source="sample:clay", steps=3))
    look(lab)
    page.get_by_role("searchbox", name="Name, source texture, method or settings").fill("CLAY")
    expect(cards(lab)).to_have_count(1)
    assert names(lab) == ["Cracked clay"]
    expect(page).to_have_url(re.compile(r"/history\?q=CLAY$"))
    lab.reload()
    expect(page.get_by_role("searchbox", name="Name, source texture, method or settings")).to_have_value("CLAY")
    expect(cards(lab)).to_have_count(1)
    page.locator("#history-method").select_option("gatys")
    expect(page.locator("#history-note")).to_contain_text("Nothing matches “CLAY” · Neural")
    expect(page).to_have_url(re.compile(r"/history\?q=CLAY&method=gatys$"))
    page.get_by_role("button", name="Show everything").click()
    expect(cards(lab)).to_have_count(2)
    expect(page).to_have_url(re.compile("/history$"))


def test_back_leads_to_the_search_that_there_was(lab: Lab) -> None:
    job = lab.start_counting(source="sample:clay", steps=3)
    finish(lab, job, lab.start_counting(steps=3))
    look(lab)
    lab.page.get_by_role("searchbox", name="Name, source texture, method or settings").fill("clay")
    expect(cards(lab)).to_have_count(1)
    card(lab, job).locator(".card-open").click()
    lab.expect_state("Done")
    lab.page.go_back()
    expect(lab.page.get_by_role("searchbox", name="Name, source texture, method or settings")).to_have_value("clay")
    expect(cards(lab)).to_have_count(1)


def test_without_anything_made_the_history_says_so(lab: Lab) -> None:
    look(lab)
    expect(lab.page.locator("#history-note")).to_contain_text("Nothing has been made here yet.")
    lab.page.get_by_role("link", name="Make a texture").click()
    expect(lab.page.locator("#invite")).to_be_visible()


def test_more_than_a_page_is_fetched_when_asked_for(lab: Lab) -> None:
    for seed in range(26):
        lab.start_counting(steps=1, size="32", seed=seed)
    look(lab)
    expect(cards(lab)).to_have_count(24)
    lab.page.get_by_role("button", name="Load more").last.click()
    expect(cards(lab)).to_have_count(26)
    expect(lab.page.locator("#history-more")).to_be_hidden()
    expect(cards(lab).nth(24).locator(".card-open")).to_be_focused()


def test_a_running_job_is_seen_to_go_on(lab: Lab) -> None:
    job = lab.start_counting(**LONG)
    look(lab)
    expect(card(lab, job)).to_contain_text("Running")
    expect(card(lab, job).locator(".tile canvas")).to_be_visible()  # its live picture


def test_a_deleted_thing_goes_at_once_and_undo_brings_it_back(lab: Lab) -> None:
    job, other = lab.start_counting(steps=3), lab.start_counting(source="sample:clay", steps=3)
    finish(lab, job, other)
    look(lab)
    card(lab, job).get_by_role("button", name="Delete Pebbles").click()
    expect(card(lab, job)).to_have_count(0)
    expect(lab.in_strip(job)).to_have_count(0)
    expect(lab.page.locator("#offers")).to_contain_text("Deleted Pebbles.")
    undo(lab).click()
    expect(card(lab, job)).to_contain_text("Done in")
    expect(lab.in_strip(job)).to_have_count(1)
    assert names(lab) == ["Cracked clay", "Pebbles"]


def test_the_offer_to_undo_goes_by_itself_and_then_it_is_gone_for_good(lab: Lab) -> None:
    page = lab.page
    job = lab.start_counting(steps=3)
    finish(lab, job)
    page.clock.install()
    look(lab)
    card(lab, job).get_by_role("button", name="Delete Pebbles").click()
    expect(undo(lab)).to_be_visible()
    page.mouse.move(5, 300)
    page.clock.fast_forward(11_000)
    expect(undo(lab)).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("#offers")).to_have_text("Nothing to undo.")


def test_a_deleted_comparison_comes_back_with_its_runs(lab: Lab) -> None:
    comparison = lab.compare_counting([{"steps": 3}, {"steps": 4}])
    look(lab)
    expect(card(lab, comparison)).to_contain_text("All done")
    card(lab, comparison).get_by_role("button", name="Delete Pebbles").click()
    expect(lab.page.locator("#history-note")).to_contain_text("Nothing left here.")
    undo(lab).click()
    expect(card(lab, comparison).locator(".tile")).to_have_count(2)


def test_a_running_job_is_stopped_by_deleting_and_comes_back_as_cancelled(lab: Lab) -> None:
    job = lab.start_counting(**LONG)
    look(lab)
    expect(card(lab, job)).to_contain_text("Running")
    card(lab, job).get_by_role("button", name="Delete Pebbles").click()
    expect(lab.page.locator("#offers")).to_contain_text("It was stopped. Undo brings it back as cancelled")
    undo(lab).click()
    expect(card(lab, job)).to_contain_text("Cancelled")
    card(lab, job).locator(".card-open").click()
    expect(lab.button("Resume")).to_be_visible()


def test_the_cards_are_gone_through_by_keyboard(lab: Lab) -> None:
    page = lab.page
    jobs = [lab.start_counting(steps=3, seed=seed) for seed in range(7)]
    finish(lab, *jobs)
    newest, second, sixth = jobs[6], jobs[5], jobs[1]
    page.keyboard.press("h")
    expect(cards(lab)).to_have_count(7)
    card(lab, newest).locator(".card-open").focus()
    page.keyboard.press("ArrowRight")
    expect_focus(lab, second)
    page.keyboard.press("ArrowLeft")
    expect_focus(lab, newest)
    page.keyboard.press("ArrowDown")
    expect_focus(lab, sixth)
    page.keyboard.press("ArrowUp")
    expect_focus(lab, newest)
    page.keyboard.press("Delete")
    expect(card(lab, newest)).to_have_count(0)
    expect_focus(lab, second)
    page.keyboard.press("z")
    expect(card(lab, newest)).to_have_count(1)
    card(lab, second).locator(".card-open").press("Enter")
    expect(page).to_have_url(re.compile(f"/jobs/{second}$"))


def test_settings_are_used_again_from_the_card(lab: Lab) -> None:
    job = lab.start_counting(source="sample:clay", steps=3)
    finish(lab, job)
    look(lab)
    card(lab, job).get_by_role("button", name="Reuse settings of Cracked clay").click()
    expect(lab.page.locator("html")).to_have_attribute("data-view", "new")
    expect(lab.page.locator("#slot-source")).to_contain_text("Cracked clay")


def test_the_history_belongs_to_the_session(lab: Lab, open_lab: OpenLab) -> None:
    finish(lab, lab.start_counting(steps=3))
    stranger = open_lab(lab.url, "/history")
    expect(stranger.page.locator("#history-note")).to_contain_text("Nothing has been made here yet.")


def test_no_key_steers_a_job_that_is_not_seen(lab: Lab) -> None:
    job = lab.start_counting(**LONG)
    lab.show(job)
    lab.expect_state("Running")
    look(lab)
    for key in ("x", "Space", "r"):
        lab.page.keyboard.press(key)
    lab.page.wait_for_timeout(500)
    expect(card(lab, job)).to_contain_text("Running")


def test_a_server_that_does_not_answer_is_named_and_asked_again(lab: Lab) -> None:
    page = lab.page
    page.route("**/api/history?*", lambda route: route.abort())
    page.keyboard.press("h")
    expect(page.locator("#history-note")).to_contain_text("Connection lost.")
    page.unroute("**/api/history?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#history-note")).to_contain_text("Nothing has been made here yet.")


def test_a_card_from_long_ago_opens_too(lab: Lab, server: Any) -> None:
    """One that the page's own list of jobs does not hold."""
    job = lab.start_counting(steps=3)
    finish(lab, job)
    page = lab.page
    page.route(
        re.compile(r"/api/jobs\?"), lambda route: route.fulfill(json={"jobs": [], "names": {}, "next": "0" * 32})
    )  # the first page of a long list
    page.goto(f"{server.url}/history")
    lab.ready()
    card(lab, job).locator(".card-open").click()
    lab.expect_state("Done")
    expect(page).to_have_url(re.compile(f"/jobs/{job}$"))


def select(lab: Lab, *jobs: str, shift: bool = False) -> None:
    for job in jobs:
        card(lab, job).get_by_role("checkbox").click(modifiers=["Shift"] if shift else [])


def bar(lab: Lab) -> Locator:
    return lab.page.get_by_role("toolbar", name="Selected")


def test_a_card_is_named_in_its_place(lab: Lab) -> None:
    page = lab.page
    job = lab.start_counting(steps=3)
    finish(lab, job)
    look(lab)
    card(lab, job).locator(".card-open").focus()
    page.keyboard.press("F2")
    field = page.get_by_role("textbox", name="Name of Pebbles")
    expect(field).to_be_focused()
    field.fill("Courtyard, east")
    field.press("Enter")
    expect(card(lab, job).locator("strong")).to_have_text("Courtyard, east")
    expect_focus(lab, job)
    expect(card(lab, job)).to_contain_text("Pebbles · Counting")
    expect(lab.in_strip(job)).to_contain_text("Courtyard, east")
    card(lab, job).get_by_role("button", name="Rename Courtyard, east").click()
    page.get_by_role("textbox", name="Name of Courtyard").fill("other")
    page.keyboard.press("Escape")
    expect(card(lab, job).locator("strong")).to_have_text("Courtyard, east")
    lab.reload()
    expect(card(lab, job).locator("strong")).to_have_text("Courtyard, east")
    page.keyboard.press("F2")
    expect(page.get_by_role("textbox", name="Name of")).to_have_count(0)


def rename(lab: Lab, id: str, name: str) -> None:
    card(lab, id).get_by_role("button", name="Rename").click()
    field = card(lab, id).get_by_role("textbox")
    expect(field).to_be_focused()
    field.fill(name)
    field.blur()


def test_a_comparison_is_named_and_loses_its_name(lab: Lab) -> None:
    page = lab.page
    comparison = lab.compare_counting([{"steps": 3}, {"steps": 4}])
    frame = page.locator(f'#jobs [data-comparison="{comparison}"]')
    for name, shown, whole in (("Walls", "Walls", "Walls"), ("", "Pebbles", "the comparison of Pebbles")):
        look(lab)
        rename(lab, comparison, name)
        expect(card(lab, comparison).locator("strong")).to_have_text(shown)
        card(lab, comparison).locator(".card-open").click()
        for _ in range(2):
            expect(page.get_by_role("heading", name=shown, exact=True)).to_be_visible()
            expect(page).to_have_title(re.compile(rf"2 runs · .* · {shown} · Texture Lab$"))
            expect(frame.locator(".title")).to_have_text(shown)
            expect(frame.get_by_role("button", name=f"Delete {whole}", exact=True)).to_have_count(1)
            lab.reload()


def test_the_focus_stays_where_somebody_went_from_the_name(lab: Lab) -> None:
    page = lab.page
    job = lab.start_counting(steps=3)
    finish(lab, job)
    look(lab)
    card(lab, job).get_by_role("button", name="Rename").click()
    card(lab, job).get_by_role("textbox").fill("Hewn")
    page.get_by_role("searchbox").click()
    expect(card(lab, job).locator("strong")).to_have_text("Hewn")
    lab.drawn()
    page.keyboard.type("hewn")  # h and n would be shortcuts
    expect(page.get_by_role("searchbox")).to_have_value("hewn")
    expect(cards(lab)).to_have_count(1)


def test_a_name_that_comes_when_its_card_has_left_the_list_is_no_mishap(lab: Lab) -> None:
    page = lab.page
    job = lab.start_counting(steps=3)
    finish(lab, job)
    look(lab)
    held: list[Route] = []
    page.route(f"**/api/jobs/{job}", lambda route: held.append(route))
    rename(lab, job, "Hewn")
    lab.until(lambda: bool(held), "the name on its way")
    page.get_by_label("State", exact=True).select_option("failed")
    expect(cards(lab)).to_have_count(0)
    held.pop().continue_()
    expect(lab.in_strip(job)).to_contain_text("Hewn")


def test_keys_work_on_a_card_whose_box_was_ticked(lab: Lab) -> None:
    jobs = [lab.start_counting(steps=1, size="32", seed=seed) for seed in range(3)]
    finish(lab, *jobs)
    look(lab)
    select(lab, jobs[2])
    lab.page.keyboard.press("ArrowRight")
    expect_focus(lab, jobs[1])
    select(lab, jobs[1])
    lab.page.keyboard.press("Delete")
    expect(cards(lab)).to_have_count(1)
    expect(card(lab, jobs[0])).to_have_count(1)


def test_no_more_are_deleted_at_once_than_the_server_takes(lab: Lab) -> None:
    page = lab.page
    jobs = [lab.start_counting(steps=1, size="32", seed=seed) for seed in range(2)]
    finish(lab, *jobs)

    def narrow(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json={**told, "limits": {**told["limits"], "together": 1}})

    page.route("**/api/catalogue*", narrow)
    lab.reload()
    look(lab)
    select(lab, *jobs)
    page.keyboard.press("Delete")
    expect(page.locator("#status")).to_have_text("At most 1 at a time.")
    expect(cards(lab)).to_have_count(2)


@pytest.mark.parametrize("query", ["state=bogus", "starred=maybe"])
def test_what_an_address_asks_for_and_there_is_not_is_left_out(lab: Lab, query: str) -> None:
    job = lab.start_counting(steps=1, size="32")
    finish(lab, job)
    lab.open(f"/history?{query}")
    expect(card(lab, job)).to_have_count(1)
    expect(lab.page.get_by_label("State", exact=True)).to_have_value("")


def test_a_text_is_looked_for_as_far_as_the_server_reads_it(lab: Lab) -> None:
    lab.open(f"/history?q={'x' * 300}")
    expect(lab.page.locator("#history-note")).to_contain_text("Nothing matches “xxx")


def test_older_cards_are_kept_only_where_they_follow_on_the_newest(lab: Lab) -> None:
    """More has been made since than the first page holds: between that and what was seen there is a gap."""
    page = lab.page
    job = lab.start_counting(steps=1, size="32")
    finish(lab, job)
    (like,) = page.evaluate("fetch('/api/history').then((answer) => answer.json())")["entries"]

    def entries(*numbers: int) -> list[dict[str, Any]]:
        made = [{"id": f"{number:032x}", "created": f"2026-01-{number:02}T00:00:00Z"} for number in numbers]
        return [{**like, **one, "name": str(number)} for one, number in zip(made, numbers, strict=True)]

    answers = iter([entries(4, 3), entries(2, 1), entries(5, 4), entries(9, 8)])
    page.route(
        "**/api/history?*",
        lambda route: route.fulfill(json={"entries": next(answers), "next": "0" * 32, "expires": {}}),
    )
    look(lab)
    page.get_by_role("button", name="Load more").click()
    expect(cards(lab)).to_have_count(4)
    for shown in (["5", "4", "3", "2", "1"], ["9", "8"]):
        page.keyboard.press("n")
        look(lab)
        expect(cards(lab)).to_have_count(len(shown))
        assert names(lab) == shown


def test_what_has_a_star_is_found_again(lab: Lab) -> None:
    page = lab.page
    job, other = lab.start_counting(steps=3), lab.start_counting(source="sample:clay", steps=3)
    finish(lab, job, other)
    look(lab)
    star = card(lab, job).get_by_role("button", name="Star Pebbles")
    expect(star).to_have_attribute("aria-pressed", "false")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Starred", exact=True).click()
    expect(cards(lab)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/history\?starred=true$"))
    lab.reload()
    expect(cards(lab)).to_have_count(1)
    star.click()
    page.get_by_role("button", name="Starred", exact=True).click()
    expect(cards(lab)).to_have_count(2)
    expect(star).to_have_attribute("aria-pressed", "false")


def test_the_search_is_by_state_and_by_name(lab: Lab) -> None:
    page = lab.page
    job, other = lab.start_counting(steps=3), lab.start_counting(**LONG)
    finish(lab, job)
    page.request.patch(f"{lab.url}/api/jobs/{job}", data={"name": "Courtyard"})
    page.goto(f"{lab.url}/history?state=running")
    lab.ready()
    expect(cards(lab)).to_have_count(1)
    expect(card(lab, other)).to_have_count(1)
    expect(page.get_by_label("State", exact=True)).to_have_value("running")
    page.get_by_label("State", exact=True).select_option("done")
    expect(card(lab, job)).to_have_count(1)
    page.get_by_label("State", exact=True).select_option("")
    page.get_by_role("searchbox", name="Name, source texture, method or settings").fill("court")
    expect(cards(lab)).to_have_count(1)
    expect(card(lab, job)).to_have_count(1)


def test_several_are_deleted_at_once_and_undo_brings_them_back(lab: Lab) -> None:
    jobs = [lab.start_counting(steps=1, size="32", seed=seed) for seed in range(5)]
    comparison = lab.compare_counting([{"steps": 1}])
    finish(lab, *jobs)
    look(lab)
    expect(card(lab, comparison)).to_contain_text("Done")
    expect(bar(lab)).to_have_count(0)
    select(lab, jobs[4])
    select(lab, jobs[2], shift=True)  # and jobs[3] between them
    select(lab, comparison)
    expect(bar(lab)).to_contain_text("4 selected")
    bar(lab).get_by_role("button", name="Delete").click()
    expect(cards(lab)).to_have_count(2)
    expect(bar(lab)).to_have_count(0)
    expect(lab.in_strip(jobs[4])).to_have_count(0)
    expect(lab.page.locator("#offers")).to_contain_text("Deleted 4 entries.")
    undo(lab).click()
    expect(cards(lab)).to_have_count(6)
    expect(lab.in_strip(jobs[4])).to_have_count(1)
    expect(card(lab, comparison)).to_contain_text("Done")


def test_all_are_selected_by_key_and_none_again(lab: Lab) -> None:
    page = lab.page
    jobs = [lab.start_counting(steps=1, size="32", seed=seed) for seed in range(3)]
    finish(lab, *jobs)
    look(lab)
    page.keyboard.press("Control+a")
    expect(bar(lab)).to_contain_text("3 selected")
    page.keyboard.press("Escape")
    expect(bar(lab)).to_have_count(0)
    card(lab, jobs[1]).locator(".card-open").focus()
    page.keyboard.press("Space")
    expect(bar(lab)).to_contain_text("1 selected")
    expect(card(lab, jobs[1]).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(bar(lab)).to_contain_text("2 selected")
    page.keyboard.press("Delete")
    expect(cards(lab)).to_have_count(1)
    expect_focus(lab, jobs[2])


def test_the_results_of_several_are_downloaded_as_one_file(lab: Lab, tmp_path: Path) -> None:
    jobs = [lab.start_counting(steps=1, size="32", seed=seed) for seed in (3, 4)]
    finish(lab, *jobs)
    look(lab)
    select(lab, *jobs)
    with lab.page.expect_download() as download:
        bar(lab).get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "textures.zip"
    download.value.save_as(tmp_path / "textures.zip")
    with zipfile.ZipFile(tmp_path / "textures.zip") as archive:
        assert sorted(archive.namelist()) == ["pebbles-counting-32-seed3.png", "pebbles-counting-32-seed4.png"]
        assert archive.testzip() is None


def test_finished_jobs_are_put_side_by_side(lab: Lab) -> None:
    page = lab.page
    jobs = [lab.start_counting(steps=1, size="32", seed=3), lab.start_counting("sample:clay", steps=1, size="32")]
    finish(lab, *jobs)
    look(lab)
    select(lab, jobs[0])
    expect(bar(lab).get_by_role("link", name="Compare")).to_have_count(0)
    select(lab, jobs[1])
    bar(lab).get_by_role("link", name="Compare").click()
    panels = page.locator("#runs > .run[data-job]")
    expect(panels).to_have_count(2)
    expect(page.locator("#comparison-subtitle")).to_have_text("2 runs · 2 done · side by side")
    expect(panels.first).to_contain_text("Cracked clay · Counting")
    expect(page.get_by_role("button", name="Share")).to_be_hidden()
    lab.reload()
    expect(panels).to_have_count(2)
    panels.first.get_by_role("button", name="Delete").click()
    expect(panels).to_have_count(1)
    undo(lab).click()
    expect(panels).to_have_count(2)


def test_what_has_no_result_cannot_be_downloaded(lab: Lab) -> None:
    job = lab.start_counting(**LONG)
    look(lab)
    expect(card(lab, job)).to_contain_text("Running")
    select(lab, job)
    expect(bar(lab)).to_contain_text("1 selected")
    expect(bar(lab).get_by_role("link", name="Download")).to_have_count(0)


def test_neighbours_of_one_name_say_what_sets_them_apart(lab: Lab) -> None:
    images = {"source": "sample:pebbles"}
    jobs = [lab.start("patch", images, size="64", steps="2", seed=seed) for seed in (0, 7, 8)]
    finish(lab, *jobs)
    look(lab)
    assert names(lab) == ["Pebbles · seed 8", "Pebbles · seed 7", "Pebbles · seed 0"]


def test_the_history_on_a_phone_is_as_wide_as_the_phone(open_lab: OpenLab, server: Any) -> None:
    lab = open_lab(server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    jobs = [lab.start_counting(steps=1, size="32", seed=seed) for seed in range(3)]
    lab.page.goto(f"{lab.url}/history")
    lab.ready()
    expect(cards(lab)).to_have_count(3)
    for part in (".card-choose", ".card-star"):
        expect(card(lab, jobs[0]).locator(part)).to_have_css("opacity", "1")
    for job in jobs:
        card(lab, job).get_by_role("checkbox").tap()
    expect(bar(lab).get_by_role("link")).to_have_count(2)
    expect(bar(lab).get_by_role("button", name="Clear")).to_be_in_viewport(ratio=1)
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 390
