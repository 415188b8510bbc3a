"""The forecast over HTTP: what runs would take, without starting any."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.serving import Serve, Server, Session

PEBBLES = {"source": "sample:pebbles"}
QUICK = {"method": "match", "params": {"size": "64"}}


def expect(session: Session, *runs: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = session.post("/api/forecast", json={"runs": list(runs), **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def problem(session: Session, body: Any) -> dict[str, Any]:
    answer = session.post("/api/forecast", json=body)
    assert answer.status_code == 422, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_larger_result_takes_longer_and_more_memory(session: Session) -> None:
    small, large = (expect(session, {"method": "gatys", "params": {"size": size}}) for size in ("256", "1024"))
    assert 0 < small["seconds"] < large["seconds"]
    assert 0 < small["memory"] < large["memory"]
    assert small["runs"] == [{"seconds": small["seconds"], "memory": small["memory"], "seeded": True}]
    assert session.get("/api/jobs").json()["jobs"] == [], "nothing is started"


def test_several_runs_take_their_sum_and_an_hour_is_long(session: Session) -> None:
    minutes = {"method": "sgan", "params": {"minutes": 31}}
    assert not expect(session, minutes, images=PEBBLES)["long"]
    both = expect(session, minutes, minutes, images=PEBBLES)
    assert (both["seconds"], both["long"]) == (3720.0, True)
    assert len(both["runs"]) == 2


def test_a_preset_and_its_settings_count(session: Session) -> None:
    draft, fine = (expect(session, {"method": "gatys", "preset": preset})["seconds"] for preset in ("draft", "fine"))
    assert draft < fine


def test_what_might_be_run_instead_is_told_beside_it(session: Session) -> None:
    gatys = {"method": "gatys", "params": {"size": "256"}}
    told = expect(session, gatys, instead=[{**gatys, "preset": preset} for preset in ("draft", "fine")])
    draft, fine = (one["seconds"] for one in told["instead"])
    assert draft < told["seconds"] == told["runs"][0]["seconds"] < fine
    wrong = {"runs": [QUICK], "instead": [{**QUICK, "preset": "best"}]}
    assert problem(session, wrong)["field"] == "instead.0.preset"


def test_whether_another_seed_gives_another_picture_is_told(session: Session) -> None:
    texture = {"method": "gatys"}
    images = {"source": "sample:pebbles", "initial": "sample:clay"}
    assert expect(session, texture, images=PEBBLES)["runs"][0]["seeded"]
    assert not expect(session, texture, images=images)["runs"][0]["seeded"]


def test_of_what_nobody_knows_nothing_is_said(session: Session) -> None:
    told = expect(session, {"method": "counting"})
    assert (told["seconds"], told["memory"], told["long"], told["measuring"]) == (None, None, False, False)


def test_what_is_wrong_is_said_as_when_it_is_started(session: Session) -> None:
    assert problem(session, {"runs": []})["field"] == "runs"
    size = problem(session, {"runs": [QUICK, {"method": "gatys", "params": {"size": "7"}}]})
    assert size["field"] == "runs.1.params.size"
    assert problem(session, {"runs": [QUICK], "images": {"source": "sample:nothing"}})["field"] == "images.source"


def test_pictures_of_others_are_not_there(session: Session, server: Server, png: bytes) -> None:
    theirs = server.session().post("/api/images", files={"file": ("a.png", png)}).json()["id"]
    assert problem(session, {"runs": [QUICK], "images": {"source": theirs}})["field"] == "images.source"


@pytest.mark.parametrize("asked", ["forecast", "job"])
def test_a_new_machine_learns_how_fast_it_is(
    serve: Serve, tmp_path_factory: pytest.TempPathFactory, asked: str
) -> None:
    session = serve(cache=tmp_path_factory.mktemp("cache")).session()
    if asked == "job":  # whose own time tells it too
        session.start_job(method="match", params={"size": "64"})
    else:
        assert expect(session, QUICK)["measuring"]
    end = time.monotonic() + 90
    while (told := expect(session, QUICK))["seconds"] is None:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert 0 < told["seconds"] < 60
    assert not told["measuring"]
