"""Where compiled loops are kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from texture.methods.match import kernels

USE = "import kernels_of_ours as kernels; print(kernels.lines_inside(0, 9, 5, False))"


def test_without_a_folder_that_can_be_written_they_are_compiled_each_time(tmp_path: Path) -> None:
    """Neither where it was named, nor beside the file, nor in a home; the smallest of them stands for all."""
    shutil.copy(kernels.__file__, tmp_path / "kernels_of_ours.py")
    (tmp_path / "__pycache__").write_bytes(b"")
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"), "/dev/null/no")
    done = subprocess.run(
        [sys.executable, "-c", USE],
        env={**os.environ, **nowhere, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "(2, 5)\n"


def test_they_are_kept_where_they_can_be(tmp_path: Path) -> None:
    shutil.copy(kernels.__file__, tmp_path / "kernels_of_ours.py")
    place = {"NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", USE], env={**os.environ, **place}, capture_output=True, check=True)
    assert list((tmp_path / "kept").rglob("*.nbc"))
