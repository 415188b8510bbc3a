"""Several pictures that are dropped or chosen at once: one job for each, and one failure stops none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab

pytestmark = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

KIND = "image/png"


def picture(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def files(*names: str) -> list[tuple[bytes, str, str]]:
    return [(picture(number), name, KIND) for number, name in enumerate(names)]


@pytest.fixture
def lab(open_lab: OpenLab, server: Any) -> Lab:
    lab = open_lab(server.url)
    lab.page.get_by_role("radio", name="Match").check()
    return lab


def started(lab: Lab) -> Sequence[tuple[str, str]]:
    """What each job was made from, and by what, oldest first."""
    rows = lab.page.request.get(f"{lab.url}/api/jobs").json()["jobs"]
    return [(row["exemplar"], row["method"]) for row in reversed(rows)]


def test_a_job_is_started_for_each_and_one_that_fails_stops_no_other(lab: Lab) -> None:
    lab.drop_several(
        [*files("bark.png", "wall.png"), (b"no picture", "broken.png", KIND), (picture(9), "moss.png", KIND)]
    )
    note = lab.page.locator("#offers .toast")
    expect(note).to_contain_text("4 pictures: bark.png, wall.png, broken.png, 1 more.")
    note.get_by_text("Start one job for each").click()
    expect(note).to_contain_text("3 of 4 jobs started. broken.png: ")
    assert started(lab) == [("bark.png", "match"), ("wall.png", "match"), ("moss.png", "match")]
    expect(lab.page.locator("#jobs li[data-job]")).to_have_count(3)
    note.get_by_text("Dismiss").click()
    expect(note).to_have_count(0)


def test_only_the_first_may_be_used(lab: Lab) -> None:
    lab.page.locator("#file").set_input_files(
        [{"name": name, "mimeType": KIND, "buffer": data} for data, name, _ in files("bark.png", "wall.png")]
    )
    lab.page.locator("#offers").get_by_text("Use only the first").click()
    expect(lab.page.locator("#slot-source")).to_contain_text("bark.png")
    assert started(lab) == []


def test_they_may_be_the_maps_of_one_material_whatever_they_are_called(lab: Lab) -> None:
    lab.drop_several(files("bark.png", "bark2.png"))
    lab.page.locator("#offers").get_by_text("Use as maps of one material").click()
    expect(lab.page.locator("#material-maps").get_by_role("alert")).to_contain_text("named like a base colour")
    expect(lab.page.locator("#offers .toast")).to_have_count(0)


def test_they_may_be_what_is_repainted_and_what_else_is_needed_is_asked_for(lab: Lab) -> None:
    lab.drop_several(files("cat.png", "dog.png"), '[data-slot="content"]')
    lab.page.get_by_text("Start one job for each").click()
    expect(lab.page.locator("#slot-source")).to_contain_text("The source texture is missing.")
