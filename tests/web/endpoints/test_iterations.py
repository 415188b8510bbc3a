"""The iterations of a job, one by one and as an animation, in both async modes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.serving import Server, Session
from tests.web.watching import Viewer


@pytest.fixture(scope="module")
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture(scope="module")
def job(session: Session) -> str:
    return finished(session, 30, work=100)


def finished(session: Session, steps: int, work: int = 0) -> str:
    """A job that has done so many steps."""
    viewer = Viewer(session)
    row = session.start_job(params={"steps": steps, "work": work, "size": "96x64", "seed": 3})
    viewer.watch([row["id"]])
    viewer.wait_for_state(row["id"], "done")
    viewer.close()
    return str(row["id"])


def numbers(session: Session, job: str) -> list[int]:
    """What the server says is kept."""
    found: list[int] = session.get(f"/api/jobs/{job}/iterations").json()["numbers"]
    return found


def test_each_is_a_small_picture_that_does_not_change(session: Session, job: str) -> None:
    listed = numbers(session, job)
    assert listed[0] == 1
    assert 2 <= len(listed) < 30
    for number in listed:
        answer = session.get(f"/api/jobs/{job}/iterations/{number}.jpg")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert f'filename="pebbles-counting-96x64-seed3-step{number}.jpg"' in answer.headers["Content-Disposition"]
        assert "immutable" in answer.headers["Cache-Control"]
        assert Image.open(io.BytesIO(answer.content)).size == (96, 64)


@pytest.mark.parametrize(("query", "beat"), [("", 100), ("?fps=25", 40)])
def test_all_of_them_are_an_animation_that_holds_its_end(session: Session, job: str, query: str, beat: int) -> None:
    answer = session.get(f"/api/jobs/{job}/iterations.webp{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert 'filename="pebbles-counting-96x64-seed3-iterations.webp"' in answer.headers["Content-Disposition"]
    animation = Image.open(io.BytesIO(answer.content))
    durations = []
    for frame in range(animation.n_frames):  # type: ignore[attr-defined]
        animation.seek(frame)
        animation.load()
        durations.append(animation.info["duration"])
    assert animation.size == (96, 64)
    assert durations == [beat] * len(numbers(session, job)) + [beat + 1000]


def test_of_one_picture_there_is_nothing_to_see(session: Session) -> None:
    job = finished(session, 1)
    assert numbers(session, job) == []
    answer = session.get(f"/api/jobs/{job}/iterations.webp")
    assert (answer.status_code, "no pictures" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("query", ["fps=0", "fps=61", "fps=fast", "fps=2.5", "seconds=3"])
def test_a_pace_that_cannot_be(session: Session, job: str, query: str) -> None:
    answer = session.get(f"/api/jobs/{job}/iterations.webp?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, query.partition("=")[0])


@pytest.mark.parametrize(
    "name", ["2.png", "0.jpg", "99.jpg", "-1.jpg", "1", "..%2Fpreview.jpg", "٣.jpg", f"{'9' * 5000}.jpg"]
)
def test_there_is_nothing_else(session: Session, job: str, name: str) -> None:
    assert session.get(f"/api/jobs/{job}/iterations/{name}").status_code == 404


def test_strangers_get_none_and_a_deleted_job_has_none(server: Server, session: Session) -> None:
    job = finished(session, 30, work=100)
    for asking in (server.session(), session):
        if asking is session:
            assert session.delete(f"/api/jobs/{job}").status_code == 204
        for name in ("iterations", "iterations/1.jpg", "iterations.webp"):
            assert asking.get(f"/api/jobs/{job}/{name}").status_code == 404
