"""Servers under attack: with methods that do harm, and on a disk that is full."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.faulty_methods import install

MEGABYTES = 28


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that are started from now on have the methods of `faulty_methods`."""
    install(tmp_path / "library")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))


class SmallDisk:
    """A file system of 28 MB in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Until there is no room for a single page."""
        with suppress(OSError), (self.folder / "ballast").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        (self.folder / "ballast").unlink()

    @property
    def left(self) -> int:
        return shutil.disk_usage(self.folder).free


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small file system cannot be mounted here; tests/jobs/running/test_full_disk.py needs none")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=False)
