"""Who watches over the server: live, ready, and what it counts."""

from __future__ import annotations

import shutil

import requests

from tests.serving import Serve, Server


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


def test_prometheus_reads_what_it_counts(server: Server) -> None:
    session = server.session()
    session.start_job()
    session.get("/api/jobs/none")
    answer = session.get("/api/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert 'texture_http_answers_total{method="GET",route="job",status="404"} 1.0' in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
    assert any(line.startswith("texture_connections ") for line in lines)
    assert session.cookie.partition("=")[2] not in answer.text
