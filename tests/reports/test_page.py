"""The report as a page that needs nothing else."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from tests.reports.conftest import BLUE, GREEN, RED, plain, point
from texture.reports.page import comparison_page

CONTRAST = (Path(__file__).parents[1] / "browser/contrast.js").read_text()
HOSTILE = "<script>alert('&')</script> \"x\""


class Reading(HTMLParser):
    """What a page has: its elements with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text, self._open = [], "", []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def of(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]


@pytest.fixture
def runs(result):
    points = [point(i, i, 2 * i, patch=3.0 / i) for i in range(1, 20)]
    known = {"points": points, "baselines": {"patch": 0.2}}
    return [
        result("Counting · steps 20", pixels=plain(GREEN, 64, 64), metrics={"patch": 0.5}, **known),
        result(HOSTILE, {"steps": 7}, pixels=plain(BLUE, 64, 2000), metrics={"patch": 0.25}, memory=2**20, **known),
        result("None", {"steps": 9}, state="failed"),
    ]


@pytest.fixture
def page(runs):
    return comparison_page(plain(RED, 64, 64), HOSTILE, runs, [{"picture": "a.png"}, {"model": "b.safetensors"}, {}])


def test_pictures_are_inside_and_at_most_1024_pixels(page):
    pictures = Reading(page).of("img")
    assert [picture["alt"] for picture in pictures] == ["Source texture", "Counting · steps 20", HOSTILE]
    sizes = []
    for picture in pictures:
        kind, data = picture["src"].split(",")
        assert kind == "data:image/jpeg;base64"
        sizes.append(Image.open(io.BytesIO(base64.b64decode(data))).size)
    assert sizes == [(64, 64), (64, 64), (1024, 33)]


def test_the_content_stands_beside_the_exemplar(runs):
    pictures = Reading(comparison_page(plain(RED, 64, 64), "Title", runs, content=plain(BLUE, 64, 64))).of("img")
    assert [picture["alt"] for picture in pictures][:3] == ["Source texture", "Content", "Counting · steps 20"]


def test_names_are_text_whatever_they_contain(page):
    found = Reading(page)
    assert found.of("script") == []
    assert found.text.count(HOSTILE) >= 4  # title, heading, caption, table
    assert "<script>" not in page


def test_nothing_is_loaded_from_anywhere(page):
    found = Reading(page)
    addresses = [value for _, all in found.elements for name, value in all.items() if name in ("src", "href")]
    outside = [address for address in addresses if not address.startswith(("data:", "#"))]
    assert outside == ["a.png", "b.safetensors"]
    assert found.of("link") == []
    assert "@import" not in page
    assert all(reference.startswith("#") for reference in re.findall(r"url\(([^)]*)\)", page))


def test_the_table_has_each_metric_beside_its_baseline_and_marks_the_best(page):
    text = " ".join(Reading(page).text.split())
    titles = ["Run", "State", "Patch distance", "Steps", "Compute time", "Elapsed", "Device", "Memory", "steps"]
    assert re.findall(r'<th scope="col">(.*?)</th>', page) == titles
    assert "done 0.5source against itself 0.2" in text
    assert "failed –" in text
    assert "1.0 MB" in text
    assert re.findall(r"<b>(.*?)</b>", page) == ["0.25"]


def test_curves_are_drawn_on_both_clocks(page, result):
    assert len(Reading(page).of("svg")) == 2
    assert "Curves" not in comparison_page(plain(RED, 64, 64), "Title", [result()])


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_can_be_read_in_either_light(chromium, page, scheme, tmp_path):
    (tmp_path / "index.html").write_text(page)
    view = chromium.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    view.goto((tmp_path / "index.html").as_uri())
    assert view.evaluate("document.documentElement.scrollWidth") <= 360
    ground = view.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(236, 236, 236)", "dark": "rgb(19, 19, 19)"}[scheme]
    ink = view.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
    assert ink == view.evaluate("getComputedStyle(document.body).color")
    view.close()
