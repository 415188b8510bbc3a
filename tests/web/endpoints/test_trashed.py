"""Throwing away and having back: jobs and comparisons, in both async modes."""

from __future__ import annotations

from tests.serving import Server, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}
NOBODY = "0" * 32


def test_a_job_that_was_thrown_away_is_hidden_and_comes_back_as_it_was(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job()["id"]
    viewer.wait_for_state(job, "done")
    before = session.get(f"/api/jobs/{job}/result.png").content
    assert session.delete(f"/api/jobs/{job}").status_code == 204
    viewer.wait_for(lambda name, message: name == "deleted" and message["job"] == job, "deleted job")
    for name in ("", "/points", "/preview.jpg", "/result.png", "/result", "/iterations", "/tiled.png"):
        assert session.get(f"/api/jobs/{job}{name}").status_code == 404
    assert session.get("/api/jobs").json()["jobs"] == []
    assert session.get("/api/history").json()["entries"] == []
    assert session.delete(f"/api/jobs/{job}").status_code == 404
    answer = session.post(f"/api/jobs/{job}/restore")
    assert (answer.status_code, answer.json()["state"]) == (200, "done")
    assert session.get(f"/api/jobs/{job}/result.png").content == before
    assert [row["id"] for row in session.get("/api/jobs").json()["jobs"]] == [job]


def test_what_was_running_comes_back_cancelled_and_goes_on_from_there(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params=LONG)["id"]
    viewer.wait_for_count("frame", 3)
    session.delete(f"/api/jobs/{job}")
    viewer.wait_for(lambda name, message: name == "deleted" and message["job"] == job, "deleted job")
    reached = viewer.of("step")[-1]["number"]
    assert session.post(f"/api/jobs/{job}/restore").json()["state"] == "cancelled"
    session.post(f"/api/jobs/{job}/retry")
    newest = max(viewer.seqs())
    later = viewer.wait_for(
        lambda name, message: name == "step" and message["job"] == job and message["seq"] > newest, "later step"
    )
    assert later["number"] > reached


def test_a_comparison_goes_and_comes_as_a_whole(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG)
    path = f"/api/comparisons/{made['id']}"
    viewer = look(session)
    viewer.watch_comparison(made["id"])
    viewer.wait_for_count("frame", 3)
    assert session.delete(path).status_code == 204
    for job in made["jobs"]:
        viewer.wait_for(
            lambda name, message, job=job: name == "deleted" and message["job"] == job["id"], "two deleted jobs"
        )
    assert session.get(path).status_code == 404
    assert session.get("/api/history").json()["entries"] == []
    assert viewer.watch_comparison(made["id"])["problem"]["status"] == 404
    assert session.post(f"/api/jobs/{made['jobs'][0]['id']}/restore").status_code == 409
    answer = session.post(f"{path}/restore")
    assert answer.status_code == 200
    assert [job["state"] for job in answer.json()["jobs"]] == ["cancelled", "cancelled"]
    assert session.get(path).ok


def test_a_run_that_was_thrown_away_leaves_its_comparison_until_it_is_back(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG)
    first, second = (job["id"] for job in made["jobs"])
    viewer = look(session)
    viewer.watch_comparison(made["id"])
    session.delete(f"/api/jobs/{first}")
    viewer.wait_for(lambda name, _: name == "comparison", "comparison")
    left = session.get(f"/api/comparisons/{made['id']}").json()
    assert [job["id"] for job in left["jobs"]] == [second]
    session.post(f"/api/jobs/{first}/restore")
    viewer.wait_for_state(first, "cancelled")
    whole = session.get(f"/api/comparisons/{made['id']}").json()
    assert [job["id"] for job in whole["jobs"]] == [first, second]


def test_what_is_not_in_the_trash_is_restored_without_harm(session: Session) -> None:
    made = session.start_comparison(LONG)
    job = made["jobs"][0]["id"]
    assert session.post(f"/api/jobs/{job}/restore").json()["state"] in ("queued", "running")
    assert session.post(f"/api/comparisons/{made['id']}/restore").json()["id"] == made["id"]


def test_only_who_threw_it_away_has_it_back(server: Server, session: Session) -> None:
    made = session.start_comparison(LONG)
    job = session.start_job(params=LONG)["id"]
    paths = (f"/api/jobs/{job}", f"/api/comparisons/{made['id']}")
    for path in paths:
        session.delete(path)
    other = server.session()
    for path in (*paths, f"/api/jobs/{NOBODY}", f"/api/comparisons/{NOBODY}"):
        answer = other.post(f"{path}/restore")
        assert (answer.status_code, "no such" in answer.json()["detail"]) == (404, True)
