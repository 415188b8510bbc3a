"""Disk use over HTTP: a session's own beside its quotas; what is refused says value, limit and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serving import Serve, Server, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}
LIMITS = {"most_queued": 1, "most_pictures": 1, "most_models": 1, "most_gigabytes": 0.1, "keep_days": 30}


def usage(session: Session) -> dict[str, Any]:
    answer = session.get("/api/usage")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_it_tells_what_there_is_beside_the_quotas(server: Server, session: Session, look: Look, png: bytes) -> None:
    empty = usage(session)
    assert empty["pictures"] == {"count": 0, "bytes": 0, "most": 2000}
    assert (empty["bytes"], empty["most_bytes"], empty["keep_days"]) == (0, 20_000_000_000, None)
    session.post("/api/images", files={"file": ("a.png", png)})
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params={"steps": 3, "train": True})["id"]
    viewer.wait_for_state(job, "done")
    told = usage(session)
    assert told["pictures"]["count"] == told["models"]["count"] == 1
    assert told["bytes"] == told["pictures"]["bytes"] + told["models"]["bytes"] > 0
    session.delete(f"/api/jobs/{job}")
    after = usage(session)
    assert (after["models"]["count"], after["trash"]["count"]) == (0, 1)
    assert after["bytes"] == told["pictures"]["bytes"]
    assert usage(server.session())["trash"]["count"] == 0


def test_the_server_tells_prometheus_by_kind(session: Session, png: bytes) -> None:
    session.post("/api/images", files={"file": ("a.png", png)})
    lines = dict(line.rsplit(" ", 1) for line in session.get("/api/metrics").text.splitlines() if line[0] != "#")
    for kind in ("pictures", "database"):
        assert float(lines[f'texture_data_bytes{{kind="{kind}"}}']) > 0
    for kind in ("jobs", "models", "trash", "lost"):
        assert f'texture_data_bytes{{kind="{kind}"}}' in lines
    assert float(lines["texture_disk_free_bytes"]) > 0


@pytest.fixture
def limited(serve: Serve) -> Session:
    return serve(**LIMITS).session()


def refused(session: Session, path: str, **more: Any) -> str:
    answer = session.post(path, **more)
    assert answer.status_code == 429, answer.text
    return str(answer.json()["detail"])


def test_each_quota_is_refused_in_words(limited: Session, look: Look, png: bytes) -> None:
    viewer = look(limited)
    viewer.watch("mine")
    runs = {"images": {"source": "sample:clay"}, "runs": [{"method": "counting", "params": LONG}] * 2}
    said = refused(limited, "/api/comparisons", json=runs)
    assert said == "0 jobs of yours are waiting and you ask for 2 more, the limit is 1: start fewer at once"
    trained = limited.start_job(params={"steps": 2, "train": True})["id"]
    viewer.wait_for_state(trained, "done")
    model = limited.get(f"/api/jobs/{trained}/model.safetensors").content
    said = refused(limited, "/api/models", files={"file": ("m.safetensors", model)})
    assert said.startswith("you have 1 model, the limit is 1: delete some")
    file = {"file": ("a.png", png)}
    assert limited.post("/api/images", files=file).status_code == 201
    assert refused(limited, "/api/images", files=file).startswith("you have uploaded 1 picture, the limit is 1: use")
    crop = {"crop": {"x": 0, "y": 0, "width": 40, "height": 40}}
    assert refused(limited, "/api/images/sample:clay/edited", json=crop).startswith("you have uploaded 1 picture")


def test_when_an_entry_expires_is_told_with_it(limited: Session, look: Look) -> None:
    viewer = look(limited)
    viewer.watch("mine")
    job = limited.start_job(params={"steps": 2, "train": True})["id"]
    row = viewer.wait_for_state(job, "done")
    (moment,) = limited.get("/api/history").json()["expires"].values()
    assert limited.get("/api/models").json()["expires"] == {job: moment}
    assert moment[:4] >= row["ended"][:4]
    assert moment > row["ended"]
    assert usage(limited)["keep_days"] == 30
