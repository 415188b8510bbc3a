"""`GET /api/catalogue`: all that is known beforehand, as it stands where it is made."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from tests.serving import Server, Session
from texture.jobs.domain.job import State
from texture.jobs.domain.transitions import TRANSITIONS
from texture.methods.registry import methods
from texture.methods.roles import ROLES
from texture.metrics import EVERY_METRIC
from texture.palette import LABELS, REGIONS, RUNS


@pytest.fixture(scope="module")
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture(scope="module")
def told(session: Session) -> dict[str, Any]:
    answer: dict[str, Any] = session.get("/api/catalogue").json()
    return answer


def test_every_method_is_there_and_says_whether_it_is_offered(session: Session, told: dict[str, Any]) -> None:
    assert {one["name"]: one["listed"] for one in told["methods"]} == {
        name: method.listed for name, method in methods().items()
    }
    assert told["methods"] == session.get("/api/methods?unlisted=true").json()["methods"]


def test_every_method_says_what_its_runs_leave(told: dict[str, Any]) -> None:
    left = {one["name"]: [artifact["name"] for artifact in one["produces"]] for one in told["methods"]}
    assert left == {name: [artifact.name for artifact in method.produces] for name, method in methods().items()}
    assert left["walk"] == ["animation.webp", "result.png"]


def test_roles_metrics_and_colours_are_those_of_their_tables(told: dict[str, Any]) -> None:
    assert [(one["name"], one["title"]) for one in told["roles"]] == [(name, it.title) for name, it in ROLES.items()]
    assert told["roles"][0]["words"] == "a source picture: the texture, or the first style"
    assert [one["name"] for one in told["metrics"]] == list(EVERY_METRIC)
    assert all(one == vars(EVERY_METRIC[one["name"]]) for one in told["metrics"])
    assert told["palette"] == {"runs": list(RUNS), "regions": dict(REGIONS), "labels": dict(LABELS)}
    assert told["result_formats"] == {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


def test_a_state_says_what_may_be_done_and_where_that_leads(told: dict[str, Any]) -> None:
    states = {one["name"]: one for one in told["states"]}
    assert list(states) == list(get_args(State))
    assert states["running"] == {
        "name": "running",
        "title": "Running",
        "ended": False,
        "moves": {"pause": "paused", "cancel": "cancelled"},
    }
    assert {name for name, state in states.items() if state["ended"]} == {"done", "failed", "cancelled"}
    for name, move in TRANSITIONS.items():
        assert {state for state, about in states.items() if about["moves"].get(name) == move.end} == set(move.start)


def test_a_limit_is_where_the_server_draws_the_line(session: Session, told: dict[str, Any], png: bytes) -> None:
    limits = told["limits"]

    def start(side: int) -> int:
        job = {"method": "counting", "images": {"source": "sample:pebbles"}, "params": {"size": side, "steps": 1}}
        return int(session.post("/api/jobs", json=job).status_code)

    side = limits["side"]
    sides = (side["lowest"] - side["step"], side["lowest"], side["lowest"] + 1, side["highest"] + side["step"])
    assert [start(one) for one in sides] == [422, 201, 422, 422]
    assert session.get("/api/jobs", params={"limit": limits["page"]}).ok
    assert not session.get("/api/jobs", params={"limit": limits["page"] + 1}).ok
    view = limits["view_side"]
    assert session.get("/api/images/sample:pebbles", params={"size": view["highest"]}).ok
    assert not session.get("/api/images/sample:pebbles", params={"size": view["highest"] + 1}).ok
    runs = [{"method": "counting", "params": {"steps": 1}}] * (limits["runs"] + 1)
    body = {"images": {"source": "sample:pebbles"}, "runs": runs}
    assert session.post("/api/comparisons", json=body).status_code == 422
    large = session.post("/api/images", files={"file": ("a.png", b"\0" * (limits["picture_bytes"] + 1))})
    assert large.status_code in (413, 422)
