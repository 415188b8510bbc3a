"""Killed at random moments under a mixed load: whatever was accepted is there, and ends as it would have."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.serving import Serve, Session
from texture.jobs.store import Store
from texture.settings import Settings

STEPS, SIZE = 400, "64"
PNG_END = b"IEND\xaeB`\x82"


class Load:
    """Somebody who uploads, starts, pauses, resumes, trains, compares and throws away, as fast as they are answered.

    pictures, jobs: what was accepted; gone: the jobs that were to be thrown away; torn: answers that were not whole.
    """

    def __init__(self, png: bytes, seed: int, most: int) -> None:
        """most: jobs at a time."""
        self.pictures: set[str] = set()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.torn: list[bytes] = []
        self._png, self._random, self._most = png, random.Random(seed), most
        self._stopped = threading.Event()

    def run(self, session: Session) -> threading.Thread:
        """On a thread, until the server is gone."""
        thread = threading.Thread(target=self._work, args=(session,))
        thread.start()
        return thread

    def _work(self, session: Session) -> None:
        acts = [self._upload, self._start, self._start, self._compare, self._control, self._control]
        acts += [self._throw_away, self._look]
        try:
            while True:
                self._random.choice(acts)(session)
                time.sleep(0.02)
        except requests.RequestException:
            return

    @property
    def kept(self) -> list[str]:
        """Jobs that ought to be there."""
        return sorted(self.jobs.keys() - self.gone)

    def _upload(self, session: Session) -> None:
        answer = session.post("/api/images", files={"file": ("noise.png", self._png)})
        if answer.status_code == 201:
            self.pictures.add(answer.json()["id"])

    def _params(self) -> dict[str, Any]:
        return {"steps": STEPS, "size": SIZE, "seed": self._random.randrange(4), "train": self._random.random() < 0.3}

    def _start(self, session: Session) -> None:
        if len(self.kept) < self._most and self.pictures:
            source = self._random.choice(sorted(self.pictures))
            body = {"method": "counting", "images": {"source": source}, "params": self._params()}
            self._note(session.post("/api/jobs", json=body), "jobs")

    def _compare(self, session: Session) -> None:
        if len(self.kept) < self._most:
            runs = [{"method": "counting", "params": self._params()} for _ in range(2)]
            body = {"images": {"source": "sample:clay"}, "runs": runs}
            self._note(session.post("/api/comparisons", json=body), "comparisons")

    def _note(self, answer: requests.Response, kind: str) -> None:
        if answer.status_code == 201:
            made = answer.json()
            self.jobs |= {row["id"]: row for row in ([made] if kind == "jobs" else made["jobs"])}

    def _control(self, session: Session) -> None:
        if kept := self.kept:
            move = self._random.choice(("pause", "resume", "resume", "resume"))
            session.post(f"/api/jobs/{self._random.choice(kept)}/{move}")

    def _throw_away(self, session: Session) -> None:
        if len(kept := self.kept) > self._most / 4 and self._random.random() < 0.5:
            id = self._random.choice(kept)
            self.gone.add(id)  # from the moment on at which it is asked for
            session.delete(f"/api/jobs/{id}")

    def _look(self, session: Session) -> None:
        if kept := self.kept:
            answer = session.get(f"/api/jobs/{self._random.choice(kept)}/result.png")
            if answer.status_code == 200 and not answer.content.endswith(PNG_END):
                self.torn.append(answer.content)


@pytest.mark.parametrize(("moments", "most"), [(3, 8), pytest.param(100, 40, marks=pytest.mark.slow)])
def test_nothing_is_lost(serve: Serve, png: bytes, moments: int, most: int, tmp_path: Path) -> None:
    chance, load = random.Random(moments), Load(png, moments, most)
    server = serve(active=4, most_queued=100)
    session = server.session()
    for _ in range(moments):
        thread = load.run(session)
        time.sleep(chance.uniform(0.05, 2.5))
        server.kill()
        thread.join()
        server = serve(data=server.data, active=4, most_queued=100)
        cookies, session = session.cookies, Session(server.url)
        session.cookies.update(cookies)
        _check_all_there(session, load)
    _finish(session, load)
    results = {id: session.get(f"/api/jobs/{id}/result.png").content for id in load.kept}
    assert load.torn == []
    session.close()
    server.stop(within=20)
    _check_no_orphans(server.data)
    _check_results(results, load, png, serve, tmp_path)


def _check_all_there(session: Session, load: Load) -> None:
    for picture in load.pictures:
        assert session.get(f"/api/images/{picture}").status_code == 200
    for id in load.kept:
        row = session.get(f"/api/jobs/{id}").json()
        assert row["state"] in ("queued", "running", "paused", "done"), row


def _finish(session: Session, load: Load) -> None:
    """Resume what is paused, and wait until all is done."""
    left, until = set(load.kept), time.monotonic() + 300
    while left and time.monotonic() < until:
        rows = [session.get(f"/api/jobs/{id}").json() for id in left]
        for row in rows:
            if row["state"] == "paused":
                session.post(f"/api/jobs/{row['id']}/resume")
        left = {row["id"] for row in rows if row["state"] != "done"}
        time.sleep(0.2)
    assert not left


def _check_no_orphans(data: Path) -> None:
    store = Store(Settings(data=data))
    assert store.lost.collect() == 0
    store.close()
    assert not [path for path in data.rglob(".*") if "lost-and-found" not in path.parts]


def _check_results(results: dict[str, bytes], load: Load, png: bytes, serve: Serve, folder: Path) -> None:
    """The same jobs, never interrupted, in a folder of their own: the pictures are the same to the byte."""
    kinds: dict[tuple[Any, ...], set[bytes]] = {}
    for id, result in results.items():
        kinds.setdefault(_kind(load.jobs[id]), set()).add(result)
    session = serve(data=folder / "straight", active=4).session()
    source = session.post("/api/images", files={"file": ("noise.png", png)}).json()["id"]
    for (seed, train, sample), found in kinds.items():
        params = {"steps": STEPS, "size": SIZE, "seed": seed, "train": train}
        row = session.start_job(images={"source": "sample:clay" if sample else source}, params=params)
        while session.get(f"/api/jobs/{row['id']}").json()["state"] != "done":
            time.sleep(0.1)
        assert found == {session.get(f"/api/jobs/{row['id']}/result.png").content}


def _kind(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["params"]["seed"], row["params"]["train"], row["images"]["source"].startswith("sample:")
