"""Sharing: who has the link to a shared comparison may look at all of it, and at nothing else, and change nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.serving import Server, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}
READING = [
    "/api/comparisons/{comparison}",
    "/api/comparisons/{comparison}/table.csv",
    "/api/comparisons/{comparison}/curves.csv",
    "/api/comparisons/{comparison}/sheet.png",
    "/api/jobs/{job}",
    "/api/jobs/{job}/points",
    "/api/jobs/{job}/preview.jpg",
    "/api/jobs/{job}/result.png",
    "/api/jobs/{job}/result?format=jpeg",
    "/api/jobs/{job}/iterations",
    "/api/jobs/{job}/tiled.png",
    "/api/jobs/{job}/model.safetensors",
    "/api/jobs/{job}/maps/origins.png",
    "/api/images/{picture}",
    "/api/images/{picture}?size=64",
]
WRITING = [
    ("DELETE", "/api/comparisons/{comparison}", None),
    ("POST", "/api/comparisons/{comparison}/runs", {"method": "counting"}),
    ("POST", "/api/comparisons/{comparison}/share", {"shared": False}),
    ("DELETE", "/api/jobs/{job}", None),
    ("POST", "/api/jobs/{job}/pause", None),
    ("POST", "/api/jobs/{job}/resume", None),
    ("POST", "/api/jobs/{job}/cancel", None),
    ("POST", "/api/jobs/{job}/retry", None),
    ("POST", "/api/models/{job}/sample", {}),
    ("POST", "/api/models/{job}/walk", {}),
]
RESTORING = [("POST", "/api/comparisons/{comparison}/restore", None), ("POST", "/api/jobs/{job}/restore", None)]


class Shown(NamedTuple):
    """A comparison of one finished training, on a picture that its owner brought."""

    owner: Session
    ids: dict[str, str]

    def share(self, shared: bool) -> Any:
        answer = self.owner.post(f"/api/comparisons/{self.ids['comparison']}/share", json={"shared": shared})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def shown(session: Session, look: Look, png: bytes) -> Shown:
    picture = session.post("/api/images", files={"file": ("a.png", png)}).json()["id"]
    made = session.start_comparison({"train": True, "origins": True}, source=picture)
    job = made["jobs"][0]["id"]
    viewer = look(session)
    if viewer.watch([job])["jobs"][0]["job"]["state"] != "done":
        viewer.wait_for_state(job, "done")
    return Shown(session, {"comparison": made["id"], "job": job, "picture": picture})


@pytest.fixture
def guest(server: Server) -> Session:
    """Somebody else's browser."""
    return server.session()


def test_nobody_sees_it_before_it_is_shared(shown: Shown, guest: Session) -> None:
    for path in READING:
        assert guest.get(path.format(**shown.ids)).status_code == 404, path
        assert shown.owner.get(path.format(**shown.ids)).status_code == 200, path


@pytest.mark.parametrize(("verb", "path", "body"), [*WRITING, *RESTORING])
def test_nobody_changes_it_before_it_is_shared(
    shown: Shown, guest: Session, verb: str, path: str, body: dict[str, Any] | None
) -> None:
    assert guest.request(verb, path.format(**shown.ids), json=body).status_code == 404


def test_who_has_the_link_sees_all_of_it(shown: Shown, guest: Session) -> None:
    assert shown.share(True)["shared"] is True
    for path in READING:
        assert guest.get(path.format(**shown.ids)).status_code == 200, path
    told = guest.get(f"/api/comparisons/{shown.ids['comparison']}").json()
    assert (told["own"], told["shared"]) == (False, True)
    assert "owner" not in guest.get(f"/api/comparisons/{shown.ids['comparison']}").text


def test_who_has_the_link_changes_nothing(shown: Shown, guest: Session) -> None:
    shown.share(True)
    for verb, path, body in WRITING:
        answer = guest.request(verb, path.format(**shown.ids), json=body)
        assert (answer.status_code, "view it" in answer.json()["detail"]) == (403, True), path
    for verb, path, body in RESTORING:
        assert guest.request(verb, path.format(**shown.ids), json=body).status_code == 404
    for role, id in (("source", "picture"), ("model", "job")):
        images = {"source": "sample:pebbles", role: shown.ids[id]}
        answer = guest.post("/api/jobs", json={"method": "counting", "images": images})
        assert (answer.status_code, answer.json()["field"]) == (422, f"images.{role}")
    assert shown.owner.get(f"/api/jobs/{shown.ids['job']}").json()["state"] == "done"


def test_who_has_the_link_sees_nothing_else(shown: Shown, guest: Session, png: bytes) -> None:
    other = shown.owner.start_job()["id"]
    picture = shown.owner.post("/api/images", files={"file": ("b.png", png)}).json()["id"]
    shown.share(True)
    assert guest.get(f"/api/jobs/{other}").status_code == 404
    assert guest.get(f"/api/images/{picture}").status_code == 404
    assert guest.get("/api/history").json()["entries"] == []
    assert guest.get("/api/models").json()["jobs"] == []
    assert guest.get("/api/jobs").json()["jobs"] == []


def test_what_is_no_longer_shared_is_no_longer_there(shown: Shown, guest: Session) -> None:
    shown.share(True)
    shown.share(False)
    for path in READING:
        assert guest.get(path.format(**shown.ids)).status_code == 404, path


def test_a_guest_watches_live(session: Session, guest: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG)
    viewer = look(guest)
    assert viewer.watch_comparison(made["id"])["problem"]["status"] == 404
    assert viewer.watch([made["jobs"][0]["id"]])["missing"] == [made["jobs"][0]["id"]]
    session.post(f"/api/comparisons/{made['id']}/share", json={"shared": True})
    snapshot = viewer.watch_comparison(made["id"])
    assert snapshot["comparison"]["own"] is False
    assert [told["job"]["id"] for told in snapshot["jobs"]] == [job["id"] for job in made["jobs"]]
    for job in made["jobs"]:
        viewer.wait_for(lambda name, message, job=job: name == "frame" and message["job"] == job["id"], "frame")
    added = session.post(f"/api/comparisons/{made['id']}/runs", json={"method": "counting", "params": LONG}).json()
    viewer.wait_for(lambda name, message: name == "frame" and message["job"] == added["id"], "frame of the added run")
    assert viewer.watch([added["id"]])["jobs"][0]["job"]["id"] == added["id"]


def test_a_guest_hears_that_it_is_over_and_nothing_after_that(session: Session, guest: Session, look: Look) -> None:
    made = session.start_comparison(LONG)
    session.post(f"/api/comparisons/{made['id']}/share", json={"shared": True})
    mine, theirs = look(session), look(guest)
    mine.watch_comparison(made["id"])
    theirs.watch_comparison(made["id"])
    theirs.wait_for_count("frame", 2)
    session.post(f"/api/comparisons/{made['id']}/share", json={"shared": False})
    theirs.wait_for(lambda name, message: name == "comparison", "comparison")
    heard = len(theirs.events)
    mine.wait_for_count("frame", len(mine.of("frame")) + 5)
    assert len(theirs.events) == heard
    assert theirs.watch_comparison(made["id"])["problem"]["status"] == 404
