"""A picture cropped, turned and straightened becomes another one of the same session; the first one stays."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.serving import Session

PLAIN = {"crop": {"x": 4, "y": 2, "width": 40, "height": 36}}


def pixels(session: Session, id: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(session.get(f"/api/images/{id}").content)))


@pytest.fixture
def bark(session: Session, png: bytes) -> str:
    """A picture of 64×48 pixels."""
    return str(session.post("/api/images", files={"file": ("bark.png", png)}).json()["id"])


def test_a_picture_is_cropped_into_another_one_and_stays(session: Session, bark: str) -> None:
    before = pixels(session, bark)
    answer = session.post(f"/api/images/{bark}/edited", json=PLAIN)
    made = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/images/{made['id']}")
    assert made["url"] == f"/api/images/{made['id']}"
    assert (made["name"], made["width"], made["height"], made["note"]) == ("bark, edited.png", 40, 36, None)
    assert np.array_equal(pixels(session, made["id"]), before[2:38, 4:44])
    assert np.array_equal(pixels(session, bark), before)
    row = session.start_job(images={"source": made["id"]}, params={"steps": 3})
    assert row["exemplar"] == "bark, edited.png"


def test_a_sample_is_turned_and_straightened(session: Session) -> None:
    edit = {"quarter_turns": 3, "angle": -7.5, "crop": {"x": 60, "y": 60, "width": 100, "height": 80}}
    answer = session.post("/api/images/sample:pebbles/edited", json=edit)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "Pebbles, edited"
    assert pixels(session, answer.json()["id"]).shape == (80, 100, 3)


@pytest.mark.parametrize(
    ("edit", "field", "words"),
    [
        ({"crop": {"x": 30, "y": 0, "width": 40, "height": 40}}, "crop", "reaches out of the picture of 64x48 pixels"),
        ({**PLAIN, "angle": 40}, "crop", "turned by 40 degrees"),
        ({"crop": {**PLAIN["crop"], "width": 31}}, "crop.width", "between 32 and"),
        ({"crop": {**PLAIN["crop"], "x": -1}}, "crop.x", "not -1"),
        ({"crop": {**PLAIN["crop"], "x": 1.5}}, "crop.x", "whole number"),
        ({"crop": {**PLAIN["crop"], "y": 10**400}}, "crop.y", "between 0 and"),
        ({"crop": {"x": 0, "y": 0, "width": 40}}, "crop.height", "missing"),
        ({}, "crop", "missing"),
        ({**PLAIN, "angle": 45.1}, "angle", "between -45 and 45, not 45.1"),
        ({**PLAIN, "angle": "steep"}, "angle", "a number"),
        ({**PLAIN, "quarter_turns": 4}, "quarter_turns", "between 0 and 3"),
        ({**PLAIN, "mirror": True}, "mirror", "known: quarter_turns, angle, crop"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_leaves_nothing(
    session: Session, bark: str, edit: dict[str, Any], field: str, words: str
) -> None:
    before = session.get("/api/usage").json()["pictures"]
    answer = session.post(f"/api/images/{bark}/edited", json=edit)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert words in answer.json()["detail"]
    assert session.get("/api/usage").json()["pictures"] == before


def test_a_picture_of_somebody_else_is_not_there_even_where_it_is_shared(
    session: Session, server: Any, bark: str
) -> None:
    made = session.start_comparison({"steps": 3}, source=bark)
    session.post(f"/api/comparisons/{made['id']}/share", json={"shared": True})
    other = server.session()
    assert other.get(f"/api/images/{bark}").status_code == 200
    assert other.post(f"/api/images/{bark}/edited", json=PLAIN).status_code == 404
    for nothing in ("sample:moon", "0" * 32):
        assert session.post(f"/api/images/{nothing}/edited", json=PLAIN).status_code == 404
