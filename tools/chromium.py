"""Where a Chromium is, and how it is started without a screen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tools.setup import BROWSERS

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL all the same, by the processor
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",  # names whose owners have pointed them at this machine
]
ABSENT = "no Chromium: none in CHROMIUM, on the PATH, or among Playwright's (playwright install chromium)"


def find_browser(playwright: Playwright) -> str | None:
    """CHROMIUM, else a Chromium on the PATH, else Playwright's own; None where there is none.

    The headless shell comes first: it draws no window, and so opens a page with an eighth of the work.
    """
    named = os.environ.get("CHROMIUM")
    on_path = (shutil.which(name) for name in BROWSERS)
    candidates = [named, *on_path, playwright.chromium.executable_path]
    return next((path for path in candidates if path and Path(path).exists()), None)


def launch(playwright: Playwright, path: str) -> Browser:
    """A browser without a window."""
    return playwright.chromium.launch(executable_path=path, args=FLAGS)
