"""The main job, end to end: a photo of pebbles is dropped in, watched, paused, and downloaded as a seamless tile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenLab
from tests.browser.lab import Lab
from texture.metrics import seam
from texture.settings import Settings

ROOT = Path(__file__).parents[2]
DONE = 240_000  # ms for a small picture on a busy machine; 10 s on a quiet one


def start(lab: Lab, seed: int) -> str:
    """Press Start for a small picture from noise, which takes long enough to be paused; the job's id."""
    page = lab.page
    page.get_by_role("radio", name="From noise").check()
    page.locator("#field-size").fill("128")
    page.locator("#field-seed").fill(str(seed))
    with page.expect_response(lambda answer: answer.url.endswith("/api/jobs") and answer.status == 201) as started:
        page.get_by_role("button", name="Start", exact=True).click()
    return str(started.value.json()["id"])


@pytest.mark.weights
def test_drop_watch_pause_reload_resume_cancel_another_download(open_lab: OpenLab, serve: Any, vgg19: Settings) -> None:
    lab = open_lab(serve(cache=vgg19.cache).url)
    page = lab.page

    lab.drop((ROOT / "samples" / "pebbles.jpg").read_bytes(), "pebbles from the beach.jpg", "image/jpeg")
    expect(page.locator("#slot-source")).to_contain_text("pebbles from the beach.jpg")
    job = start(lab, seed=1)
    lab.expect_state("Running")
    lab.wait_for_frames(5)
    assert lab.acknowledgements >= 3

    lab.button("Pause").click()
    lab.expect_state("Paused")
    shown = lab.step()  # numbers come four times a second, steps more often
    lab.reload()
    lab.expect_state("Paused")
    paused_at = lab.step()
    assert paused_at >= shown > 0
    page.wait_for_timeout(1000)
    lab.reload()
    assert lab.step() == paused_at
    lab.button("Resume").click()
    lab.expect_state("Running")

    other = start(lab, seed=2)
    lab.button("Cancel").click()
    expect(lab.in_strip(other)).to_contain_text("Cancelled")

    lab.show(job)
    expect(page.locator("#badge")).to_have_text("Done", timeout=DONE)
    expect(page.locator("#figures")).to_contain_text("Seamless")
    with page.expect_download() as download:
        lab.button("Download tile").click()
    with Image.open(download.value.path()) as picture:
        assert (picture.format, picture.size) == ("PNG", (128, 128))
        pixels = np.asarray(picture.convert("RGB"))
    assert seam(pixels, "both").seamless
    assert pixels.std() > 20  # pebbles, not a grey plate
