"""Each call and each event, used as it is meant to be, in both async modes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.serving import Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}  # runs until somebody stops it


def test_health(session: Session) -> None:
    health = session.get("/api/health").json()
    assert health["status"] == "ok"
    assert health["device"] == "auto"
    assert health["queue"] == 0
    assert health["weights"]["state"] == "missing"
    assert "python -m texture weights" in health["weights"]["message"]


def test_fetching_weights_again_is_harmless(session: Session) -> None:
    answer = session.post("/api/weights")
    assert answer.status_code == 202
    assert answer.json()["state"] in ("missing", "fetching")


def test_methods_carry_their_schema(session: Session) -> None:
    listed = session.get("/api/methods").json()["methods"]
    gatys = next(method for method in listed if method["name"] == "gatys")
    assert gatys["network"] == "vgg19"
    assert gatys["schema"]["properties"]["seed"]["minimum"] == 0
    assert "counting" not in [method["name"] for method in listed]


def test_unlisted_methods_for_tests(session: Session) -> None:
    listed = session.get("/api/methods?unlisted=true").json()["methods"]
    assert "counting" in [method["name"] for method in listed]


def test_samples_are_pictures(session: Session) -> None:
    samples = session.get("/api/samples").json()["samples"]
    assert samples
    for sample in samples:
        answer = session.get(sample["url"], params={"size": 64})
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, max(picture.size)) == ("JPEG", 64)


def test_a_picture_comes_back_as_it_was(session: Session, png: bytes) -> None:
    answer = session.post("/api/images", files={"file": ("../stones\x00.png", png)})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["width"], made["height"], made["name"]) == (64, 48, "stones.png")
    assert "owner" not in made
    assert answer.headers["Location"] == made["url"]
    back = session.get(made["url"])
    assert back.headers["Content-Type"] == "image/png"
    assert np.array_equal(pixels(back.content), pixels(png))


def test_a_picture_is_kept_by_the_browser(session: Session, png: bytes) -> None:
    url = session.post("/api/images", files={"file": ("a.png", png)}).json()["url"]
    answer = session.get(url)
    assert "immutable" in answer.headers["Cache-Control"]
    again = session.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_job_from_start_to_download(session: Session, look: Look, png: bytes) -> None:
    viewer = look(session)
    assert viewer.watch("mine")["jobs"] == []
    source = session.post("/api/images", files={"file": ("a.png", png)}).json()["id"]
    answer = session.post(
        "/api/jobs",
        json={"method": "counting", "preset": "standard", "images": {"source": source}, "params": {"size": "64x32"}},
    )
    row = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/jobs/{row['id']}"
    assert row["params"]["size"] == "64x32"
    assert row["params"]["steps"] == 20
    assert row["images"] == {"source": source}
    assert "owner" not in row
    done = viewer.wait_for_state(row["id"], "done")
    assert done["number"] == done["total"] == 20
    assert done["losses"].keys() == {"distance"}
    assert viewer.of("step")
    assert without_seq(session.get(f"/api/jobs/{row['id']}").json()) == without_seq(done)
    assert session.get(f"/api/jobs/{row['id']}/points").json()["points"][-1]["number"] == 20
    result = session.get(f"/api/jobs/{row['id']}/result.png")
    assert pixels(result.content).shape == (32, 64, 3)
    assert b"texture-lab" in result.content
    tiled = session.get(f"/api/jobs/{row['id']}/tiled.png", params={"columns": 3, "rows": 2})
    assert np.array_equal(pixels(tiled.content), np.tile(pixels(result.content), (2, 3, 1)))
    assert Image.open(io.BytesIO(session.get(f"/api/jobs/{row['id']}/preview.jpg").content)).format == "JPEG"


def test_pictures_of_a_job_are_asked_for_again_by_etag(session: Session, look: Look) -> None:
    job = finished(session, look)
    for name in ("preview.jpg", "result.png", "tiled.png"):
        answer = session.get(f"/api/jobs/{job}/{name}")
        assert answer.headers["Cache-Control"] == "no-cache"
        again = session.get(f"/api/jobs/{job}/{name}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_pause_resume_cancel_retry_delete(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params=LONG)["id"]
    viewer.wait_for_state(job, "running")
    assert session.post(f"/api/jobs/{job}/pause").json()["state"] == "paused"
    viewer.wait_for_state(job, "paused")
    assert session.post(f"/api/jobs/{job}/resume").json()["state"] in ("queued", "running")
    assert session.post(f"/api/jobs/{job}/cancel").json()["state"] == "cancelled"
    viewer.wait_for_state(job, "cancelled")
    assert session.post(f"/api/jobs/{job}/retry").json()["state"] in ("queued", "running")
    assert session.delete(f"/api/jobs/{job}").status_code == 204
    viewer.wait_for(lambda name, message: name == "deleted" and message["job"] == job, "deleted job")
    assert session.get(f"/api/jobs/{job}").status_code == 404


def test_a_paused_job_has_its_picture_so_far(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params=LONG)["id"]
    viewer.wait_for_count("frame", 2)
    running = session.get(f"/api/jobs/{job}/result.png")
    assert running.status_code == 409
    session.post(f"/api/jobs/{job}/pause")
    viewer.wait_for_state(job, "paused")
    assert pixels(session.get(f"/api/jobs/{job}/result.png").content).shape == (64, 64, 3)


def test_a_failed_job_says_why(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params={"fail_at": 3})["id"]
    assert "step 3" in viewer.wait_for_state(job, "failed")["message"]


def test_jobs_come_in_pages_newest_first(session: Session) -> None:
    made = [session.start_job(params=LONG)["id"] for _ in range(5)]
    for job in made:
        session.post(f"/api/jobs/{job}/cancel")
    first = session.get("/api/jobs", params={"limit": 3, "state": "cancelled"}).json()
    assert [row["id"] for row in first["jobs"]] == made[:1:-1]
    second = session.get("/api/jobs", params={"limit": 3, "before": first["next"]}).json()
    assert ([row["id"] for row in second["jobs"]], second["next"]) == (made[1::-1], None)
    assert session.get("/api/jobs", params={"state": "done"}).json() == {"jobs": [], "names": {}, "next": None}


def test_a_second_tab_is_whole_at_once(session: Session, look: Look) -> None:
    first = look(session)
    first.watch("mine")
    job = session.start_job(params=LONG)["id"]
    first.wait_for_count("frame", 3)
    session.post(f"/api/jobs/{job}/pause")
    paused = first.wait_for_state(job, "paused")
    for jobs in ("mine", [job]):
        snapshot = look(session).watch(jobs)
        assert snapshot["missing"] == []
        assert snapshot["weights"]["state"] == "missing"
        (told,) = snapshot["jobs"]
        assert without_seq(told["job"]) == without_seq(paused)
        assert told["points"][-1]["number"] <= paused["number"]
        picture = Image.open(io.BytesIO(told["frame"]["data"]))
        assert picture.size == (told["frame"]["width"], told["frame"]["height"]) == (64, 64)


def test_mine_is_every_unfinished_job_however_many_there_are(session: Session, look: Look) -> None:
    first = session.start_job(params=LONG)["id"]
    others = [session.start_job(params=LONG)["id"] for _ in range(60)]
    told = [one["job"]["id"] for one in look(session).watch("mine")["jobs"]]
    assert sorted(told) == sorted([first, *others])
    for job in [first, *others]:
        session.delete(f"/api/jobs/{job}")


def test_a_reconnecting_viewer_goes_on_with_newer_events(session: Session, look: Look) -> None:
    first = look(session)
    first.watch("mine")
    job = session.start_job(params=LONG)["id"]
    first.wait_for_count("step", 2)
    first.close()
    newest = max(first.seqs())
    second = look(session)
    snapshot = second.watch([job])
    assert snapshot["jobs"][0]["job"]["state"] == "running"
    second.wait_for_count("frame", 1)
    assert min(second.seqs()) > newest


def test_a_new_job_appears_in_another_tab(session: Session, look: Look) -> None:
    tab = look(session)
    tab.watch("mine")
    job = session.start_job()["id"]
    assert tab.wait_for_state(job, "done")


def test_frames_are_pictures_and_numbers_grow(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    session.start_job(params={**LONG, "size": "128x64"})
    viewer.wait_for_count("frame", 5)
    frames = viewer.of("frame")
    assert [Image.open(io.BytesIO(frame["data"])).size for frame in frames] == [(128, 64)] * len(frames)
    numbers = [frame["number"] for frame in frames]
    assert numbers == sorted(set(numbers))


def test_the_seq_of_a_job_only_grows(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params={"steps": 2000})["id"]
    viewer.wait_for_state(job, "done")
    assert len(viewer.events) > 3
    for kind in ("job", "step", "frame"):
        numbers = [message["seq"] for message in viewer.of(kind)]
        assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("path", ["/", "/jobs/0123", "/comparisons/0123", "/history", "/models"])
def test_every_address_leads_to_the_one_page(session: Session, path: str) -> None:
    page = session.get(path)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<title>Texture Lab</title>" in page.text


def test_the_api_describes_itself(session: Session) -> None:
    document = session.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert "/api/openapi.json" in session.get("/api/docs").text


def finished(session: Session, look: Look) -> str:
    viewer = look(session)
    viewer.watch("mine")
    job: str = session.start_job()["id"]
    viewer.wait_for_state(job, "done")
    return job


def without_seq(row: dict[str, Any]) -> dict[str, Any]:
    """An event's seq may be above the one that the row keeps."""
    return {name: value for name, value in row.items() if name != "seq"}


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
