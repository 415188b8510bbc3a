"""Fixtures for every test that talks to the real app, in a child process, over real sockets.

`serve(...)` starts one and gives a `serving.Server`; all of them end with the test. `server` is one that the tests of
a module share, once for each async mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.serving import MODES, Serve, Server, serving
from texture.images.encoding import encode_png


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start servers: `serve("--port", "5001", data=…, mode…)`; keywords are settings (`**{"async": "threading"}`)."""
    with serving(tmp_path) as serve:
        yield serve


@pytest.fixture(scope="module", params=MODES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of a module share, once in each async mode."""
    with serving(tmp_path_factory.mktemp(request.param)) as serve:
        yield serve(**{"async": request.param})


@pytest.fixture(scope="session")
def png() -> bytes:
    """A small picture, 64×48, as a person might bring it."""
    random_pixels = np.random.default_rng(7).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    return encode_png(random_pixels)
