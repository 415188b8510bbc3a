"""What a proxy may say, and who is taken for one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.serving import Serve
from texture.errors import SetupProblem
from texture.web.networks import networks
from texture.web.security.proxy import Proxied

LOCAL = networks("127.0.0.0/8, ::1")


def seen(peer: str, **headers: str) -> dict[str, Any]:
    """The environ as the app behind sees it."""
    found: dict[str, Any] = {}
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "SCRIPT_NAME": "", "PATH_INFO": "/", **headers}
    Proxied(lambda environ, _: found.update(environ) or [], LOCAL)(environ, lambda *_: None)
    return found


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_a_proxy_of_ours_is_believed(peer: str) -> None:
    headers = {"FOR": "203.0.113.7", "PROTO": "https", "PREFIX": "/texture/", "HOST": "evil.example"}
    environ = seen(peer, **{f"HTTP_X_FORWARDED_{name}": value for name, value in headers.items()}, HTTP_HOST="lab")
    assert environ["REMOTE_ADDR"] == "203.0.113.7"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["SCRIPT_NAME"] == "/texture"
    assert environ["HTTP_HOST"] == "lab", "a page of another name could write X-Forwarded-Host as well"


@pytest.mark.parametrize("peer", ["203.0.113.9", "", "unix", "::ffff:203.0.113.9"])
def test_nobody_else_is(peer: str) -> None:
    environ = seen(peer, HTTP_X_FORWARDED_FOR="127.0.0.1", HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_PREFIX="/x")
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["SCRIPT_NAME"]) == (peer, "http", "")


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "texture", "/a b", '/"><script>', "/a//b", "http://evil.example/", ""]
)
def test_a_prefix_that_is_none_is_left_out(prefix: str) -> None:
    assert seen("127.0.0.1", HTTP_X_FORWARDED_PREFIX=prefix)["SCRIPT_NAME"] == ""


def test_a_scheme_that_is_none_is_left_out() -> None:
    assert seen("127.0.0.1", HTTP_X_FORWARDED_PROTO="javascript")["wsgi.url_scheme"] == "http"


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(SetupProblem, match=r"TEXTURE_PROXIES .*nonsense"):
        networks("::1, nonsense")


def test_under_a_prefix_and_behind_tls_every_address_is_the_proxys(serve: Serve, png: bytes) -> None:
    server = serve(token="a-token-of-our-own")
    session = server.session(cookie=False)
    told = {"X-Forwarded-Prefix": "/texture", "X-Forwarded-Proto": "https", "Host": "lab.example"}
    session.headers.update(told | {"Origin": "https://lab.example"})

    entered = session.get("/?token=a-token-of-our-own", allow_redirects=False)
    assert entered.headers["Location"] == "/texture/"
    cookie = entered.headers["Set-Cookie"]
    assert "Path=/texture" in cookie
    assert "Secure" in cookie

    session.headers["Authorization"] = "Bearer a-token-of-our-own"
    page = session.get("/").text
    addresses = re.findall(r'(?:src|href|action)="(/[^"]*)"', page)
    assert len(addresses) > 20
    assert [address for address in addresses if not address.startswith("/texture/")] == []
    made = session.post("/api/images", files={"file": png})
    assert made.headers["Location"] == made.json()["url"] == f"/texture/api/images/{made.json()['id']}"
    assert session.get("/api/openapi.json").json()["servers"] == [{"url": "/texture"}]
    assert session.get("/api/samples").json()["samples"][0]["url"].startswith("/texture/api/images/")

    assert session.post("/api/images", files={"file": png}, headers={"Origin": "http://lab.example"}).status_code == 403
