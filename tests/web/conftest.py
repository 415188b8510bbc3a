"""Browsers and viewers that end with their test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import Server, Session
from tests.web.watching import Look, Viewer


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    """A browser of its own; its jobs go with it."""
    session = server.session()
    yield session
    for row in session.get("/api/jobs", params={"limit": 100}).json()["jobs"]:
        session.delete(f"/api/jobs/{row['id']}")


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
