"""The API's own tests once more, on a server whose jobs a worker runs elsewhere: nobody can tell the difference."""

from __future__ import annotations

import pytest

from tests.scale.conftest import Machines
from tests.serving import Server
from tests.web.conftest import look, session  # noqa: F401 - fixtures
from tests.web.endpoints.test_comparison_routes import *  # noqa: F403
from tests.web.endpoints.test_marks import *  # noqa: F403
from tests.web.endpoints.test_trashed import *  # noqa: F403
from tests.web.live.test_watch import *  # noqa: F403


@pytest.fixture(scope="module")
def server(services: Machines) -> Server:
    """In place of one that runs two entries at a time itself."""
    for worker in [services.begin_worker(), services.begin_worker()]:
        worker.wait_until_ready()
    return services.servers[0]
