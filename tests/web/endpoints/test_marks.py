"""Names and stars: given by the owner, heard by those who watch, found in the history."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serving import Server, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}


def test_a_job_is_named_and_whoever_watches_hears_of_it(session: Session, look: Look) -> None:
    row = session.start_job(params=LONG)
    path = f"/api/jobs/{row['id']}"
    viewer = look(session)
    viewer.watch([row["id"]])
    answer = session.patch(path, json={"name": "  Courtyard\n wall ", "star": True})
    assert (answer.status_code, answer.json()["name"], answer.json()["star"]) == (200, "Courtyard wall", True)
    told = viewer.wait_for(lambda name, message: name == "job" and message["row"]["star"], "the star")
    assert told["row"]["name"] == "Courtyard wall"
    assert told["seq"] > row["seq"]
    session.patch(path, json={"name": ""})
    assert (session.get(path).json()["name"], session.get(path).json()["star"]) == (None, True)


def test_a_comparison_is_named_and_whoever_watches_hears_of_it(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG)
    viewer = look(session)
    viewer.watch_comparison(made["id"])
    answer = session.patch(f"/api/comparisons/{made['id']}", json={"name": "Walls", "star": True})
    assert (answer.json()["name"], answer.json()["star"], answer.json()["own"]) == ("Walls", True, True)
    viewer.wait_for(lambda name, message: name == "comparison" and message["id"] == made["id"], "comparison")
    (entry,) = session.get("/api/history", params={"text": "walls", "starred": "true"}).json()["entries"]
    assert (entry["id"], entry["name"], entry["star"]) == (made["id"], "Walls", True)


@pytest.mark.parametrize("body", [{"name": "x" * 101}, {"star": "yes"}, {"star": 1}, {"name": 5}, {"method": "gatys"}])
def test_what_is_no_mark_is_refused(session: Session, body: dict[str, Any]) -> None:
    row = session.start_job(params=LONG)
    answer = session.patch(f"/api/jobs/{row['id']}", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(body)))


def test_nobody_else_can_mark_them(server: Server, session: Session) -> None:
    job, made = session.start_job(params=LONG)["id"], session.start_comparison(LONG)["id"]
    other = server.session()
    for path in (f"/api/jobs/{job}", f"/api/comparisons/{made}"):
        assert other.patch(path, json={"star": True}).status_code == 404
    session.post(f"/api/comparisons/{made}/share", json={"shared": True})
    assert other.patch(f"/api/comparisons/{made}", json={"star": True}).status_code == 403
    assert not any(entry["star"] for entry in session.get("/api/history").json()["entries"])


def test_a_page_of_another_site_cannot(session: Session) -> None:
    job = session.start_job(params=LONG)["id"]
    answer = session.patch(f"/api/jobs/{job}", json={"star": True}, headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403
