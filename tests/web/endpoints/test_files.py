"""What a job has left: each file at one address, and at those of before, in both async modes."""

from __future__ import annotations

import io
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

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


def test_all_of_them_come_in_one_archive(session: Session, job: str) -> None:
    answer = session.get(f"/api/jobs/{job}/files.zip")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    archive = ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    start = "pebbles-counting-64-seed0"
    named = {".png": "result.png", "-origins.png": "origins.png", ".safetensors": "model.safetensors"}
    assert archive.namelist() == [start + ending for ending in named]
    for ending, name in named.items():
        assert archive.read(start + ending) == session.get(f"/api/jobs/{job}/files/{name}").content, name


def test_a_job_that_waits_or_is_not_there_has_no_archive(session: Session, server: Server, job: str) -> None:
    slow = session.start_job(params={"steps": 10_000_000})["id"]
    assert session.get(f"/api/jobs/{slow}/files.zip").status_code == 409
    session.post(f"/api/jobs/{slow}/cancel")
    assert session.get("/api/jobs/nothing/files.zip").status_code == 404
    assert server.session().get(f"/api/jobs/{job}/files.zip").status_code == 404


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


@pytest.mark.parametrize(
    ("format", "ending", "exact"), [("png", ".png", True), ("jpeg", ".jpg", False), ("webp", ".webp", True)]
)
def test_the_result_comes_in_the_format_that_is_asked_for(
    session: Session, job: str, format: str, ending: str, exact: bool
) -> None:
    result = session.get(f"/api/jobs/{job}/files/result.png").content
    answer = session.get(f"/api/jobs/{job}/result", params={"format": format})
    assert answer.headers["Content-Type"] == f"image/{format}"
    assert f'filename="pebbles-counting-64-seed0{ending}"' in answer.headers["Content-Disposition"]
    pixels, ours = np.asarray(Image.open(io.BytesIO(answer.content))), np.asarray(Image.open(io.BytesIO(result)))
    assert np.array_equal(pixels, ours) == exact
    assert np.abs(pixels.astype(int) - ours).mean() < 4
    assert (answer.content == result) == (format == "png")


def test_a_result_comes_as_it_is_where_no_format_is_asked_for(session: Session, job: str) -> None:
    assert session.get(f"/api/jobs/{job}/result").content == session.get(f"/api/jobs/{job}/result.png").content


def test_a_stranger_gets_none(server: Server, job: str) -> None:
    stranger = server.session()
    assert stranger.get(f"/api/jobs/{job}/files/result.png").status_code == 404
