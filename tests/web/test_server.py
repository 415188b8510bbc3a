"""The life of a server: start, address, token, signals, crash, and what it must not load."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
import torch

from tests.serving import MODES, ROOT, Serve, Server, Session
from tests.web.watching import Look, Viewer
from texture.features.weights import weights_file

LONG = {"steps": 1_000_000, "work": 1}
HEAVY = ("torch", "torchvision", "skimage", "scipy", "matplotlib", "alembic", "eventlet")


def running_job(look: Look, session: Session) -> tuple[Viewer, str]:
    """A viewer, and a job that has shown it a frame."""
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job(params=LONG)["id"]
    viewer.wait_for_count("frame", 2)
    return viewer, job


def again(serve: Serve, server: Server, session: Session) -> Session:
    """Another server on the folder of one that has ended, and the same browser."""
    after = serve(data=server.data).session(cookie=False)
    after.cookies.update(session.cookies)
    return after


@pytest.mark.parametrize(("mode", "how"), [("eventlet", signal.SIGINT), ("threading", signal.SIGTERM)])
def test_a_signal_ends_it_soon_and_the_job_goes_on_at_the_next_start(
    serve: Serve, mode: str, how: signal.Signals, look: Look
) -> None:
    server = serve(**{"async": mode})
    session = server.session()
    viewer, job = running_job(look, session)
    start = time.monotonic()
    assert server.stop(how) == 0
    assert time.monotonic() - start < 5
    assert "Traceback" not in server.errors()
    reached = viewer.of("step")[-1]["number"]
    after = again(serve, server, session)
    second = look(after)
    second.watch([job])
    second.wait_for_count("step", 1)
    assert second.of("step")[0]["number"] > reached


def test_a_killed_server_goes_on_with_the_job(serve: Serve, look: Look) -> None:
    server = serve()
    session = server.session()
    viewer, job = running_job(look, session)
    checkpoint = server.data / "jobs" / job / "checkpoint"
    viewer.wait_for(lambda *_: checkpoint.exists() and any(checkpoint.iterdir()), "checkpoint")
    viewer.wait_for_count("step", len(viewer.of("step")) + 2)
    server.kill()
    after = again(serve, server, session)
    second = look(after)
    (told,) = second.watch([job])["jobs"]
    assert told["job"]["state"] in ("queued", "running")
    second.wait_for_count("frame", 2)
    newest = max(viewer.seqs())
    assert min(second.seqs()) > newest
    assert second.of("step")[0]["number"] > 1


def test_a_second_start_serves_within_three_seconds(serve: Serve) -> None:
    """The quickest of three: what else the machine is busy with is not the server's doing."""
    first = serve()
    first.stop()
    assert any(seconds_to_serve(serve, first.data) < 3 for _ in range(3))


def seconds_to_serve(serve: Serve, data: Path) -> float:
    start = time.monotonic()
    server = serve(data=data)
    assert requests.get(server.url, timeout=10).ok
    taken = time.monotonic() - start
    server.stop()
    return taken


def test_nothing_heavy_is_imported_to_serve() -> None:
    code = f"import sys, app; print([name for name in {HEAVY!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to look into another process")
def test_torch_is_loaded_by_the_first_job_and_by_nothing_else(serve: Serve, look: Look) -> None:
    server = serve()
    session = server.session()
    for path in (
        "/api/health",
        "/api/methods",
        "/api/samples",
        "/api/openapi.json",
        "/api/images/sample:pebbles?size=64",
    ):
        assert session.get(path).ok
    assert not has_torch(server)
    viewer = look(session)
    viewer.watch("mine")
    job = session.start_job()["id"]
    viewer.wait_for_state(job, "done")
    assert has_torch(server)


def has_torch(server: Server) -> bool:
    return "libtorch" in Path(f"/proc/{server.process.pid}/maps").read_text()


def test_the_tests_themselves_never_import_eventlet() -> None:
    assert "eventlet" not in sys.modules


def test_a_taken_port_is_named_with_what_to_type_instead(serve: Serve) -> None:
    taken = serve().url.rpartition(":")[2]
    second = serve("--port", taken, ready=False)
    assert second.process.wait(10) == 2
    assert second.errors() == f"app.py: port {taken} is taken; type: python app.py --port {int(taken) + 1}\n"


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (("--port", "99999"), {}, ("TEXTURE_PORT", "65535")),
        (("--host", "203.0.113.1"), {}, ("203.0.113.1",)),
        ((), {"async": "gevent"}, ("TEXTURE_ASYNC", "eventlet", "threading")),
        ((), {"colour": "blue"}, ("TEXTURE_COLOUR is not a setting", "docs/operations.md")),
        ((), {"token": "eight-or-so"}, ("TEXTURE_TOKEN", "16")),
        ((), {"proxies": "10.0.0.0/8, nonsense"}, ("TEXTURE_PROXIES", "nonsense")),
        ((), {"data": "/proc/nowhere"}, ("/proc/nowhere",)),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    serve: Serve, arguments: tuple[str, ...], settings: dict[str, str], words: tuple[str, ...]
) -> None:
    server = serve(*arguments, ready=False, **settings)
    assert server.process.wait(10) == 2
    assert all(word in server.errors() for word in words), server.errors()
    assert server.errors().count("\n") == 1


def test_one_folder_has_one_server(serve: Serve) -> None:
    first = serve()
    second = serve(data=first.data, ready=False)
    assert second.process.wait(10) == 2
    assert "TEXTURE_DATA" in second.errors()


def test_the_command_line_has_the_last_word(serve: Serve) -> None:
    server = serve("--host", "localhost", host="0.0.0.0")
    assert server.link.startswith("http://localhost:")
    assert "token" not in server.link


@pytest.mark.skipif(sys.platform != "linux", reason="changes the limit of another process")
@pytest.mark.parametrize("mode", MODES)
def test_too_many_connections_do_not_end_it(serve: Serve, mode: str) -> None:
    import resource

    server = serve(**{"async": mode})
    open_now = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (open_now + 20, open_now + 20))
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    with ExitStack() as crowd:
        for _ in range(60):
            crowd.enter_context(socket.create_connection(address, timeout=5)).sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1)
    assert requests.get(f"{server.url}/api/health", timeout=10).ok


@pytest.fixture
def guarded(serve: Serve) -> Server:
    """A server that others can reach."""
    return serve(host="0.0.0.0")


def test_a_server_for_others_asks_for_its_token(guarded: Server) -> None:
    assert "?token=" in guarded.link
    for path in ("/", "/api/jobs", "/api/methods", "/jobs/x", "/api/docs", "/api/openapi.json"):
        answer = requests.get(guarded.url + path, timeout=10)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="texture"')
        assert guarded.link.partition("token=")[2] not in answer.text
    assert requests.get(f"{guarded.url}/api/health", timeout=10).ok
    page = requests.get(guarded.url, headers={"Accept": "text/html"}, timeout=10)
    assert (page.status_code, "open the link" in page.text) == (401, True)


def test_the_link_lets_a_browser_in_once_and_for_all(guarded: Server, look: Look) -> None:
    browser = guarded.session(cookie=False)
    first = browser.get(guarded.link)
    assert (first.status_code, first.url) == (200, f"{guarded.url}/")
    cookie = first.history[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert guarded.link.partition("token=")[2] not in cookie
    assert browser.get("/api/jobs").ok
    viewer = look(browser)
    assert viewer.watch("mine")["jobs"] == []


@pytest.mark.parametrize("token", ["", "wrong", "x" * 32])
def test_a_wrong_token_opens_nothing(guarded: Server, token: str, look: Look) -> None:
    browser = guarded.session(cookie=False)
    answer = browser.get("/", params={"token": token})
    assert (answer.status_code, answer.json()["field"]) == (401, "token")
    assert browser.get("/api/jobs").status_code == 401
    assert browser.get("/api/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    with pytest.raises(ConnectionRefusedError):
        look(browser, auth={"token": token})
    refused = browser.get("/socket.io/?EIO=4&transport=polling")
    assert (refused.status_code, "token" in refused.text) == (401, True)


def test_a_script_shows_the_token_in_a_header(guarded: Server, look: Look) -> None:
    token = guarded.link.partition("token=")[2]
    script = guarded.session(cookie=False)
    script.headers["Authorization"] = f"Bearer {token}"
    job = script.start_job()["id"]
    assert script.get(f"/api/jobs/{job}").ok
    look(script, auth={"token": token})
    look(script, header={"Authorization": f"Bearer {token}"})


def test_a_new_token_locks_out_who_had_the_old_one(serve: Serve, guarded: Server) -> None:
    browser = guarded.session(cookie=False)
    assert browser.get(guarded.link).ok
    guarded.stop()
    after = again_guarded(serve, guarded, browser)
    assert after.get("/api/jobs").status_code == 401
    with pytest.raises(ConnectionRefusedError, match="token"):
        Viewer(after)


def again_guarded(serve: Serve, server: Server, session: Session) -> Session:
    after = serve(host="0.0.0.0", data=server.data).session(cookie=False)
    after.cookies.update(session.cookies)
    return after


def test_a_chosen_token_is_asked_for_on_loopback_too(serve: Serve) -> None:
    server = serve(token="my-own-secret-token")
    assert "secret" not in server.link, "what the operator chose goes into no log"
    assert requests.get(f"{server.url}/api/jobs", timeout=10).status_code == 401


def test_weights_that_somebody_brings_are_seen_without_a_restart(serve: Serve, look: Look) -> None:
    server = serve()
    session = server.session()
    viewer = look(session)
    assert viewer.watch([])["weights"]["state"] == "missing"
    cache = server.data.parent / "cache"
    cache.mkdir(exist_ok=True)
    weights_file.write(cache / "vgg19.safetensors", {"input.bias": torch.zeros(3)}, {"source": "by hand"})
    viewer.wait_for(lambda name, message: name == "weights" and message["state"] == "ready", "ready weights")
    assert session.get("/api/health").json()["weights"]["state"] == "ready"
