"""Fixtures for every test that talks to the real app, in a child process, over real sockets.

`serve(...)` starts one and gives a `serving.Server`; all of them end with the test. `server` is one that the tests of
a module share, once for each async mode.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.services.bucket import Bucket, s3_server
from tests.services.postgres import Postgres, postgres_server
from tests.services.redis import RedisServer, redis_server
from tests.serving import MODES, Serve, Server, serving
from texture.errors import WeightsMissing
from texture.features.weights import ensure
from texture.images.encoding import encode_png
from texture.settings import Settings
from tools.chromium import ABSENT, find_browser, launch

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is slow, and a right test is not
hypothesis.settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Each test draws the same random tensors whenever it runs, alone or among others."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


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


@pytest.fixture(scope="session")
def vgg19() -> Settings:
    """Settings with which the real weights are there, fetched if need be.

    Without them a test is skipped, or fails where REQUIRE_WEIGHTS is set.
    """
    settings = Settings.from_environment()
    try:
        ensure(settings)
    except WeightsMissing as error:
        if os.environ.get("REQUIRE_WEIGHTS"):
            raise
        pytest.skip(str(error))
    return settings


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium, one for all tests: Playwright does not start twice. Skipped without one, or failed."""
    with sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            if os.environ.get("REQUIRE_BROWSER") == "1":
                pytest.fail(ABSENT)
            pytest.skip(ABSENT)
        browser = launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL, started when the first test asks. Skipped without the program, or failed: see REQUIRE_SERVICES."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """The same for a bucket, whose AWS_ variables are set from then on."""
    with s3_server(tmp_path_factory.mktemp("s3")) as bucket, pytest.MonkeyPatch.context() as patch:
        for name, value in bucket.environment.items():
            patch.setenv(name, value)
        yield bucket


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The same for a Redis."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def call(capsys):
    """Run one command: exit status, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        from texture.cli.main import main

        status = main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return call
