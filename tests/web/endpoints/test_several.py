"""Several jobs and comparisons dealt with in one call: deleted, restored, downloaded."""

from __future__ import annotations

import io
import zipfile

import pytest
import requests

from tests.serving import Server, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}
NOBODY = "0" * 32


def ids(session: Session) -> set[str]:
    return {entry["id"] for entry in session.get("/api/history").json()["entries"]}


def done(session: Session, look: Look, *jobs: str) -> None:
    viewer = look(session)
    viewer.watch(list(jobs))
    for job in jobs:
        viewer.wait_for_state(job, "done")


def unpack(answer: requests.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {about.compress_type for about in archive.infolist()} == {zipfile.ZIP_STORED}
        return {name: archive.read(name) for name in archive.namelist()}


def test_they_go_together_and_come_back_together(session: Session, look: Look) -> None:
    first, second, kept = (session.start_job(params=LONG)["id"] for _ in range(3))
    made = session.start_comparison(LONG, LONG)
    several = {"jobs": [first, second], "comparisons": [made["id"]]}
    viewer = look(session)
    viewer.watch([first, made["jobs"][0]["id"]])
    assert session.post("/api/history/delete", json=several).status_code == 204
    for job in (first, made["jobs"][0]["id"]):
        viewer.wait_for(lambda name, message, job=job: name == "deleted" and message["job"] == job, "deleted")
    assert ids(session) == {kept}
    back = session.post("/api/history/restore", json=several)
    assert back.status_code == 200
    assert [row["state"] for row in back.json()["jobs"]] == ["cancelled", "cancelled"]
    assert [len(one["jobs"]) for one in back.json()["comparisons"]] == [2]
    assert ids(session) == {first, second, kept, made["id"]}


def test_nothing_of_another_session_is_touched(server: Server, session: Session, look: Look) -> None:
    job, made = session.start_job(params={"steps": 1})["id"], session.start_comparison({"steps": 1})["id"]
    done(session, look, job)
    session.post(f"/api/comparisons/{made}/share", json={"shared": True})
    other = server.session()
    own = other.start_job(params=LONG)["id"]
    for several, status in (({"jobs": [own, job]}, 404), ({"jobs": [own], "comparisons": [made]}, 403)):
        assert other.post("/api/history/delete", json=several).status_code == status
    assert other.get("/api/history/results.zip", params={"jobs": job}).status_code == 404
    assert (ids(session), ids(other)) == ({job, made}, {own}), "and nothing of its own, either"
    session.post("/api/history/delete", json={"jobs": [job], "comparisons": [made]})
    for several in ({"jobs": [job]}, {"comparisons": [made]}):
        assert other.post("/api/history/restore", json=several).status_code == 404
    assert ids(session) == set()
    other.delete(f"/api/jobs/{own}")


@pytest.mark.parametrize("call", ["delete", "restore"])
def test_at_most_a_hundred_of_each(session: Session, call: str) -> None:
    for kind in ("jobs", "comparisons"):
        answer = session.post(f"/api/history/{call}", json={kind: [NOBODY] * 101})
        assert (answer.status_code, answer.json()["field"]) == (422, kind)
        assert session.post(f"/api/history/{call}", json={kind: [NOBODY]}).status_code == 404


def test_the_results_come_in_one_archive_as_they_are(session: Session, look: Look, png: bytes) -> None:
    picture = session.post("/api/images", files={"file": ("Bricks.jpg", png)}).json()["id"]
    params = {"steps": 1, "size": "64x32", "seed": 3}
    one, equal = (session.start_job(params=params, images={"source": picture})["id"] for _ in range(2))
    made = session.start_comparison({"steps": 1, "seed": 5}, {"steps": 1, "seed": 6})
    running = session.start_job(params=LONG)["id"]
    done(session, look, one, equal, *(job["id"] for job in made["jobs"]))
    query = {"jobs": f"{one},{equal},{running}", "comparisons": made["id"]}
    answer = session.get("/api/history/results.zip", params=query)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="textures.zip"'
    found = unpack(answer)
    assert list(found) == [
        "bricks-counting-64x32-seed3.png",
        "bricks-counting-64x32-seed3-2.png",
        "pebbles-counting-64-seed5.png",
        "pebbles-counting-64-seed6.png",
    ]
    for job, data in zip((one, equal), found.values(), strict=False):
        assert data == session.get(f"/api/jobs/{job}/result.png").content


def test_without_any_result_there_is_no_archive(session: Session) -> None:
    running = session.start_job(params=LONG)["id"]
    for jobs in ("", running):
        answer = session.get("/api/history/results.zip", params={"jobs": jobs})
        assert (answer.status_code, answer.json()["detail"]) == (409, "none of these has a result yet")


@pytest.mark.parametrize("jobs", ["x", f"{NOBODY},", ",".join([NOBODY] * 101)])
def test_what_are_no_ids_is_refused(session: Session, jobs: str) -> None:
    assert session.get("/api/history/results.zip", params={"jobs": jobs}).status_code == 422


def test_the_history_is_searched_by_name_state_and_star(session: Session) -> None:
    plain, marked = (session.start_job(params=LONG)["id"] for _ in range(2))
    session.patch(f"/api/jobs/{marked}", json={"name": "Courtyard", "star": True})
    session.post(f"/api/jobs/{plain}/cancel")
    for query, expected in (
        ({"text": "court"}, {marked}),
        ({"text": "PEBB"}, {plain, marked}),
        ({"starred": "true"}, {marked}),
        ({"starred": "false", "text": ""}, {plain, marked}),
        ({"state": "cancelled"}, {plain}),
    ):
        entries = session.get("/api/history", params=query).json()["entries"]
        assert {entry["id"] for entry in entries} == expected, query
    assert session.get("/api/history", params={"state": "asleep"}).status_code == 422
