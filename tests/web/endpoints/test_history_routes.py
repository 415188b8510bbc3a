"""The history of a session: comparisons and single jobs, searched and paged."""

from __future__ import annotations

from typing import Any

from tests.serving import Server, Session

LONG = {"steps": 1_000_000, "work": 1}


def found(session: Session, **query: Any) -> list[str]:
    answer = session.get("/api/history", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["id"] for entry in answer.json()["entries"]]


def test_comparisons_and_single_jobs_newest_first(session: Session) -> None:
    first = session.start_job(params=LONG)["id"]
    comparison = session.start_comparison(LONG, LONG)
    last = session.start_job(params=LONG)["id"]
    entries = session.get("/api/history").json()["entries"]
    assert [(entry["kind"], entry["id"]) for entry in entries] == [
        ("job", last),
        ("comparison", comparison["id"]),
        ("job", first),
    ]
    assert [len(entry["jobs"]) for entry in entries] == [1, 2, 1]
    assert entries[1]["exemplar"] == "Pebbles"
    assert "owner" not in entries[0]["jobs"][0]


def test_it_is_searched_by_method_and_exemplar(session: Session, png: bytes) -> None:
    picture = session.post("/api/images", files={"file": ("Mossy Wall.png", png)}).json()["id"]
    pebbles = session.start_job(params=LONG)["id"]
    wall = session.start_job(params=LONG, images={"source": picture})["id"]
    assert found(session, exemplar="mossy") == [wall]
    assert found(session, exemplar="PEBB") == [pebbles]
    assert found(session, exemplar="granite") == []
    assert found(session, method="counting") == [wall, pebbles]
    assert found(session, method="gatys") == []
    assert found(session, method="", exemplar="", before="") == [wall, pebbles], (
        "empty fields of a form ask for nothing"
    )


def test_it_comes_in_pages(session: Session) -> None:
    made = [session.start_job(params=LONG)["id"] for _ in range(5)]
    first = session.get("/api/history", params={"limit": 3}).json()
    assert [entry["id"] for entry in first["entries"]] == made[:1:-1]
    second = session.get("/api/history", params={"limit": 3, "before": first["next"]}).json()
    assert ([entry["id"] for entry in second["entries"]], second["next"]) == (made[1::-1], None)


def test_it_is_one_session_s_own(server: Server, session: Session) -> None:
    session.start_job(params=LONG)
    assert found(server.session()) == []
