"""What continues a job's result at two or four times its size, told to its owner alone."""

from __future__ import annotations

from typing import Any

from tests.serving import Server, Session

SMALL = {"size": "64", "rounds": "2 1"}


def job(session: Session, images: dict[str, str], **params: Any) -> str:
    """Its id. It need not end: what is asked goes by its settings."""
    return str(session.start_job(method="match", images=images, params={**SMALL, **params})["id"])


def test_its_own_settings_are_told_with_what_continues_it(session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:clay'}, seed=7)}/larger"
    told = session.get(path).json()
    assert told["images"] == {"source": "sample:clay"}
    assert {name: told["params"][name] for name in ("size", "seed", "start")} == {
        "size": "128",
        "seed": 7,
        "start": "picture",
    }
    body = {"method": "match", "params": told["params"], "images": {**told["images"], "initial": "sample:weave"}}
    assert session.start_job(**body)["params"] == told["params"]


def test_why_it_cannot_be_continued_is_told(session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:gravel'}, size='512')}/larger"
    told = session.get(path).json()
    assert told["params"] is None
    assert told["refusal"] == "the shorter side of the source texture has 512 pixels: twice the size needs 1024"


def test_nobody_else_is_told(server: Server, session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:clay'})}/larger"
    assert server.session().get(path).status_code == 404
    session.delete(path.removesuffix("/larger"))
    assert session.get(path).status_code == 404


def test_four_times_is_asked_for_by_number_and_the_address_of_before_means_twice(session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:gravel'})}"
    told = {address: session.get(path + address).json() for address in ("/larger?by=4", "/larger?by=2", "/twice")}
    assert {address: one["params"]["size"] for address, one in told.items()} == {
        "/larger?by=4": "256",
        "/larger?by=2": "128",
        "/twice": "128",
    }
    answer = session.get(path + "/larger?by=3")
    assert (answer.status_code, answer.json()["field"]) == (422, "by")


def test_it_is_told_where_twice_is_possible_and_four_times_is_not(session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:gravel'}, size='256')}/larger?by=4"
    assert session.get(path).json()["refusal"].endswith("four times the size needs 1024; twice is possible")
