"""Viewers that end with their test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import Session
from tests.web.watching import Look, Viewer


@pytest.fixture
def look() -> Iterator[Look]:
    """Open viewers for a session: `look(session, …)` with what `Viewer` takes."""
    viewers: list[Viewer] = []

    def look(session: Session, **more: Any) -> Viewer:
        viewers.append(Viewer(session, **more))
        return viewers[-1]

    yield look
    for viewer in viewers:
        viewer.close()
