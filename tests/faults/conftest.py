"""Servers under attack: with methods that do harm, and on a disk that is full."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

MEGABYTES = 28
FAULTY = Path(__file__).with_name("faulty_methods.py")


def install(module: Path, folder: Path) -> None:
    """As pip leaves a package of one module with methods, in a folder for PYTHONPATH."""
    about = folder / f"{module.stem}-1.0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(module, folder)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module.stem}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[texture.methods]\n{module.stem} = {module.stem}\n")


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that are started from now on have the methods of `faulty_methods`."""
    install(FAULTY, tmp_path / "library")
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
