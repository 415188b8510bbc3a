"""What a session has on the server's disk, as a person sees it: beside its quotas, with when it goes, and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from tests.serving import Server, serving

LIMITS = {"keep_days": 3, "most_queued": 2, "most_pictures": 1}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with quotas that are soon reached."""
    with serving(tmp_path_factory.mktemp("limited")) as serve:
        yield serve(**LIMITS)


@pytest.fixture
def lab(open_lab: OpenLab, limited: Server) -> Lab:
    return open_lab(limited.url)


def train(lab: Lab) -> str:
    job = lab.start_counting(steps=3, train=True)
    expect(lab.in_strip(job)).to_contain_text("Done")
    return job


def line(lab: Lab, kind: str) -> Locator:
    return lab.page.locator("#storage-lines tr").filter(has=lab.page.locator("th", has_text=kind))


def test_it_is_opened_and_closed_by_keyboard(lab: Lab) -> None:
    page = lab.page
    train(lab)
    page.keyboard.press("m")
    button = page.locator("#models").get_by_role("button", name="Storage")
    expect(button).to_contain_text("kB of 20 GB")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Storage")).to_be_visible()
    expect(page.get_by_role("progressbar", name="of 20 GB")).to_be_visible()
    expect(line(lab, "Models")).to_contain_text("1 of 200")
    expect(line(lab, "In the queue")).to_contain_text("0 of 2")
    expect(page.locator("#storage-rules li")).to_have_text(
        [
            "What has ended is deleted 3 days later, unless it is shared.",
            "What is deleted is removed for good after a day.",
            "A picture that nothing uses is removed 30 days after its upload.",
        ]
    )
    expect(page.get_by_role("region", name="Workers")).to_contain_text("1 worker; nothing waits")
    expect(page.get_by_role("region", name="Workers").get_by_role("row")).to_contain_text("idle")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_what_is_deleted_no_longer_counts(lab: Lab) -> None:
    page = lab.page
    train(lab)
    page.keyboard.press("m")
    button = page.locator("#models .storage-open")
    expect(button).to_contain_text("kB")
    page.get_by_role("button", name="Delete the model of Pebbles").click()
    expect(button).to_contain_text("0 bytes of 20 GB")
    button.click()
    expect(line(lab, "Deleted")).to_contain_text("1")
    expect(line(lab, "Deleted")).to_contain_text("kB")


def test_a_card_says_until_when_its_entry_is_kept(lab: Lab) -> None:
    train(lab)
    day = (datetime.now(UTC) + timedelta(days=3)).astimezone()
    for key, cards in (("h", "#history-cards"), ("m", "#model-cards")):
        lab.page.keyboard.press(key)
        expect(lab.page.locator(f"{cards} .card-expires")).to_contain_text(f"Kept until {day.day} {day:%B}")


def test_what_is_shared_has_no_such_date(lab: Lab) -> None:
    comparison = lab.compare_counting([{"steps": 2}, {"steps": 3}])
    lab.page.keyboard.press("h")
    card = lab.page.locator(f'#history-cards .card[data-id="{comparison}"]')
    expect(card).to_contain_text("All done")
    share = f"""() => fetch("/api/comparisons/{comparison}/share", {{
        method: "POST", headers: {{"Content-Type": "application/json"}}, body: JSON.stringify({{shared: true}})}})"""
    lab.page.reload()
    lab.ready()
    expect(card.locator(".card-expires")).to_contain_text("Kept until")
    lab.page.evaluate(share)
    lab.page.reload()
    lab.ready()
    expect(card).to_contain_text("All done")
    expect(card.locator(".card-expires")).to_be_hidden()


def test_a_disk_that_is_nearly_full_is_told(open_lab: OpenLab, limited: Server) -> None:
    lab = open_lab(limited.url)

    def low(route: Route) -> None:
        told: dict[str, Any] = route.fetch().json()
        route.fulfill(json={**told, "disk_free": 512_000_000, "disk_low": True})

    lab.page.route("**/api/usage", low)
    lab.reload()
    expect(lab.page.locator("#banner-disk")).to_contain_text("The server’s disk is nearly full: 512 MB are left.")
    lab.page.get_by_role("button", name="What I have there").click()
    expect(lab.page.locator("#storage-low")).to_contain_text("Delete what you do not need.")


def test_a_picture_too_many_is_refused_in_words(lab: Lab, png: bytes) -> None:
    lab.drop(png, "first.png", "image/png")
    expect(lab.page.locator("#slot-source")).to_contain_text("first.png")
    lab.drop(png, "second.png", "image/png", "#slot-source")
    expect(lab.page.locator("#slot-source-error")).to_contain_text(
        "second.png: you have uploaded 1 picture, the limit is 1: use one of those, or wait until the unused ones"
    )


def test_jobs_too_many_are_refused_in_words(lab: Lab) -> None:
    page = lab.page
    page.locator("#samples").get_by_role("button", name="Marble").click()
    page.get_by_role("button", name="Compare all methods").click()
    page.locator("#start").click()
    expect(page.locator("#form-error")).to_contain_text("more, the limit is 2: start fewer at once")
