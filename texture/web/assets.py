"""The page's own files, as they are sent: without comments, compressed, and under an address that changes with them.

All of them lie under /static/<digest>/, the digest being that of all: so a browser may keep each for good, modules find
each other by relative addresses, and a new version of the app is never mixed with an old one. Without the digest they
are served as well, with an ETag, to be asked for again each time.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

from flask import Flask, Response, abort, request, url_for

from texture.web.api.response import FRESH
from texture.web.concurrency import Concurrency

FOREVER = "public, max-age=31536000, immutable"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
DIGEST = 12  # characters
OURS = "js/"  # other people's comments have their licence
# A comment that has its lines to itself. What looks like one within a template would go, too.
COMMENT = re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)$", re.MULTILINE | re.DOTALL)
IMPORT = re.compile(r'^import (?:[^;"]* from )?"(\.[^"]*)";', re.MULTILINE)


class Assets:
    """The files of a folder, read once. digest: of all of them."""

    def __init__(self, folder: Path) -> None:
        found = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
        read = ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in found)
        self._files = {name: _without_comments(data) if name.startswith(OURS) else data for name, data in read}
        whole = sha256()
        for name, data in self._files.items():
            whole.update(f"{name} {len(data)}\n".encode() + data)
        self.digest = whole.hexdigest()[:DIGEST]
        self._packed: dict[str, bytes] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def plain(self, name: str) -> bytes:
        """A file, not compressed."""
        return self._files[name]

    def is_packed(self, name: str) -> bool:
        """Whether `packed` has its answer ready."""
        return name in self._packed

    def packed(self, name: str) -> bytes:
        """The same as gzip makes it, which takes up to 0.1 s the first time."""
        if name not in self._packed:
            self._packed[name] = gzip.compress(self._files[name], mtime=0)
        return self._packed[name]

    def modules(self, name: str) -> list[str]:
        """A module, and all that it imports, directly or not: those that import before those that are imported."""
        order = [name]
        for one in order:
            order.extend(sorted(set(self._imports(one)) - set(order)))
        return order

    def _imports(self, name: str) -> Iterator[str]:
        for found in IMPORT.finditer(self._files[name].decode("utf-8")):
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / found[1]).parts:
                if part == "..":
                    parts.pop()
                else:
                    parts.append(part)
            yield "/".join(parts)


def _without_comments(script: bytes) -> bytes:
    """A script with empty lines for comments, so that a line has the number in a browser that it has in the file."""
    return COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), script)


def install_assets(app: Flask, folder: Path, concurrency: Concurrency) -> None:
    """The route, and for templates `asset(name)`, an address, and `modules(name)`, the names of what a module needs."""
    assets = Assets(folder)
    app.jinja_env.globals["asset"] = lambda name: url_for("static", filename=f"{assets.digest}/{name}")
    app.jinja_env.globals["modules"] = cache(assets.modules)

    def static(filename: str) -> Response:
        digest, _, name = filename.partition("/")
        if digest != assets.digest:
            name = filename
        if name not in assets:
            abort(404)
        return _answer(assets, name, FOREVER if name != filename else FRESH, concurrency)

    app.add_url_rule("/static/<path:filename>", "static", static)


def _answer(assets: Assets, name: str, cached: str, concurrency: Concurrency) -> Response:
    packs = bool(request.accept_encodings["gzip"])
    if packs and not assets.is_packed(name):
        concurrency.run_blocking(assets.packed, name)
    data = assets.packed(name) if packs else assets.plain(name)
    response = Response(data, mimetype=TYPES[PurePosixPath(name).suffix])
    if packs:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cached
    if cached == FRESH:
        response.set_etag(sha256(data).hexdigest()[:32])
        response.make_conditional(request)
    return response
