"""What a command said, and a terminal for what only one can show."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
needs_terminal = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")


def refusal(result: tuple[int, str, str], status: int = 2) -> str:
    """The one line that says what to do."""
    assert result[0] == status
    assert result[1] == ""
    assert result[2].count("\n") == 1
    return result[2].removeprefix("texture: ").rstrip("\n")


class Terminal:
    """`python -m texture …` under a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self.screen, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "texture", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, pattern: str) -> None:
        """Read the screen until it has shown the pattern."""
        end = time.monotonic() + 60
        while not re.search(pattern, self.shown):
            assert select.select([self.screen], [], [], max(0.0, end - time.monotonic()))[0], self.shown
            self.shown += os.read(self.screen, 4096).decode("utf-8", "ignore")

    def close(self) -> tuple[int, str]:
        """Wait for the end, reading what is shown meanwhile; exit status and stdout."""
        end = time.monotonic() + 60
        with suppress(OSError):  # nobody shows anything any more
            while time.monotonic() < end:
                if select.select([self.screen], [], [], 0.1)[0]:
                    self.shown += os.read(self.screen, 4096).decode("utf-8", "ignore")
        try:
            out, _ = self.process.communicate(timeout=30)
        finally:
            self.process.kill()
            os.close(self.screen)
        return self.process.returncode, out
