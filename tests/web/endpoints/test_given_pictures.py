"""Pictures in roles, and the maps that explain a picture, in both async modes."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from PIL import Image

from tests.serving import Session
from tests.web.watching import Look

ALL = {
    "source": "sample:pebbles",
    "content": "sample:clay",
    "style2": "sample:marble",
    "mask": "sample:weave",
    "initial": "sample:pebbles",
}


def done(session: Session, look: Look, job: str) -> dict[str, Any]:
    viewer = look(session)
    row: dict[str, Any] = viewer.watch([job])["jobs"][0]["job"]
    return row if row["state"] == "done" else viewer.wait_for_state(job, "done")


def picture(session: Session, path: str) -> np.ndarray[Any, Any]:
    answer = session.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_methods_say_which_pictures_they_take_and_need(session: Session) -> None:
    listed = session.get("/api/methods?unlisted=true").json()["methods"]
    roles = {method["name"]: method["roles"] for method in listed}
    assert [role["name"] for role in roles["counting"]] == [*ALL, "model"]
    assert [role["name"] for role in roles["counting"] if role["needed"]] == ["source"]
    assert roles["counting"][1]["title"] == "Content"


def test_a_job_is_given_a_picture_in_every_role(session: Session, look: Look, png: bytes) -> None:
    mask = session.post("/api/images", files={"file": ("mask.png", png)}).json()["id"]
    row = session.start_job(images={**ALL, "mask": mask}, params={"steps": 3})
    assert row["images"] == {**ALL, "mask": mask}
    assert row["names"] == {
        "source": "Pebbles",
        "content": "Cracked clay",
        "style2": "Marble",
        "mask": "mask.png",
        "initial": "Pebbles",
    }
    done(session, look, row["id"])


def test_several_source_textures_are_kept_as_all_pictures_are(session: Session) -> None:
    guide = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(guide, "PNG")
    painted = session.post("/api/images", files={"file": ("guide.png", guide.getvalue())}).json()["id"]
    images = {"source": "sample:pebbles", "source2": "sample:marble", "guide": painted}
    row = session.start_job(method="match", images=images, params={"size": "64", "rounds": "2 1"})
    assert row["images"] == images
    assert row["names"] == {"source": "Pebbles", "source2": "Marble", "guide": "guide.png"}


def test_each_run_of_a_comparison_is_given_what_its_method_takes(session: Session) -> None:
    runs = [{"method": "counting"}, {"method": "gatys"}]
    made = session.post("/api/comparisons", json={"images": ALL, "runs": runs}).json()
    assert made["images"] == ALL
    assert [job["images"] for job in made["jobs"]] == [ALL, {role: ALL[role] for role in ("source", "initial")}]
    added = session.post(f"/api/comparisons/{made['id']}/runs", json={"method": "counting"}).json()
    assert added["images"] == ALL


def test_pictures_that_do_not_fit_are_refused_before_anything_is_queued(session: Session, png: bytes) -> None:
    mask = session.post("/api/images", files={"file": ("mask.png", png)}).json()["id"]
    images = {"source": "sample:pebbles", "content": "sample:cat", "mask": mask}
    job = {"method": "style", "images": images}

    answer = session.post("/api/jobs", json=job)
    assert (answer.status_code, answer.json()["field"]) == (422, "images.mask")
    assert re.search(r"^the mask is \d+x\d+ pixels and the content 451x300", answer.json()["detail"])

    del images["mask"]
    answer = session.post("/api/jobs", json={**job, "params": {"blend": "1 2"}})
    assert (answer.status_code, answer.json()["field"]) == (422, "params.blend")

    runs = [{"method": "style"}, {"method": "cnnmrf", "params": {"start": "picture"}}]
    answer = session.post("/api/comparisons", json={"images": images, "runs": runs})
    assert (answer.status_code, answer.json()["field"]) == (422, "images.initial")
    assert answer.json()["detail"].startswith("Neural patches: start=picture: a picture to start from is needed")

    runs[1] = {"method": "style", "params": {"blend": "1 2"}}
    answer = session.post("/api/comparisons", json={"images": images, "runs": runs})
    assert (answer.status_code, answer.json()["field"]) == (422, "runs.1.params.blend")
    assert session.get("/api/jobs").json()["jobs"] == []

    made = session.post("/api/comparisons", json={"images": images, "runs": runs[:1]}).json()
    answer = session.post(f"/api/comparisons/{made['id']}/runs", json=runs[1])
    assert (answer.status_code, answer.json()["field"]) == (422, "params.blend")


def test_a_map_is_there_while_the_job_runs_and_stays_when_it_has_ended(session: Session, look: Look) -> None:
    job = session.start_job(params={"steps": 1_000_000, "work": 1, "origins": True})["id"]
    viewer = look(session)
    viewer.watch([job])
    viewer.wait_for(lambda name, message: name == "job" and message["row"]["files"] == ["origins.png"], "map")
    path = f"/api/jobs/{job}/maps/origins.png"
    first = picture(session, path)
    assert first.shape == (64, 64, 3)
    session.post(f"/api/jobs/{job}/cancel")
    viewer.wait_for_state(job, "cancelled")
    viewer.wait_for(lambda name, message: name == "frame" and message["number"] > 1, "last picture")
    assert picture(session, path).mean() < first.mean()
    answer = session.get(path)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Disposition"] == 'inline; filename="pebbles-counting-64-seed0-origins.png"'
    assert session.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert session.get(f"/api/jobs/{job}/maps/others.png").status_code == 404
