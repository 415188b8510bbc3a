"""docs/api.md: it names every call, and its script runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.serving import ROOT, Serve
from texture.images.decoding import decode
from texture.web import ROUTES

TEXT = (ROOT / "docs" / "api.md").read_text()


def test_every_call_stands_in_the_table() -> None:
    told = re.findall(r"^\| `(GET|POST|PATCH|DELETE) (/api[^`?]*)[^`]*` \|", TEXT, re.MULTILINE)
    assert sorted(told) == sorted((call.verb, f"/api{call.path}") for call in ROUTES)


def test_the_script_runs(serve: Serve, tmp_path: Path, png: bytes) -> None:
    """As printed, but for the address and the method, which would need the weights."""
    script = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
    script = script.replace("http://127.0.0.1:5000", serve().url).replace('"gatys"', '"counting"')
    (tmp_path / "stones.png").write_bytes(png)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert decode((tmp_path / "tile.png").read_bytes()).shape == (256, 256, 3)
