"""Write what the page's scripts are checked against: `python -m tools.page_types`, which `make lint` calls.

To build/ go the API's OpenAPI document, of which openapi-typescript makes api.d.ts, and the ids of the page; the types
of libraries go beside these. static/js/types.d.ts has names for what modules share.
"""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

from texture.web import ROUTES
from texture.web.api.openapi import document

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
LIBRARIES = ROOT / "types" / "vendor"
VENDOR = ROOT / "static" / "vendor"
PAGE = ROOT / "templates" / "index.html"
HEAD = "// Made by tools/page_types.py: the ids of templates/index.html, and what elements have them.\n"
DRAWN = ("svg", "use")  # elements of SVG


class Ids(HTMLParser):
    """tags: the name of the element of each id, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep its id."""
        if name := dict(attrs).get("id"):
            self.tags[name] = tag


def declarations(page: str) -> str:
    """An interface that has a property for each id of a page."""
    ids = Ids()
    ids.feed(page)
    kinds = {tag: "SVGElementTagNameMap" if tag in DRAWN else "HTMLElementTagNameMap" for tag in ids.tags.values()}
    lines = [f'  "{name}": {kinds[tag]}["{tag}"];\n' for name, tag in ids.tags.items()]
    return f"{HEAD}export interface Ids {{\n{''.join(lines)}}}\n"


def main() -> None:
    """Write them all."""
    BUILD.mkdir(exist_ok=True)
    (BUILD / "openapi.json").write_text(json.dumps(document(ROUTES)), encoding="utf-8")
    (BUILD / "ids.d.ts").write_text(declarations(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for file in LIBRARIES.iterdir():
        shutil.copy(file, VENDOR)


if __name__ == "__main__":
    main()
