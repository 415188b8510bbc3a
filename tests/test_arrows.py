"""Imports point one way, and a process that only serves pages never loads torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERVES_PAGES = """
import sys
import texture, texture.web
from texture.features import weights
from texture.jobs import store
from texture.jobs.engines import protocol
from texture.methods.registry import methods
from texture.settings import Settings
methods()
weights.status(Settings())
print(sorted({name.split(".")[0] for name in sys.modules} & {"torch", "torchvision", "scipy", "skimage", "eventlet"}))
"""


def test_the_rooms_import_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout


def test_serving_pages_needs_no_torch() -> None:
    said = subprocess.run([sys.executable, "-c", SERVES_PAGES], cwd=ROOT, capture_output=True, text=True)
    assert said.stdout == "[]\n", said.stderr
