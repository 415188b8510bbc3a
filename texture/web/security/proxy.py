"""A proxy before the server: what it says of the browser's side is believed where it is one of ours, and only there.

Any client can write X-Forwarded headers. X-Forwarded-Host is never taken: a page on another name that was made to lead
to this machine could write it too; a proxy hands the Host on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

from texture.errors import SetupProblem

PREFIX = re.compile(r"(/[\w.~-]+)+")  # below which a page may lie; "//elsewhere" would be another host
SCHEMES = ("http", "https")
Networks = tuple[IPv4Network | IPv6Network, ...]


def networks(listed: str) -> Networks:
    """The networks of a list such as "127.0.0.0/8, ::1".

    Raises:
        SetupProblem: one of them is none.
    """
    try:
        return tuple(ip_network(one.strip()) for one in listed.split(",") if one.strip())
    except ValueError as error:
        raise SetupProblem(
            f"TEXTURE_PROXIES takes addresses and networks, such as 127.0.0.1, 10.0.0.0/8: {error}"
        ) from None


class Proxied:
    """A WSGI app that learns scheme, prefix and client from the proxies in `trusted`."""

    def __init__(self, app: Callable[..., Any], trusted: Networks) -> None:
        self._app, self._trusted = app, trusted
        self._told = ProxyFix(app, x_for=1, x_proto=1, x_host=0, x_prefix=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI call."""
        if not self._trusts(environ.get("REMOTE_ADDR", "")):
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        prefix = environ.pop("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        if PREFIX.fullmatch(prefix):
            environ["HTTP_X_FORWARDED_PREFIX"] = prefix
        if environ.get("HTTP_X_FORWARDED_PROTO", "http") not in SCHEMES:
            del environ["HTTP_X_FORWARDED_PROTO"]
        return self._told(environ, start_response)

    def _trusts(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        plain = peer.ipv4_mapped or peer if isinstance(peer, IPv6Address) else peer
        return any(plain in network for network in self._trusted)
