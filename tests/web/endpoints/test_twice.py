"""What continues a job's result at twice its size, told to its owner alone."""

from __future__ import annotations

from typing import Any

from tests.serving import Server, Session

SMALL = {"size": "64", "rounds": "2 1"}


def job(session: Session, images: dict[str, str], **params: Any) -> str:
    """Its id. It need not end: what is asked goes by its settings."""
    return str(session.start_job(method="match", images=images, params={**SMALL, **params})["id"])


def test_its_own_settings_are_told_with_what_continues_it(session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:clay'}, seed=7)}/twice"
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
    path = f"/api/jobs/{job(session, {'source': 'sample:gravel'}, size='512')}/twice"
    told = session.get(path).json()
    assert told["params"] is None
    assert told["refusal"] == "the shorter side of the source texture has 512 pixels: twice the size needs 1024"


def test_nobody_else_is_told(server: Server, session: Session) -> None:
    path = f"/api/jobs/{job(session, {'source': 'sample:clay'})}/twice"
    assert server.session().get(path).status_code == 404
    session.delete(path.removesuffix("/twice"))
    assert session.get(path).status_code == 404
