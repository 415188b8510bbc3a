"""Hosts, origins and the token, without a server."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import Headers

from texture.errors import SetupProblem
from texture.settings import Settings
from texture.web.security.access import Access, current_owner, install_access, is_loopback, open_access, secret_key
from texture.web.security.origin_guard import OriginGuard, same_origin


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST.", "::1", "[::1]", "a.localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.0.2", "example.org", "localhost.example.org", "", "127.0.0.1.nip.io"]
)
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "origin", "same"),
    [
        ("localhost:5000", None, True),
        ("localhost:5000", "http://localhost:5000", True),
        ("[::1]:5000", "http://[::1]:5000", True),
        ("example.org", "http://example.org:80", True),
        ("example.org", "https://example.org", False),
        ("example.org", "https://example.org:443", False),
        ("LOCALHOST:5000", "http://localhost:5000", True),
        ("localhost:5000", "http://localhost:3000", False),
        ("localhost:5000", "http://localhost", False),
        ("localhost:5000", "http://evil.example", False),
        ("localhost:5000", "http://localhost.evil.example:5000", False),
        ("localhost:5000", "null", False),
        ("localhost:5000", "", False),
        ("", "null", False),
        ("localhost:5000", "http://[", False),
        ("localhost:x", "http://localhost:5000", False),
    ],
)
def test_origins(host: str, origin: str | None, same: bool) -> None:
    environ = {"HTTP_HOST": host} | ({} if origin is None else {"HTTP_ORIGIN": origin})
    assert same_origin(environ) is same


def test_behind_tls_the_origin_is_https() -> None:
    behind = {"HTTP_HOST": "example.org", "wsgi.url_scheme": "https"}
    assert same_origin(behind | {"HTTP_ORIGIN": "https://example.org"})
    assert not same_origin(behind | {"HTTP_ORIGIN": "http://example.org"})


@pytest.mark.parametrize(
    ("site", "same"), [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False)]
)
def test_what_the_browser_says_of_the_site(site: str, same: bool) -> None:
    assert same_origin({"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": site}) is same


def passed(
    environ: dict[str, Any], *, local: bool = True, media: str = "text/plain"
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Status and headers that come out of a gate before an app which says 200, and the environ that went in."""
    seen: dict[str, Any] = {}
    said: list[tuple[str, dict[str, str]]] = []

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.update(environ)
        start("200 OK", [("Content-Type", media)])
        return [b""]

    whole = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "localhost:5000", **environ}
    list(OriginGuard(app, local=local)(whole, lambda status, headers: said.append((status, dict(headers)))))
    return *said[0], seen


@pytest.mark.parametrize("environ", [{}, {"HTTP_HOST": "evil.example"}, {"PATH_INFO": "/socket.io/"}])
def test_every_answer_carries_the_headers(environ: dict[str, Any]) -> None:
    _, headers, _ = passed(environ)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_parts_of_a_page_go_without_what_only_a_page_obeys() -> None:
    for media in ("text/javascript; charset=utf-8", "text/css; charset=utf-8"):
        _, headers, _ = passed({}, media=media)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Content-Security-Policy" not in headers
    for media in ("text/html; charset=utf-8", "image/svg+xml", "application/json"):
        assert "Content-Security-Policy" in passed({}, media=media)[1]


def test_a_host_that_is_not_this_machine_is_refused_unless_there_is_a_token() -> None:
    assert passed({"HTTP_HOST": "evil.example:5000"})[0] == "403 Forbidden"
    assert passed({"HTTP_HOST": ""})[0] == "403 Forbidden"
    assert passed({"HTTP_HOST": "texture.example"}, local=False)[0] == "200 OK"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", "200 OK"),
        ("POST", "/api/jobs", "403 Forbidden"),
        ("DELETE", "/api/jobs/x", "403 Forbidden"),
        ("GET", "/socket.io/", "403 Forbidden"),
        ("POST", "/socket.io/", "403 Forbidden"),
    ],
)
def test_other_origins_may_read_pages_and_nothing_else(method: str, path: str, status: str) -> None:
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_ORIGIN": "http://evil.example"}
    assert passed(environ)[0] == status


def test_websocket_compression_is_never_agreed_on() -> None:
    _, _, seen = passed({"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate"})
    assert "HTTP_SEC_WEBSOCKET_EXTENSIONS" not in seen


@pytest.mark.parametrize(
    ("authorization", "cookie", "admitted"),
    [
        ("Bearer right-token", {}, True),
        ("bearer right-token", {}, True),
        ("Bearer wrong-token", {}, False),
        ("Bearer ", {}, False),
        ("Bearer réel", {}, False),
        ("Basic right-token", {}, False),
        ("right-token", {}, False),
        ("", {"access": "0" * 64}, False),
        ("", {"access": 5}, False),
        ("", {}, False),
    ],
)
def test_the_token(authorization: str, cookie: dict[str, Any], admitted: bool) -> None:
    headers = Headers({"Authorization": authorization} if authorization else {})
    assert Access("right-token", b"k" * 32).admits(headers, cookie, "") is admitted


def test_the_cookie_of_a_token_is_good_for_that_token_and_key_only() -> None:
    access = Access("right-token", b"k" * 32)
    cookie = {"access": access.stamp}
    assert access.admits(Headers(), cookie, "")
    assert not Access("other-token", b"k" * 32).admits(Headers(), cookie, "")
    assert not Access("right-token", b"x" * 32).admits(Headers(), cookie, "")
    assert "right-token" not in access.stamp


def test_who_needs_a_token(tmp_path: Path) -> None:
    assert open_access(Settings(data=tmp_path)).token is None
    assert open_access(Settings(data=tmp_path, token="a-chosen-secret!")).token == "a-chosen-secret!"
    made = [open_access(Settings(data=tmp_path, host="0.0.0.0")).token for _ in range(2)]
    assert all(token and len(token) >= 32 for token in made)
    assert made[0] != made[1]


def test_the_key_is_kept_and_private(tmp_path: Path) -> None:
    key = secret_key(tmp_path / "data")
    assert secret_key(tmp_path / "data") == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()
    with pytest.raises(SetupProblem, match="secret-key cannot be made or read"):
        secret_key(tmp_path)


def test_a_damaged_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_bytes(b"")
    with pytest.raises(SetupProblem, match="secret-key is damaged"):
        secret_key(tmp_path)


@pytest.mark.parametrize(
    ("address", "headers", "secure"),
    [
        ("https://localhost", {}, True),
        ("http://localhost", {}, False),
        ("http://localhost", {"X-Forwarded-Proto": "https"}, False),
    ],
)
def test_a_cookie_that_came_over_tls_is_not_sent_without_it(
    address: str, headers: dict[str, str], secure: bool
) -> None:
    app = Flask("test")
    install_access(app, Access(None, b"k" * 32))
    app.add_url_rule("/", view_func=lambda: current_owner())
    cookie = app.test_client().get("/", base_url=address, headers=headers).headers["Set-Cookie"]
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie
