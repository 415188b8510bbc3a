"""Who watches over the server: live, ready, and what it counts."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.serving import Serve, Server
from texture.web.api.problems import Refused
from texture.web.endpoints.catalogue import ready


def test_a_server_is_live_and_ready_for_anybody(serve: Serve) -> None:
    server = serve(token="a-secret-of-sixteen")
    for path in ("live", "ready"):
        assert requests.get(f"{server.url}/api/health/{path}", timeout=10).json() == {"status": "ok"}
    assert requests.get(f"{server.url}/api/metrics", timeout=10).status_code == 401


def test_one_whose_folder_is_gone_is_live_and_not_ready(serve: Serve) -> None:
    server = serve()
    shutil.rmtree(server.data)
    assert requests.get(f"{server.url}/api/health/live", timeout=10).ok
    answer = requests.get(f"{server.url}/api/health/ready", timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert str(server.data) not in answer.text


def test_one_whose_worker_does_not_get_on_is_not_ready_and_says_why(tmp_path: Path) -> None:
    trouble: list[str | None] = [None]
    services: Any = SimpleNamespace(
        settings=SimpleNamespace(data=tmp_path, broker=None),
        store=SimpleNamespace(jobs=SimpleNamespace(queued=lambda: 0), blobs=SimpleNamespace(exists=lambda key: False)),
        engine=SimpleNamespace(trouble=lambda: trouble[0]),
    )
    assert ready(services).status == "ok"
    trouble[0] = "the worker has stopped: restart the server"
    with pytest.raises(Refused, match="not ready: the worker has stopped") as refused:
        ready(services)
    assert refused.value.problem.status == 503


def test_prometheus_reads_what_it_counts(server: Server) -> None:
    session = server.session()
    session.start_job()
    session.get("/api/jobs/none")
    session.patch("/api/jobs/none", json={"star": True})
    answer = session.get("/api/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert 'texture_http_answers_total{method="GET",route="job",status="404"} 1.0' in lines
    assert 'texture_http_answers_total{method="PATCH",route="mark_job",status="404"} 1.0' in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
    assert any(line.startswith("texture_connections ") for line in lines)
    assert session.cookie.partition("=")[2] not in answer.text
