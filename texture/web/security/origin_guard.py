"""The outermost WSGI wrapper: hosts, origins and headers, for pages, API and /socket.io alike.

/socket.io never reaches Flask, so nothing of this can be left to Flask.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from texture.web.api.problems import MEDIA, Problem, problem
from texture.web.headers import headers_for
from texture.web.security.access import is_loopback

PROXY_HINT = "; a proxy with TLS has to send X-Forwarded-Proto, and to be one of TEXTURE_PROXIES"
READING = ("GET", "HEAD", "OPTIONS")
SOCKETS = "/socket.io"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class OriginGuard:
    """Rejects requests from elsewhere, and sets the security headers that belong to an answer.

    `local`: the server is for this machine only, so a Host that names another one is somebody's DNS trick.
    """

    def __init__(self, app: Wsgi, *, local: bool) -> None:
        self._app = app
        self._local = local

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI call."""
        # Compressing a JPEG once more costs 2.3 ms for each frame and viewer, and saves nothing.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            media = dict(headers).get("Content-Type", "")
            return start_response(status, [*headers, *headers_for(media)], *more)

        if refusal := self._refusal(environ):
            return _refuse(refusal, start)
        return self._app(environ, start)

    def _refusal(self, environ: Environ) -> Problem | None:
        host = environ.get("HTTP_HOST", "")
        path = environ.get("PATH_INFO", "/")
        if self._local and not is_loopback(host_name(host)):
            return problem(
                403,
                f"Host: {host!r} is not this machine; set TEXTURE_HOST to serve others, TEXTURE_TOKEN behind a proxy",
                instance=path,
            )
        changes = environ["REQUEST_METHOD"] not in READING or path.startswith(SOCKETS)
        if changes and not same_origin(environ):
            origin = environ.get("HTTP_ORIGIN", environ.get("HTTP_SEC_FETCH_SITE"))
            hint = PROXY_HINT if str(origin).startswith("https:") and environ["wsgi.url_scheme"] == "http" else ""
            return problem(403, f"the request comes from another site ({origin}){hint}", instance=path)
        return None


def same_origin(environ: Mapping[str, Any]) -> bool:
    """Whether a request comes from our own page, or from a client that sends no origin, such as a script."""
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in ("same-origin", "none"):
        return False
    origin = environ.get("HTTP_ORIGIN")
    scheme = environ.get("wsgi.url_scheme", "http")
    return origin is None or _is_place(origin, scheme, environ.get("HTTP_HOST", ""))


def host_name(host: str) -> str:
    """The name in a Host header, without its port; "" if it is malformed."""
    try:
        return urlsplit("//" + host).hostname or ""
    except ValueError:
        return ""


def _is_place(origin: str, scheme: str, host: str) -> bool:
    """Whether an Origin ("http://localhost:5000", "null") is the place that scheme and Host header name."""
    try:
        ours, theirs = urlsplit("//" + host), urlsplit(origin)
        usual = {"http": 80, "https": 443}.get(theirs.scheme)
        same_port = (ours.port or usual) == (theirs.port or usual)
    except ValueError:
        return False
    return bool(theirs.hostname) and (theirs.scheme, theirs.hostname) == (scheme, ours.hostname) and same_port


def _refuse(document: Problem, start: StartResponse) -> list[bytes]:
    start(f"{document.status} {document.title}", [("Content-Type", MEDIA)])
    return [json.dumps(document.message()).encode()]
