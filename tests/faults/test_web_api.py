"""The API by its own document: schemathesis sends what it allows, and what it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import Serve, Server, Session

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
FORMATS = Path(__file__).with_name("schemathesis_formats.py")
SCHEMATHESIS = shutil.which("schemathesis", path=str(Path(sys.executable).parent)) or "schemathesis"
LARGE = ("start_job", "start_comparison", "add_run")  # of all parameters of all methods: thousands of cases
RUNS = {
    "coverage": ["--phases", "coverage", *(f"--exclude-operation-id={name}" for name in LARGE)],
    "fuzzing": ["--phases", "examples,fuzzing,stateful", "--max-examples", "4"],
}


@pytest.mark.parametrize("run", RUNS)
def test_no_answer_is_an_error_of_ours_or_undocumented(serve: Serve, tmp_path: Path, run: str) -> None:
    """6,067 cases found 14 faults. The slow one below has more of them."""
    check(serve(), tmp_path, RUNS[run])


@pytest.mark.slow
def test_nor_is_any_of_many(serve: Serve, tmp_path: Path) -> None:
    check(serve(), tmp_path, ["--max-examples", "60"], within=3600)


def check(server: Server, folder: Path, options: list[str], within: float = 240) -> None:
    session = server.session()
    job = session.start_job(params={"steps": 1})["id"]
    there = {"SCHEMATHESIS_HOOKS": str(FORMATS), "JOB": job, "ENTRY": job}
    address = [f"{server.url}/api/openapi.json", "--header", f"Cookie: {session.cookie}"]
    command = [
        SCHEMATHESIS,
        "--config-file",
        str(CONFIGURATION),
        "run",
        *address,
        "--seed",
        "1",
        "--no-color",
        *options,
    ]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | there, capture_output=True, text=True, timeout=within, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Traceback" not in server.errors()


def addresses(session: Session, png: bytes) -> dict[str, str]:
    """What was just made, by its kind, where the answer said that it is."""
    run = {"method": "counting", "params": {"steps": 1_000_000}}
    given = {"images": {"source": "sample:pebbles"}}
    answers = {
        "picture": session.post("/api/images", files={"file": png}),
        "job": session.post("/api/jobs", json={**given, **run}),
        "comparison": session.post("/api/comparisons", json={**given, "runs": [run]}),
    }
    assert {answer.status_code for answer in answers.values()} == {201}
    return {kind: answer.headers["Location"] for kind, answer in answers.items()}


def test_what_was_made_is_there_and_what_was_deleted_is_not(server: Server, png: bytes) -> None:
    session = server.session()
    made = addresses(session, png)
    assert [session.get(address).status_code for address in made.values()] == [200, 200, 200]
    for kind, calls in {
        "job": ["", "/points", "/files/result.png", "/tiled.png"],
        "comparison": ["", "/table.csv", "/curves.csv", "/sheet.png"],
    }.items():
        assert session.delete(made[kind]).status_code == 204
        assert [session.get(made[kind] + call).status_code for call in calls] == [404] * len(calls)
        assert session.delete(made[kind]).status_code == 404
    for move in ("pause", "resume", "cancel", "retry"):
        assert session.post(f"{made['job']}/{move}").status_code == 404
    assert session.post(f"{made['comparison']}/share", json={"shared": True}).status_code == 404
