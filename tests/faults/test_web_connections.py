"""Strangers who open connections and say little: others are served as ever. And HTTP that is none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests.serving import MODES, Serve, Server

CROWD = 600  # more than the server has places
BEGUN = {
    "nothing": b"",
    "half a header": b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    "half a body": b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 99\r\n\r\n{",
}


def connected(server: Server, said: bytes) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=10)
    link.sendall(said)
    return link


@contextmanager
def crowd(server: Server, said: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connected(server, said)) for _ in range(CROWD)]


def slowest_answer(server: Server, times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.monotonic()
        assert requests.get(f"{server.url}/api/health", timeout=60).ok
        taken.append(time.monotonic() - start)
    return max(taken)


@pytest.mark.parametrize("mode", MODES)
def test_six_hundred_that_say_nothing_or_half_of_it_keep_nobody_waiting(serve: Serve, mode: str) -> None:
    """It took 56 s."""
    server = serve(**{"async": mode})
    for said in BEGUN.values():
        with crowd(server, said):
            time.sleep(1.2)  # bodies that have just begun may still come
            assert slowest_answer(server) < 5
    assert server.errors().count("\n") <= 1, "the missing weights, and nothing else"


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_headers_that_drip_do_not_keep_a_connection(serve: Serve, mode: str) -> None:
    server = serve(**{"async": mode})
    with crowd(server, BEGUN["half a header"]) as links:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(5):
                for link in links:
                    try:
                        link.sendall(b"X-Drop: 1\r\n")
                    except OSError:
                        continue

        threading.Thread(target=drip, daemon=True).start()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert slowest_answer(server) < 5
            time.sleep(1)
        stop.set()
        links[-1].settimeout(1)
        assert links[-1].recv(1) == b"", "20 seconds are over"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x" * 70_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
        b"GET / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_with_the_security_headers(
    shared: dict[str, Server], mode: str, said: bytes
) -> None:
    with connected(shared[mode], said) as link:
        answer = b""
        while piece := link.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1."), answer[:100]
    assert answer.split()[1][:1] == b"4"
    assert b"X-Content-Type-Options: nosniff" in answer
    assert answer.count(b"Content-Security-Policy") == 1
    assert b"Traceback" not in answer


@pytest.mark.parametrize("mode", MODES)
def test_raw_bytes_in_an_address_are_no_error_of_ours(shared: dict[str, Server], mode: str) -> None:
    """They were a 500, before the token was asked for."""
    for address in (b"/api/history?exemplar=\xff\xfe", b"/?token=\xff", b"/api/jobs/\xff", b"/api/jobs?state=\xc3\xbc"):
        with connected(
            shared[mode], b"GET " + address + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ) as link:
            assert link.recv(12)[9:10] in (b"2", b"4"), address
    assert "Traceback" not in shared[mode].errors()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    from tests.serving import serving

    with serving(tmp_path_factory.mktemp("shared")) as serve:
        yield {mode: serve(**{"async": mode, "data": tmp_path_factory.mktemp(mode)}) for mode in MODES}
