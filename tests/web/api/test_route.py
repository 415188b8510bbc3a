"""How calls are answered: never on the thread that serves the others."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from texture.web import ROUTES
from texture.web.api.problems import Refused, problem
from texture.web.api.route import Route, install
from texture.web.pages import install_errors
from texture.web.security.access import current_owner
from texture.web.turns import Turn

HEAVY = {  # with whole pictures in memory
    "upload_image": "uploads",
    "upload_material": "uploads",
    "edit_image": "uploads",
    "picture_of_result": "uploads",
    "upload_model": "uploads",
    "image": "pictures",
    "lattice": "pictures",
    "result": "sheets",
    "tiled": "sheets",
    "material_zip": "sheets",
    "iteration_animation": "sheets",
    "comparison_picture": "sheets",
}
SENT: dict[str, dict[str, Any]] = {
    "start_job": {"json": {"method": "counting", "images": {"source": "sample:pebbles"}}},
    "upload_image": {"data": {"file": (io.BytesIO(b"picture"), "a.png")}},
    "upload_material": {"data": {"file": (io.BytesIO(b"material"), "a.zip")}},
    "edit_image": {"json": {"crop": {"x": 0, "y": 0, "width": 64, "height": 64}}},
    "upload_model": {"data": {"file": (io.BytesIO(b"model"), "a.safetensors")}},
    "start_comparison": {"json": {"images": {"source": "sample:pebbles"}, "runs": [{"method": "counting"}]}},
    "forecast_runs": {"json": {"runs": [{"method": "counting"}]}},
    "add_run": {"json": {"method": "counting"}},
    "move_ahead": {"json": {"before": "a"}},
    "share": {"json": {"shared": True}},
    "mark_job": {"json": {"star": True}},
    "mark_comparison": {"json": {"name": "Wall"}},
    "delete_several": {"json": {}},
    "restore_several": {"json": {}},
    "material_zip": {"query_string": {"for": "unity"}},
    "sample": {"json": {}},
    "walk": {"json": {}},
}


class Elsewhere:
    """Takes the call, and does not make it."""

    def __init__(self) -> None:
        self.taken: list[Callable[..., Any]] = []

    def run_blocking(self, call: Callable[..., Any], *_: Any, **__: Any) -> Any:
        self.taken.append(call)
        raise Refused(problem(418, "taken elsewhere"))

    def run_heavy(self, _: Turn, call: Callable[..., Any], *__: Any, **___: Any) -> Any:
        self.run_blocking(call)


@pytest.mark.parametrize("call", ROUTES, ids=lambda call: call.name)
def test_all_that_may_block_runs_elsewhere(call: Route) -> None:
    app = Flask("test")
    app.secret_key = "test"
    elsewhere = Elsewhere()
    services: Any = None
    install(app, ROUTES, services, elsewhere, current_owner)  # type: ignore[arg-type]
    install_errors(app)
    answer = app.test_client().open(f"/api{call.path}", method=call.verb, **SENT.get(call.name, {}))
    assert (answer.status_code, elsewhere.taken) == (418, [call.function])


def test_calls_with_whole_pictures_take_turns() -> None:
    assert {call.name: call.heavy for call in ROUTES if call.heavy} == HEAVY
