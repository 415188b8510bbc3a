"""The documents do not go stale: their links lead somewhere, their commands exist and their code runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from texture import save
from texture.cli.main import main
from texture.images.decoding import read
from tools import scale_drawing

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:texture|tests|tools|samples|docs|benchmarks|examples)/[\w./-]+)`", page.read_text())
    assert not [name for name in named if not (ROOT / name).exists()]


def test_the_drawing_of_several_machines_is_current() -> None:
    assert scale_drawing.PICTURE.read_text() == scale_drawing.drawing(), "run: python -m tools.scale_drawing"


def test_the_targets_of_the_readme_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^    |`)make ([a-z-]+)", README, re.MULTILINE)) <= targets | {"run", "test"}
    assert {"run", "test"} <= targets


SMALLER = {
    "-o quick.png": "-o quick.png --size 32 --patch 5",
    "gatys,sgan": "counting",  # which needs no weights
    "gatys": "counting",
    "--minutes 4": "--steps 2 --size 64 --base-channels 4 --discriminator-channels 4",
    "--size 512": "--size 64",
    "-o styled.png": "-o styled.png --size 64 --steps 1",
    "-o rebuilt.png": "-o rebuilt.png --size 64 --steps 1",
    "texnet": "texnet --size 64 --steps 1 --side 64 --batch 1",
    "4096x2048": "128x64",
    "loop.webp": "loop.webp --size 64 --frames 4",
}


@pytest.mark.weights
@pytest.mark.usefixtures("vgg19")
def test_the_commands_of_the_readme_do_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As written, in their order, but smaller."""
    monkeypatch.chdir(tmp_path)
    for name in ("pebbles.jpg", "photo.jpg"):
        save(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8), name)
    save(np.kron(np.eye(2), np.full((32, 32), 255))[..., None].repeat(3, 2).astype(np.uint8), "hole.png")
    Path("photos").mkdir()
    save(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8), "photos/bark.png")
    commands = re.findall(r"^    python -m texture (.+)$", README, re.MULTILINE)
    assert {command.split()[0] for command in commands} >= {
        *("gatys", "style", "cnnmrf", "texnet", "sgan"),
        *("sample", "stylise", "walk", "compare", "tile", "score"),
    }
    for command in commands:
        for written, smaller in SMALLER.items():
            command = command.replace(written, smaller)
        assert main(shlex.split(command)) == 0, command
    assert read("sheet.png").shape == (128, 192, 3)
    assert read("large.png").shape == (64, 128, 3)
    assert Path("loop.webp").exists()
    assert Path("compared/index.html").exists()
    assert Path("tiles/bark-material-blender.zip").exists()


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    exec(code.replace("gatys", "counting").replace("'style'", "'distance'"), {})
    assert read("new.png").shape == (256, 256, 3)
