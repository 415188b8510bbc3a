"""The security headers of responses, including protocol errors."""

from __future__ import annotations

OF_ALL = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
# What a page obeys, and whatever a browser may show as one.
OF_PAGES = (
    (
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
HEADERS = OF_PAGES + OF_ALL
LINES = "".join(f"{name}: {value}\r\n" for name, value in HEADERS).encode()
# Parts of a page, for which the page's own headers hold: a first load has a hundred, and their heads are half as long.
PARTS = ("text/css", "text/javascript")


def headers_for(media: str) -> tuple[tuple[str, str], ...]:
    """Those of a response with that Content-Type."""
    return OF_ALL if media.partition(";")[0] in PARTS else HEADERS
