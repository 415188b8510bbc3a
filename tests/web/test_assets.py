"""The page's own files: kept for good under an address that changes with them, compressed, and named beforehand."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.serving import ROOT, Server
from texture.web.assets import Assets

STATIC = ROOT / "static"
ALONE = {"js/app/early.js", "js/app/api-docs.js"}  # scripts that are no modules of the page
ASKED_FOR = {  # come when they are wanted for the first time, whatever the page
    *("js/viewer/solid.js", "js/viewer/tuning.js", "js/job/surface.js", "js/job/sheet-dialog.js"),
    *(f"js/compose/{name}.js" for name in ("edit-dialog", "cropping", "sampling-dialog", "several", "material-maps")),
    *(f"js/compose/{name}.js" for name in ("mask-dialog", "paintable", "regions", "sheet")),
    *("js/job/curve.js", "js/comparison/curves.js", "js/kit/colour.js", "js/kit/styles.js", "js/lists/workers.js"),
}
HISTORY = {f"js/lists/{name}.js" for name in ("history", "history-card", "history-screen")}
MODELS = "js/lists/models.js"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "js/kit").mkdir(parents=True)
    (tmp_path / "vendor").mkdir()
    (tmp_path / "js/main.js").write_text('import "../vendor/lib.js";\nimport { a,\n  b } from "./kit/a.js";\n')
    (tmp_path / "js/kit/a.js").write_text(
        'import lib from "../../vendor/lib.js";\nexport const a = 1, b = \'import "x"\';\n'
    )
    (tmp_path / "vendor/lib.js").write_text("export default 1;\n")
    (tmp_path / "vendor/lib.d.ts").write_text("not sent\n")
    return tmp_path


def test_all_that_a_module_imports_is_told(folder: Path) -> None:
    assert Assets(folder).modules("js/main.js") == ["js/main.js", "js/kit/a.js", "vendor/lib.js"]


def test_the_digest_changes_with_a_file_its_name_and_nothing_else(folder: Path) -> None:
    before = Assets(folder).digest
    (folder / "vendor/lib.d.ts").write_text("still not sent\n")
    assert Assets(folder).digest == before
    (folder / "vendor/lib.js").write_text("export default 2;\n")
    changed = Assets(folder).digest
    (folder / "vendor/lib.js").rename(folder / "vendor/other.js")
    assert len({before, changed, Assets(folder).digest}) == 3


def test_only_what_was_there_at_the_start_is_served(folder: Path) -> None:
    assets = Assets(folder)
    (folder / "js/later.js").touch()
    assert "js/kit/a.js" in assets
    assert not any(name in assets for name in ("js/later.js", "vendor/lib.d.ts", "../secret.js"))


def told_beforehand(page: str) -> list[str]:
    return re.findall(rf'<link rel="modulepreload" href="/static/{Assets(STATIC).digest}/([^"]+)">', page)


@pytest.mark.parametrize(
    ("path", "later"),
    [
        ("/", {"js/kit/html.js", "js/lists/cards.js", *HISTORY, MODELS}),
        ("/history", {MODELS}),
        ("/models", HISTORY - {"js/lists/history-card.js"}),
    ],
)
def test_the_page_names_all_of_its_modules_beforehand(server: Server, path: str, later: set[str]) -> None:
    page = requests.get(server.url + path, timeout=10).text
    told = told_beforehand(page)
    ours = {file.relative_to(STATIC).as_posix() for file in (STATIC / "js").rglob("*.js")}
    assert {name for name in told if name.startswith("js/")} == ours - ALONE - ASKED_FOR - later
    assert len(told) == len(set(told))
    assert f'<script type="module" src="/static/{Assets(STATIC).digest}/js/app/main.js"></script>' in page


def test_a_file_is_compressed_and_kept_for_good(server: Server) -> None:
    name = "js/kit/dom.js"
    answer = requests.get(f"{server.url}/static/{Assets(STATIC).digest}/{name}", timeout=10, stream=True)
    assert gzip.decompress(answer.raw.read(decode_content=False)) == Assets(STATIC).plain(name)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_comments_leave_empty_lines_and_nothing_else_goes(folder: Path) -> None:
    assets = Assets(STATIC)
    for path in (STATIC / "js").rglob("*.js"):
        sent = assets.plain(path.relative_to(STATIC).as_posix()).decode().split("\n")
        for line, (ours, theirs) in enumerate(zip(path.read_text().split("\n"), sent, strict=True), 1):
            assert ours == theirs or (not theirs and ours.lstrip().startswith(("//", "/*", "*"))), f"{path}:{line}"
    text = "// one\na = 1; // two\n/**\n * three\n */\n  /** @type {T} */ (b).c();\n  /* four */ \nd(); /* five */\n"
    (folder / "js/main.js").write_text(text)
    left = "\na = 1; // two\n\n\n\n  /** @type {T} */ (b).c();\n\nd(); /* five */\n"
    assert Assets(folder).plain("js/main.js").decode() == left
    (folder / "vendor/lib.js").write_text("/* their licence */\n")
    assert Assets(folder).plain("vendor/lib.js") == b"/* their licence */\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
def test_what_is_left_without_comments_is_still_a_script(tmp_path: Path) -> None:
    assets = Assets(STATIC)
    script = tmp_path / "sent.mjs"
    for path in (STATIC / "js").rglob("*.js"):
        script.write_bytes(assets.plain(path.relative_to(STATIC).as_posix()))
        subprocess.run(["node", "--check", script], check=True, timeout=60)


def test_a_first_load_stays_small(server: Server) -> None:
    """Bodies and heads of all that the page names; what is not in here is 63 KB: catalogue, samples, jobs and usage."""
    session = server.session(cookie=False)
    session.headers["Accept-Encoding"] = "gzip"
    page = session.get("/")
    named = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))
    answers = [page, *(session.get(name) for name in named)]
    heads = sum(len(name) + len(value) + len(": \r\n") for one in answers for name, value in one.headers.items())
    assert heads + sum(int(one.headers["Content-Length"]) for one in answers) < 187_000


def test_who_takes_no_gzip_gets_the_file_as_it_is(server: Server) -> None:
    address = f"{server.url}/static/icons.svg"
    answer = requests.get(address, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert answer.content == (STATIC / "icons.svg").read_bytes()
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"].startswith("image/svg+xml")


def test_without_the_digest_a_file_is_asked_for_again_each_time(server: Server) -> None:
    answer = requests.get(f"{server.url}/static/css/base.css", timeout=10)
    assert answer.headers["Cache-Control"] == "no-cache"
    again = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_a_file_of_another_version_is_not_there(server: Server) -> None:
    """What is left of an old page is not mixed with the new one."""
    assert requests.get(f"{server.url}/static/0123456789ab/css/base.css", timeout=10).status_code == 404


def test_the_page_and_the_catalogue_are_compressed(server: Server) -> None:
    session = server.session()
    page = session.get("/")
    assert page.headers["Content-Encoding"] == "gzip"
    address = re.search(r'data-catalogue="([^"]+)"', page.text)
    assert address
    assert f'<link rel="preload" as="fetch" crossorigin href="{address[1]}">' in page.text
    told = session.get(address[1])
    assert told.headers["Content-Encoding"] == "gzip"
    assert told.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    other = session.get("/api/catalogue?version=other")
    assert (other.json(), other.headers["Cache-Control"]) == (told.json(), "no-store")


def test_a_built_in_picture_is_kept_for_a_day(server: Server) -> None:
    session = server.session()
    for query in ("", "?size=144", "?size=1024"):
        answer = session.get(f"/api/images/sample:pebbles{query}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, max-age=86400")
    assert session.get("/api/images/sample:nothing?size=144").status_code == 404
