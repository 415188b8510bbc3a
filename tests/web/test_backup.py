"""Backup and restore by the very commands of docs/operations.md, of a server that is at work."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.serving import ROOT, Serve, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}
SECTION = re.compile(r"^## Backup\n(.+?)^## ", re.MULTILINE | re.DOTALL)


def documented() -> list[str]:
    """Its blocks of commands: to make one, to restore it."""
    found = SECTION.search((ROOT / "docs" / "operations.md").read_text())
    assert found
    return re.findall(r"```\n(.+?)```", found[1], re.DOTALL)


def run_as_written(commands: str, folder: Path) -> None:
    """In the folder that has `data`."""
    places = {".venv/bin/python": sys.executable, "/srv/backups/monday": str(folder / "backups" / "monday")}
    for line in commands.strip().splitlines():
        words = [places.get(word, word) for word in shlex.split(line)]
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)


def test_a_backup_of_a_running_server_is_restored(serve: Serve, look: Look, tmp_path: Path, png: bytes) -> None:
    make, restore = documented()
    server = serve()
    session = server.session()
    viewer = look(session)
    viewer.watch("mine")
    picture = session.post("/api/images", files={"file": ("a.png", png)}).json()
    done = session.start_job(params={"steps": 3, "train": True}, images={"source": picture["id"]})["id"]
    viewer.wait_for_state(done, "done")
    running = run_until_kept(session, look)
    saved = {name: session.get(f"/api/jobs/{done}/{name}").content for name in ("result.png", "model.safetensors")}
    run_as_written(make, tmp_path)
    assert session.get(f"/api/jobs/{running}").json()["state"] == "running"
    newer = session.start_job(params={"steps": 3})["id"]
    viewer.wait_for_state(newer, "done")
    viewer.close()
    assert server.stop() == 0
    run_as_written(restore, tmp_path)

    again = serve()
    session.url = again.url
    viewer = look(session)
    (going_on,) = viewer.watch([running])["jobs"]
    assert going_on["job"]["number"] > 0
    viewer.wait_for(lambda name, message: name == "step" and message["number"] > going_on["job"]["number"], "step")
    for name, content in saved.items():
        assert session.get(f"/api/jobs/{done}/{name}").content == content
    assert session.get(picture["url"]).status_code == 200
    assert session.get(f"/api/jobs/{newer}").status_code == 404  # it came later
    assert session.get("/api/health").json()["lost"] == 0
    assert "checkpoint" not in again.errors()  # it was whole


def run_until_kept(session: Session, look: Look) -> str:
    """A job that runs, and has been paused: so there is a checkpoint of it."""
    viewer = look(session)
    viewer.watch("mine")
    job = str(session.start_job(params=LONG)["id"])
    viewer.wait_for(lambda name, message: name == "step" and message["job"] == job, "step")
    session.post(f"/api/jobs/{job}/pause")
    viewer.wait_for_state(job, "paused")
    session.post(f"/api/jobs/{job}/resume")
    viewer = look(session)
    if viewer.watch([job])["jobs"][0]["job"]["state"] != "running":
        viewer.wait_for_state(job, "running")
    return job
