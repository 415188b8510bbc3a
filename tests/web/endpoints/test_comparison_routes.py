"""Comparisons: started together, watched as one, added to, reported on, in both async modes."""

from __future__ import annotations

import csv
import io
from typing import Any

from PIL import Image

from tests.serving import Server, Session
from tests.web.watching import Look, Viewer

LONG = {"steps": 1_000_000, "work": 1}  # runs until somebody stops it
SHORT, SHORTER = {"steps": 40}, {"steps": 20}


def watch(session: Session, look: Look, comparison: str) -> Viewer:
    viewer = look(session)
    viewer.watch_comparison(comparison)
    return viewer


def finished(session: Session, look: Look, *runs: dict[str, Any], source: str = "sample:pebbles") -> dict[str, Any]:
    """A comparison of runs that are done; of two, unless told."""
    made = session.start_comparison(*runs or (SHORT, SHORTER), source=source)
    viewer = watch(session, look, made["id"])
    for job in made["jobs"]:
        if session.get(f"/api/jobs/{job['id']}").json()["state"] != "done":
            viewer.wait_for_state(job["id"], "done")
    comparison: dict[str, Any] = session.get(f"/api/comparisons/{made['id']}").json()
    return comparison


def test_runs_are_jobs_that_belong_together(session: Session) -> None:
    runs = [{"method": "counting", "preset": "standard", "params": {"tile": "x"}}, {"method": "counting"}]
    answer = session.post("/api/comparisons", json={"images": {"source": "sample:pebbles"}, "runs": runs})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/comparisons/{made['id']}"
    assert (made["exemplar"], made["images"]) == ("Pebbles", {"source": "sample:pebbles"})
    assert (made["shared"], made["own"]) == (False, True)
    assert [job["params"]["tile"] for job in made["jobs"]] == ["x", "both"]
    assert {job["comparison"] for job in made["jobs"]} == {made["id"]}
    assert made["labels"].keys() == {job["id"] for job in made["jobs"]}
    assert "owner" not in made
    again = session.get(f"/api/comparisons/{made['id']}").json()
    assert [job["id"] for job in again["jobs"]] == [job["id"] for job in made["jobs"]]


def test_the_list_of_jobs_says_what_their_comparisons_are_called(session: Session) -> None:
    named = session.start_comparison(SHORT)["id"]
    session.start_comparison(SHORT)
    session.patch(f"/api/comparisons/{named}", json={"name": "Walls"})
    assert session.get("/api/jobs").json()["names"] == {named: "Walls"}
    session.patch(f"/api/comparisons/{named}", json={"name": ""})
    assert session.get("/api/jobs").json()["names"] == {}


def test_a_second_tab_is_whole_at_once(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG)
    ids = [job["id"] for job in made["jobs"]]
    first = watch(session, look, made["id"])
    for id in ids:
        first.wait_for(lambda name, message, id=id: name == "frame" and message["job"] == id, "frame of each run")
    snapshot = look(session).watch_comparison(made["id"])
    assert snapshot["comparison"]["id"] == made["id"]
    assert snapshot["comparison"]["own"] is True
    assert [job["id"] for job in snapshot["comparison"]["jobs"]] == ids
    assert [told["job"]["id"] for told in snapshot["jobs"]] == ids
    assert all(told["points"] and told["frame"] for told in snapshot["jobs"])
    assert (snapshot["missing"], snapshot["weights"]["state"]) == ([], "missing")


def test_finished_runs_are_in_the_snapshot_too(session: Session, look: Look) -> None:
    comparison = finished(session, look)
    snapshot = look(session).watch_comparison(comparison["id"])
    assert [told["job"]["state"] for told in snapshot["jobs"]] == ["done", "done"]
    assert [told["points"][-1]["number"] for told in snapshot["jobs"]] == [40, 20]


def test_no_more_pictures_come_along_than_a_browser_takes(session: Session, look: Look, png: bytes) -> None:
    """Socket.IO's own client ends the connection over an eleventh attachment."""
    small = session.post("/api/images", files={"file": png}).json()["id"]  # each run is measured against it at its end
    comparison = finished(session, look, *[{"steps": 2, "seed": seed} for seed in range(12)], source=small)
    told = look(session).watch_comparison(comparison["id"])["jobs"]
    assert len(told) == 12
    assert sum(job["frame"] is not None for job in told) == 10


def test_a_run_that_is_added_in_the_midst_arrives_by_itself(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG)
    viewer = watch(session, look, made["id"])
    viewer.wait_for_count("frame", 2)
    answer = session.post(f"/api/comparisons/{made['id']}/runs", json={"method": "counting", "params": LONG})
    added = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/jobs/{added['id']}")
    assert added["comparison"] == made["id"]
    viewer.wait_for(lambda name, message: name == "comparison" and message == {"id": made["id"]}, "comparison")
    viewer.wait_for(lambda name, message: name == "frame" and message["job"] == added["id"], "frame of the new run")
    jobs = session.get(f"/api/comparisons/{made['id']}").json()["jobs"]
    assert [job["id"] for job in jobs] == [made["jobs"][0]["id"], added["id"]]


def test_one_run_is_paused_and_the_other_goes_on(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG)
    first, second = (job["id"] for job in made["jobs"])
    viewer = watch(session, look, made["id"])
    viewer.wait_for(lambda name, message: name == "frame" and message["job"] == first, "frame")
    session.post(f"/api/jobs/{first}/pause")
    viewer.wait_for_state(first, "paused")
    steps = [message["number"] for message in viewer.of("step") if message["job"] == second]
    reached = max(steps, default=0)
    viewer.wait_for(
        lambda name, message: name == "step" and message["job"] == second and message["number"] > reached, "later step"
    )


def test_a_comparison_and_all_that_is_mine_are_watched_together(session: Session, look: Look) -> None:
    comparison = finished(session, look)
    single = session.start_job(params=LONG)["id"]
    viewer = look(session)
    snapshot = viewer.call("watch", {"jobs": "mine", "comparison": comparison["id"]})
    assert {told["job"]["id"] for told in snapshot["jobs"]} == {single, *(job["id"] for job in comparison["jobs"])}
    later = session.start_job()["id"]
    viewer.wait_for_state(later, "done")


def test_two_unacknowledged_frames_for_all_panels_together(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG, LONG)
    quick, stalled = watch(session, look, made["id"]), look(session, acknowledges=False)
    stalled.watch_comparison(made["id"])
    quick.wait_for_count("frame", 15)
    assert len(stalled.of("frame")) == 2


def test_steps_tell_both_clocks(session: Session, look: Look) -> None:
    made = session.start_comparison(LONG, LONG)
    viewer = watch(session, look, made["id"])
    viewer.wait_for_count("step", 6)
    step = viewer.of("step")[-1]
    assert 0 < step["seconds"] <= step["wall"]
    assert 0 < step["done"] < 1
    point = session.get(f"/api/jobs/{step['job']}/points").json()["points"][-1]
    assert 0 < point["seconds"] <= point["wall"]


def test_the_table_has_a_line_for_each_run(session: Session, look: Look) -> None:
    comparison = finished(session, look)
    answer = session.get(f"/api/comparisons/{comparison['id']}/table.csv")
    name = f"pebbles-comparison-{comparison['id'][:8]}.csv"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["run"] for line in lines] == [comparison["labels"][job["id"]] for job in comparison["jobs"]]
    assert [line["steps"] for line in lines] == ["40", "20"]


def test_the_curves_have_a_line_for_each_point(session: Session, look: Look) -> None:
    comparison = finished(session, look)
    answer = session.get(f"/api/comparisons/{comparison['id']}/curves.csv")
    assert answer.headers["Content-Disposition"].endswith('-curves.csv"')
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    for job in comparison["jobs"]:
        points = session.get(f"/api/jobs/{job['id']}/points").json()["points"]
        assert sum(line["run"] == comparison["labels"][job["id"]] for line in lines) == len(points)


def test_the_sheet_is_a_picture_of_it_all(session: Session, look: Look) -> None:
    comparison = finished(session, look)
    answer = session.get(f"/api/comparisons/{comparison['id']}/sheet.png")
    assert answer.headers["Content-Disposition"].endswith('.png"')
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.format == "PNG"
    assert picture.width > 1000
    assert len(picture.convert("RGB").getcolors(2**24)) > 1000, "pictures are on it"


def test_jobs_are_put_side_by_side_afterwards(session: Session, server: Server, look: Look) -> None:
    one, other = (finished(session, look, SHORTER)["jobs"][0]["id"] for _ in range(2))
    clay = session.start_job(images={"source": "sample:clay"}, params=LONG)["id"]
    beside = f"/api/comparisons/{clay}+{one}+{other}"
    made = session.get(beside).json()
    assert [job["id"] for job in made["jobs"]] == [clay, one, other]
    assert (made["kept"], made["own"], made["exemplar"], made["images"]) == (False, True, "Cracked clay, Pebbles", {})
    assert len(list(csv.reader(io.StringIO(session.get(f"{beside}/table.csv").text)))) == 4
    assert Image.open(io.BytesIO(session.get(f"{beside}/sheet.png").content)).width > 1000
    snapshot = look(session).watch_comparison(f"{clay}+{one}+{other}")
    assert [told["job"]["id"] for told in snapshot["jobs"]] == [clay, one, other]
    for answer in (
        session.post(f"{beside}/runs", json={"method": "counting"}),
        session.post(f"{beside}/share", json={"shared": True}),
        session.patch(beside, json={"star": True}),
        session.delete(beside),
    ):
        assert answer.status_code == 404
        assert "not kept as a comparison" in answer.json()["detail"]
    assert server.session().get(beside).status_code == 404


def test_reports_are_there_before_anything_has_run(session: Session) -> None:
    waiting = session.start_comparison({**LONG, "steps": 10_000_000})
    for name in ("table.csv", "curves.csv", "sheet.png"):
        assert session.get(f"/api/comparisons/{waiting['id']}/{name}").ok
