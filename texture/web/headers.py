"""The security headers of every response, including protocol errors."""

from __future__ import annotations

HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
LINES = "".join(f"{name}: {value}\r\n" for name, value in HEADERS).encode()
