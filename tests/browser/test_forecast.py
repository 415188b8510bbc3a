"""What a job will take, as a person sees it before the start."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from tests.serving import Server

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

LONG = {
    "runs": [{"seconds": 9000, "memory": 5e8}],
    "instead": [],
    "seconds": 9000,
    "memory": 5e8,
    "long": True,
    "measuring": False,
}


def told(lab: Lab) -> Locator:
    """What stands above Start."""
    return lab.page.locator("#forecast")


def test_it_stands_above_start_and_follows_the_settings(lab: Lab) -> None:
    expect(told(lab)).to_have_text(re.compile(r"^About [1-9].* s · 0\.\d GB of memory$"))
    before = told(lab).inner_text()
    lab.page.locator("#field-size").fill("1024")
    expect(told(lab)).to_have_text(re.compile(r"^About (\d\d+ s|\d+ min)"))
    lab.page.locator("#field-size").fill("256")
    expect(told(lab)).to_have_text(before)


def test_of_settings_that_do_not_fit_nothing_is_said(lab: Lab) -> None:
    expect(told(lab)).to_have_text(re.compile("^About"))
    lab.page.locator("#field-size").fill("7")
    expect(told(lab)).to_have_text("")


def test_a_preset_says_what_it_is_for_and_how_long_it_takes(lab: Lab) -> None:
    lab.page.get_by_role("radio", name="Draft").check()
    expect(lab.page.locator("#preset-note")).to_have_text(re.compile(r"^Quick preview, about [1-9]\d* s$"))
    lab.page.get_by_role("radio", name="Fine", exact=True).check()
    expect(lab.page.locator("#preset-note")).to_have_text(re.compile("^Best quality, about "))


def test_several_runs_are_told_together(lab: Lab) -> None:
    lab.page.get_by_role("button", name="Compare all methods").click()
    expect(told(lab)).to_have_text(re.compile(r"^About .* for \d+ runs"))


def test_while_the_machine_is_measured_it_says_so_and_asks_again(lab: Lab) -> None:
    answers = iter(
        [{**LONG, "seconds": None, "long": False, "measuring": True}, {**LONG, "seconds": 33, "long": False}]
    )

    def answer(route: Route) -> None:
        of_these = "320" in (route.request.post_data or "")  # and not a question of before
        route.fulfill(json=next(answers)) if of_these else route.continue_()

    lab.page.route("**/api/forecast", answer)
    lab.page.locator("#field-size").fill("320")
    expect(told(lab)).to_contain_text("Measuring this machine")
    expect(told(lab)).to_have_text("About 35 s · 0.5 GB of memory")


class TestBeforeAnHour:
    """What somebody is asked who starts long work."""

    @pytest.fixture
    def lab(self, open_lab: OpenLab, server: Server) -> Lab:
        """With a picture, and a machine that takes two hours and a half."""
        lab = open_lab(server.url)
        lab.page.route("**/api/forecast", self._long)
        lab.page.locator("#samples").get_by_role("button", name="Pebbles").click()
        expect(lab.page.locator("#slot-source")).to_contain_text("Pebbles")
        return lab

    @staticmethod
    def _long(route: Route) -> None:
        route.fulfill(json=LONG)

    def test_it_is_not_started_unless_they_say_so(self, lab: Lab) -> None:
        page = lab.page
        page.get_by_role("button", name="Start", exact=True).click()
        dialog = page.get_by_role("dialog", name="Start a long job?")
        expect(dialog).to_contain_text("It will take about 2 h 30 min of this machine’s time.")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
        assert page.evaluate("fetch('/api/jobs').then((answer) => answer.json())") == {
            "jobs": [],
            "names": {},
            "next": None,
        }

    def test_it_is_started_once_they_do(self, lab: Lab) -> None:
        page = lab.page
        page.get_by_role("button", name="Start", exact=True).click()
        dialog = page.get_by_role("dialog", name="Start a long job?")
        with page.expect_request(lambda request: request.url.endswith("/api/jobs")) as post:
            dialog.get_by_role("button", name="Start").click()
        assert json.loads(post.value.post_data or "")["method"] == "gatys"

    def test_a_comparison_is_asked_about_too(self, lab: Lab) -> None:
        page = lab.page
        page.get_by_role("button", name="Try 4 seeds").click()
        dialog = page.get_by_role("dialog", name="Start a long job?")
        dialog.get_by_role("button", name="Not now").click()
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("button", name="Try 4 seeds")).to_be_enabled()
