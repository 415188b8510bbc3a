"""Programs that tests need beside them: started on a free port, ended with the block."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

STARTS_WITHIN, ENDS_WITHIN = 60.0, 10.0  # seconds, on a busy machine


def free_port() -> int:
    """A port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str | Path], port: int, log: Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that serves `port`, until the end of the block. more: for `subprocess.Popen`, such as `user`."""
    with log.open("wb") as file:
        process = subprocess.Popen([*map(str, command)], stdout=file, stderr=file, stdin=subprocess.DEVNULL, **more)
    try:
        _wait_for(process, port, log)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program, the hard way where it does not by itself."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def program(name: str, *folders: Path) -> Path:
    """Where a program is. Without it the test is skipped, or fails where REQUIRE_SERVICES is 1."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=path)
    return Path(found) if found else absent(f"{name} is not installed")


def absent(reason: str) -> NoReturn:
    """Skip the test, or fail where REQUIRE_SERVICES is 1."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args} does not answer on port {port}:\n{log.read_text(errors='replace')[-4000:]}")
