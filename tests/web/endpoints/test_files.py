"""What a job has left: each file at one address, and at those of before, in both async modes."""

from __future__ import annotations

import pytest

from tests.serving import Server, Session
from tests.web.watching import Viewer

LEFT = {"train": True, "origins": True, "steps": 3}


@pytest.fixture(scope="module")
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture(scope="module")
def job(session: Session) -> str:
    """A job that has left a model and a map."""
    viewer = Viewer(session)
    row = session.start_job(params=LEFT)
    viewer.watch([row["id"]])
    viewer.wait_for_state(row["id"], "done")
    viewer.close()
    return str(row["id"])


def test_each_file_is_where_its_name_says(session: Session, job: str) -> None:
    row = session.get(f"/api/jobs/{job}").json()
    assert row["files"] == ["model.safetensors", "origins.png"]
    kinds = {
        "result.png": "image/png",
        "preview.jpg": "image/jpeg",
        "origins.png": "image/png",
        "model.safetensors": "application/octet-stream",
    }
    for name, kind in kinds.items():
        answer = session.get(f"/api/jobs/{job}/files/{name}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind), name
        assert answer.headers["Content-Disposition"].startswith("attachment" if "model" in name else "inline"), name


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("result.png", "result.png"),
        ("preview.jpg", "preview.jpg"),
        ("model.safetensors", "model.safetensors"),
        ("maps/origins.png", "origins.png"),
    ],
)
def test_the_addresses_of_before_lead_there_too(session: Session, job: str, old: str, name: str) -> None:
    answers = [session.get(f"/api/jobs/{job}/{path}", allow_redirects=False) for path in (old, f"files/{name}")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    "name", ["exemplar.png", "animation.webp", "given.safetensors", "..%2Ftexture.db", "checkpoint"]
)
def test_there_is_nothing_else(session: Session, job: str, name: str) -> None:
    assert session.get(f"/api/jobs/{job}/files/{name}").status_code == 404


def test_a_stranger_gets_none(server: Server, job: str) -> None:
    stranger = server.session()
    assert stranger.get(f"/api/jobs/{job}/files/result.png").status_code == 404
