"""A reverse proxy: its X-Forwarded headers are trusted if its address is a configured one, and only then.

Any client can write X-Forwarded headers. X-Forwarded-Host is never taken: a page on another name that was made to lead
to this machine could write it too; a proxy hands the Host on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

from texture.web.networks import Networks, is_among

PREFIX = re.compile(r"(/[\w.~-]+)+")  # below which a page may lie; "//elsewhere" would be another host
SCHEMES = ("http", "https")


class Proxied:
    """A WSGI app that learns scheme, prefix and client from the proxies in `trusted`."""

    def __init__(self, app: Callable[..., Any], trusted: Networks) -> None:
        self._app, self._trusted = app, trusted
        self._told = ProxyFix(app, x_for=1, x_proto=1, x_host=0, x_prefix=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI call."""
        if not is_among(environ.get("REMOTE_ADDR", ""), self._trusted):
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        prefix = environ.pop("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        if PREFIX.fullmatch(prefix):
            environ["HTTP_X_FORWARDED_PREFIX"] = prefix
        if environ.get("HTTP_X_FORWARDED_PROTO", "http") not in SCHEMES:
            del environ["HTTP_X_FORWARDED_PROTO"]
        return self._told(environ, start_response)
