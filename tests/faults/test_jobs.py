"""What befalls a server that works: kills, restarts, a full disk, steps that hang, methods that take it down."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from requests import ConnectionError

from tests.faults.conftest import SmallDisk
from tests.serving import Serve, Session

PATIENCE = 60.0


def wait(happened: Callable[[], Any]) -> Any:
    """What `happened` gives once that is true."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if result := happened():
            return result
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def job(session: Session, id: str) -> dict[str, Any]:
    row: dict[str, Any] = session.get(f"/api/jobs/{id}").json()
    return row


def same_browser(session: Session, url: str) -> Session:
    """The same person at another server."""
    again = Session(url)
    again.cookies.update(session.cookies)
    return again


def test_kills_and_restarts_in_its_first_seconds_condemn_no_job(serve: Serve) -> None:
    server = serve()
    me = server.session()
    id = me.start_job(params={"steps": 10_000_000})["id"]
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL, signal.SIGKILL):
        wait(lambda me=me: job(me, id)["state"] == "running")
        server.process.send_signal(how)
        server.process.wait(20)
        server = serve(data=server.data)
        me = same_browser(me, server.url)
    wait(lambda: job(me, id)["state"] == "running")


@pytest.mark.usefixtures("faulty")
def test_a_job_that_takes_the_server_down_is_failed_alone_and_can_be_resumed(serve: Serve) -> None:
    server = serve()
    me = server.session()
    innocent = me.start_job(params={"steps": 10_000_000})["id"]
    id = me.start_job(method="abort", params={"at": 1})["id"]  # so that no checkpoint comes in between
    for crashes in range(1, 4):
        assert server.process.wait(PATIENCE) == -signal.SIGSEGV
        server = serve(data=server.data)
        me = same_browser(me, server.url)
        if crashes == 2:  # from now on it is let run alone
            with suppress(ConnectionError):  # it may go down before it has answered, or have run before the other
                wait(lambda me=me: "waits until nothing else runs" in (job(me, id)["message"] or ""))
                me.post(f"/api/jobs/{innocent}/pause")
    failed = job(me, id)
    assert failed["state"] == "failed"
    assert "3 times in a row" in failed["message"]
    assert job(me, innocent)["state"] in ("paused", "running", "queued")
    assert me.post(f"/api/jobs/{id}/resume").json()["state"] in ("queued", "running")


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_stop_in_a_long_step_is_an_orderly_end(serve: Serve, mode: str) -> None:
    server = serve(**{"async": mode})
    me = server.session()
    id = me.start_job(method="long_step", params={"at": 2, "times": 400})["id"]
    wait(lambda: job(me, id)["number"] == 1)
    began = time.monotonic()
    assert server.stop(within=10) == 0
    assert time.monotonic() - began < 5
    assert "terminate" not in server.errors()


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize(
    ("known", "words"), [(True, "takes at least 2.1 GB of memory"), (False, "the device ran out of memory")]
)
def test_memory_that_runs_out_costs_one_job(serve: Serve, known: bool, words: str) -> None:
    """With others it waits, alone it fails; they and the server go on."""
    server = serve()
    me = server.session()
    other = me.start_job(params={"steps": 10_000_000})["id"]
    wait(lambda: job(me, other)["number"])
    process = psutil.Process(server.process.pid)
    limit = int(re.findall(r"VmData:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[0]) * 1024 + 2**30
    process.rlimit(psutil.RLIMIT_DATA, (limit, limit))
    id = me.start_job(method="hungry", params={"gigabytes": 2, "known": known})["id"]
    wait(lambda: "waiting for memory" in (job(me, id)["message"] or ""))
    before = job(me, other)["number"]
    wait(lambda: job(me, other)["number"] > before)
    assert me.post(f"/api/jobs/{other}/pause").status_code == 200
    failed = wait(lambda: (row := job(me, id))["state"] == "failed" and row)
    assert words in failed["message"]
    paused = job(me, other)["number"]
    assert me.post(f"/api/jobs/{other}/resume").status_code == 200
    wait(lambda: job(me, other)["number"] > paused)


def test_a_full_disk(serve: Serve, small_disk: SmallDisk, png: bytes) -> None:
    """Jobs go on and say so, throwing away works and makes room, and after a kill the server starts."""
    server = serve(data=small_disk.folder / "data", active=3)
    me = server.session()
    runs, short, waste = (me.start_job(params=p)["id"] for p in ({"steps": 10_000_000}, {"steps": 60, "work": 50}, {}))
    wait(lambda: job(me, waste)["state"] == "done" and job(me, runs)["number"])
    small_disk.fill()
    for id in (runs, short):
        wait(lambda id=id: "the disk is full" in (job(me, id)["message"] or ""))
    assert job(me, runs)["state"] == job(me, short)["state"] == "running"
    refused = me.post("/api/images", files={"file": png})
    assert refused.status_code == 507
    assert "the disk is full" in refused.json()["detail"]
    assert me.delete(f"/api/jobs/{waste}").status_code == 204
    assert me.post(f"/api/jobs/{waste}/restore").status_code == 200
    assert me.delete(f"/api/jobs/{waste}").status_code == 204
    assert len(server.errors().splitlines()) < 20
    server.kill()
    small_disk.fill()
    server = serve(data=server.data, active=3)
    me = same_browser(me, server.url)
    assert me.get("/api/health").json()["disk_full"] in (True, False)
    small_disk.free()
    wait(lambda: job(me, short)["state"] == "done")
    assert me.get(f"/api/jobs/{short}/result.png").status_code == 200
    assert job(me, runs)["state"] == "running"
