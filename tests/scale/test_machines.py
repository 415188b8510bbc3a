"""Several servers and workers: what one machine does, whatever happens to one of them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.scale.conftest import Machines, picture_of
from tests.serving import Serve, Session
from tests.web.watching import Viewer

LONG = {"steps": 1_000_000, "work": 20}
WORK = {"steps": 300, "work": 20}  # some seconds, in which checkpoints are written


def until(happened: Callable[[], bool], within: float = 40.0, what: str = "it") -> float:
    """Seconds until it happened."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < within, f"{what} did not happen within {within} s"
        time.sleep(0.05)
    return time.monotonic() - began


def state(session: Session, job: str) -> str:
    return str(session.get(f"/api/jobs/{job}").json()["state"])


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)))


def alone(serve: Serve, *runs: dict[str, Any]) -> list[Any]:
    """The results of a comparison on one machine, that nobody disturbed."""
    session = serve().session()
    made = session.start_comparison(*runs)
    ids = [job["id"] for job in made["jobs"]]
    until(lambda: all(state(session, id) == "done" for id in ids), 120)
    return [pixels(picture_of(session, id)) for id in ids]


def test_a_job_is_run_elsewhere_and_seen_everywhere(machines: Machines) -> None:
    """Started on one server, watched on the other: one session, one cookie."""
    first, second = machines.servers
    worker = machines.worker()
    mine = first.session()
    other = Session(second.url)
    other.cookies.update(mine.cookies)
    viewer = Viewer(other)
    viewer.watch("mine")
    job = mine.start_job(params={"steps": 60, "work": 20})["id"]
    viewer.wait_for(lambda name, message: name == "frame" and message["job"] == job, "frame")
    viewer.wait_for_state(job, "done")
    assert pixels(picture_of(other, job)).shape[2] == 3
    found = other.get("/api/workers").json()
    assert [one["name"] for one in found["workers"]] == [worker.name]
    assert found["waiting"] == {"gpu": 0, "cpu": 0, "brief": 0}
    assert other.get("/api/health/ready").status_code == 200
    planned = other.post("/api/forecast", json={"runs": [{"method": "gatys"}]}).json()
    assert [one["machine"] for one in planned["machines"]] == [found["workers"][0]["machine"]]
    assert planned["seconds"] is not None
    viewer.close()


def test_who_may_no_longer_watch_is_told_so_on_every_server(machines: Machines) -> None:
    first, second = machines.servers
    machines.worker()
    mine = first.session()
    made = mine.start_comparison(LONG)["id"]
    mine.post(f"/api/comparisons/{made}/share", json={"shared": True})
    stranger = Viewer(second.session())
    stranger.watch_comparison(made)
    stranger.wait_for_count("step", 1)
    mine.post(f"/api/comparisons/{made}/share", json={"shared": False})
    stranger.wait_for(lambda name, message: name == "comparison" and message == {"id": made}, "word of it")
    time.sleep(1)
    heard = len(stranger.events)
    time.sleep(2)
    assert len(stranger.events) == heard
    mine.delete(f"/api/comparisons/{made}")
    stranger.close()


def test_pause_and_cancel_reach_a_worker_at_once(machines: Machines) -> None:
    machines.worker()
    session = machines.servers[0].session()
    job = session.start_job(params=LONG)["id"]
    until(lambda: session.get(f"/api/jobs/{job}").json()["number"] > 0)
    session.post(f"/api/jobs/{job}/pause")
    still = until(lambda: stands(session, job), 10, "standstill")
    assert still < 3  # a second and a step, and the two looks of this test that are half a second apart
    session.post(f"/api/jobs/{job}/resume")
    number = session.get(f"/api/jobs/{job}").json()["number"]
    until(lambda: session.get(f"/api/jobs/{job}").json()["number"] > number)
    session.post(f"/api/jobs/{job}/cancel")
    until(lambda: bool(session.get("/api/workers").json()["workers"]) and not busy(session), 15, "an idle worker")
    assert state(session, job) == "cancelled"


def stands(session: Session, job: str) -> bool:
    number = session.get(f"/api/jobs/{job}").json()["number"]
    time.sleep(0.5)
    return bool(session.get(f"/api/jobs/{job}").json()["number"] == number)


def busy(session: Session) -> bool:
    return any(one["busy"] for one in session.get("/api/workers").json()["workers"])


def test_a_worker_that_is_asked_to_end_hands_its_job_back(machines: Machines) -> None:
    worker, session = machines.worker(), machines.servers[1].session()
    job = session.start_job(params=WORK)["id"]
    until(lambda: session.get(f"/api/jobs/{job}").json()["number"] > 20)
    assert worker.stop() == 0
    row = session.get(f"/api/jobs/{job}").json()
    assert (row["state"], row["number"] > 20) == ("queued", True)
    machines.worker()
    until(lambda: state(session, job) == "done", 60)


def test_killed_and_cut_off_workers_change_nothing_of_what_comes_out(machines: Machines, serve: Serve) -> None:
    """Two servers, three workers; one is killed in the midst of a comparison, one is cut off from Redis for 20 s."""
    runs = [{**WORK, "seed": seed} for seed in (1, 2)]
    expected = alone(serve, *runs)
    first, second = machines.servers
    doomed, session = machines.worker(), first.session()
    ids = [job["id"] for job in session.start_comparison(*runs)["jobs"]]
    far = Session(second.url)
    far.cookies.update(session.cookies)
    viewer = Viewer(far)
    viewer.watch("mine")
    proxy, through = machines.proxy()
    machines.worker(broker=through)
    other = far.start_job(params={**WORK, "seed": 2})["id"]
    until(lambda: state(far, other) == "running")
    machines.worker()
    until(lambda: all(session.get(f"/api/jobs/{id}").json()["number"] > 50 for id in ids), 60)
    proxy.cut()
    before = len(viewer.events)
    doomed.kill()
    killed = time.monotonic()
    viewer.wait_for(
        lambda name, message: name == "frame" and message["job"] in ids and message in told(viewer, before),
        "picture of the comparison",
    )
    assert time.monotonic() - killed < 15
    time.sleep(max(0.0, 20 - (time.monotonic() - killed)))
    proxy.mend()
    until(lambda: all(state(session, id) == "done" for id in (*ids, other)), 120, "the end of all jobs")
    for id, picture in zip((*ids, other), (*expected, expected[1]), strict=True):
        assert np.array_equal(pixels(picture_of(session, id)), picture)
    viewer.wait_for_state(other, "done")
    ends = [id for id in (*ids, other) for name, message in viewer.events if is_end(name, message, id)]
    assert sorted(ends) == sorted((*ids, other))  # each once: nothing was run to its end twice
    viewer.close()


def told(viewer: Viewer, since: int) -> list[Any]:
    return [message for _, message in viewer.events[since:]]


def is_end(name: str, message: dict[str, Any], job: str) -> bool:
    return (
        name == "job" and message["job"] == job and message["row"]["state"] == "done" and bool(message["row"]["ended"])
    )


def test_a_worker_of_another_version_is_refused(machines: Machines) -> None:
    from texture.jobs.engines.distributed.redis_client import VERSION_KEY, connect
    from texture.settings import Settings

    redis = connect(Settings(broker=machines.broker))
    right = redis.get(VERSION_KEY)
    redis.set(VERSION_KEY, "0.0.1")
    worker = machines.begin_worker()
    assert worker.process.wait(60) == 1
    redis.set(VERSION_KEY, right)
    assert "the servers are 0.0.1: install the same version on both" in worker.log.read_text()


@pytest.mark.parametrize("missing", ["database", "blobs", "broker"])
def test_a_worker_needs_all_three_settings(call: Any, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    settings = {
        "database": "postgresql+psycopg://a@127.0.0.1/b",
        "blobs": "s3://bucket/prefix",
        "broker": "redis://127.0.0.1:1/0",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TEXTURE_{name.upper()}", "" if name == missing else value)
    status, _, said = call("worker")
    assert status == 1
    assert f"a worker needs TEXTURE_{missing.upper()}" in said
