"""Trained models: kept, downloaded, brought along, painted from and walked through, in both async modes."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save

from tests.serving import Server, Session
from tests.web.watching import Look
from texture.methods.common.model_file import MOST_BYTES, Model, read_model, write_model


def done(session: Session, look: Look, job: str) -> dict[str, Any]:
    """The row of a job that is done."""
    viewer = look(session)
    row: dict[str, Any] = viewer.watch([job])["jobs"][0]["job"]
    return row if row["state"] == "done" else viewer.wait_for_state(job, "done")


def trained(session: Session, look: Look) -> str:
    """A job that has left a model."""
    job: str = session.start_job(params={"train": True})["id"]
    assert done(session, look, job)["files"] == ["model.safetensors"]
    return job


def paint(session: Session, look: Look, model: str, what: str, **params: Any) -> str:
    answer = session.post(f"/api/models/{model}/{what}", json=params)
    row = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/jobs/{row['id']}"
    assert (row["method"], row["images"], row["exemplar"]) == (what, {"model": model}, "Pebbles")
    done(session, look, row["id"])
    job: str = row["id"]
    return job


def test_a_training_leaves_a_model_on_the_shelf(session: Session, look: Look) -> None:
    session.start_job()
    job = trained(session, look)
    assert [row["id"] for row in session.get("/api/models").json()["jobs"]] == [job]
    answer = session.get(f"/api/jobs/{job}/model.safetensors")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pebbles-counting-64-seed0.safetensors"'
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert read_model(answer.content).method == "counting"
    again = session.get(f"/api/jobs/{job}/model.safetensors", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("size", "shape"), [("100x60", (60, 100)), ("1000", (1000, 1000))])
def test_a_sample_has_the_size_that_was_asked_for(
    session: Session, look: Look, size: str, shape: tuple[int, int]
) -> None:
    job = paint(session, look, trained(session, look), "sample", size=size, tile="x", seed=7)
    answer = session.get(f"/api/jobs/{job}/result.png")
    assert answer.headers["Content-Disposition"] == f'inline; filename="pebbles-sample-{size}-seed7.png"'
    assert np.asarray(Image.open(io.BytesIO(answer.content))).shape == (*shape, 3)


def test_a_sample_of_another_seed_is_another_picture(session: Session, look: Look) -> None:
    model = trained(session, look)
    made = [paint(session, look, model, "sample", size="64", seed=seed) for seed in (1, 2, 1)]
    first, second, third = (np.asarray(Image.open(io.BytesIO(result(session, job)))) for job in made)
    assert np.array_equal(first, third)
    assert not np.array_equal(first, second)


def result(session: Session, job: str) -> bytes:
    return session.get(f"/api/jobs/{job}/result.png").content


def test_a_walk_is_an_animation(session: Session, look: Look) -> None:
    job = paint(session, look, trained(session, look), "walk", size="64x32", frames=12, stops=3, rate=10)
    assert session.get(f"/api/jobs/{job}").json()["files"] == ["animation.webp"]
    answer = session.get(f"/api/jobs/{job}/animation.webp")
    assert answer.headers["Content-Type"] == "image/webp"
    animation = Image.open(io.BytesIO(answer.content))
    assert (animation.format, animation.size, animation.n_frames) == ("WEBP", (64, 32), 12)


def test_a_model_is_trained_further(session: Session, look: Look) -> None:
    images = {"source": "sample:pebbles", "model": trained(session, look)}
    answer = session.post("/api/jobs", json={"method": "counting", "images": images})
    assert (answer.status_code, answer.json()["images"]) == (201, images)
    done(session, look, answer.json()["id"])


def test_samples_are_jobs_that_can_be_asked_for_as_such(session: Session, look: Look) -> None:
    images = {"model": trained(session, look)}
    answer = session.post("/api/jobs", json={"method": "sample", "images": images, "params": {"size": "32"}})
    assert answer.status_code == 201
    done(session, look, answer.json()["id"])


def test_a_model_goes_from_one_session_to_another(server: Server, session: Session, look: Look) -> None:
    data = session.get(f"/api/jobs/{trained(session, look)}/model.safetensors").content
    other = server.session()
    answer = other.post("/api/models", files={"file": ("../my pebbles.safetensors", data)})
    row = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/jobs/{row['id']}"
    assert (row["method"], row["state"], row["exemplar"]) == ("counting", "done", "my pebbles")
    assert row["files"] == ["model.safetensors"]
    assert other.get(f"/api/jobs/{row['id']}/model.safetensors").content == data
    assert other.get(f"/api/jobs/{row['id']}/preview.jpg").ok
    assert other.get(f"/api/jobs/{row['id']}/result.png").ok
    assert [job["id"] for job in other.get("/api/models").json()["jobs"]] == [row["id"]]
    sample = other.post(f"/api/models/{row['id']}/sample", json={"size": "48"}).json()
    done(other, look, sample["id"])


def model(**more: Any) -> Model:
    pixels = np.full((32, 32, 3), 90, np.uint8)
    given = {
        "method": "counting",
        "params": {},
        "steps": 3,
        "exemplar": pixels,
        "picture": pixels,
        "tensors": {"colour": np.zeros(3, np.float32)},
    }
    return Model(**{**given, **more})


BAD: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty", lambda: b"", "not a model"),
    ("garbage", lambda: b"hello" * 1000, "not a model"),
    ("truncated", lambda: write_model(model())[:-10], "damaged"),
    ("header cut off", lambda: write_model(model())[:40], "damaged"),
    ("foreign safetensors", lambda: save({"weight": np.zeros(3, np.float32)}), "not a model"),
    ("endless header", lambda: struct.pack("<Q", 2**63) + b"{", "not a model"),
    ("large header", lambda: struct.pack("<Q", 2**21) + b"[" * 2**21, "not a model"),
    ("method of nobody", lambda: write_model(model(method="painting")), "painting"),
    ("method without generator", lambda: write_model(model(method="gatys")), "gatys trains no generator"),
    ("settings of nobody", lambda: write_model(model(params={"colour": 1})), "colour"),
    ("not a number", lambda: write_model(model(tensors={"colour": np.full(3, np.nan, np.float32)})), "not finite"),
]


@pytest.mark.parametrize(("data", "word"), [pytest.param(data, word, id=id) for id, data, word in BAD])
def test_files_that_are_no_models_leave_nothing_behind(
    server: Server, session: Session, data: Callable[[], bytes], word: str
) -> None:
    before = kept(server)
    answer = session.post("/api/models", files={"file": ("a.safetensors", data())})
    told = answer.json()
    assert (answer.status_code, told["field"]) == (422, "file"), told
    assert word in told["detail"]
    assert kept(server) == before
    assert session.get("/api/models").json()["jobs"] == []


def kept(server: Server) -> list[str]:
    """What lies in the data folder, but for the database's own files."""
    return sorted(str(path) for path in server.data.rglob("*") if not path.name.startswith("texture.db"))


def test_a_file_that_is_too_large_is_refused_for_its_length_before_it_is_sent(server: Server, session: Session) -> None:
    before = kept(server)
    link = HTTPConnection(session.url.removeprefix("http://"), timeout=20)
    link.putrequest("POST", "/api/models")
    link.putheader("Cookie", session.cookie)
    link.putheader("Content-Type", "multipart/form-data; boundary=x")
    link.putheader("Content-Length", str(MOST_BYTES + 2**20))
    link.endheaders()
    started = time.monotonic()
    answer = link.getresponse()
    assert (answer.status, b"256 MB" in answer.read()) == (413, True)
    assert time.monotonic() - started < 5
    link.close()
    assert kept(server) == before


def test_a_large_file_that_is_slow_to_come_holds_up_nobody(session: Session) -> None:
    """It is no model, so all of it is read and refused."""
    link = HTTPConnection(session.url.removeprefix("http://"), timeout=30)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    size = 64 * 2**20
    link.putrequest("POST", "/api/models")
    link.putheader("Cookie", session.cookie)
    link.putheader("Content-Type", "multipart/form-data; boundary=x")
    link.putheader("Content-Length", str(len(head) + size + 9))
    link.endheaders()
    link.send(head)
    link.send(bytes(size // 2))
    assert session.get("/api/health", timeout=5).ok
    link.send(bytes(size // 2))
    link.send(b"\r\n--x--\r\n")
    assert link.getresponse().status == 422
    link.close()


@pytest.mark.parametrize(
    ("what", "params", "field", "word"),
    [
        ("sample", {"size": "9000"}, "size", "8192"),
        ("sample", {"size": "8"}, "size", "16"),
        ("sample", {"tile": "z"}, "tile", "both"),
        ("sample", {"seed": -1}, "seed", "0"),
        ("sample", {"frames": 3}, "frames", "known: size, tile, seed"),
        ("walk", {"frames": 3}, "frames", "4"),
        ("walk", {"frames": 481}, "frames", "480"),
        ("walk", {"stops": 1}, "stops", "2"),
        ("walk", {"rate": 61}, "rate", "60"),
        ("walk", {"size": "1024", "frames": 100}, "frames", "between 4 and 64"),
        ("walk", {"size": "1040"}, "size", "1024"),
    ],
)
def test_what_cannot_be_painted(
    session: Session, look: Look, what: str, params: dict[str, Any], field: str, word: str
) -> None:
    job = trained(session, look)
    answer = session.post(f"/api/models/{job}/{what}", json=params)
    told = answer.json()
    assert (answer.status_code, told["field"]) == (422, field), told
    assert word in told["detail"]


def test_a_job_without_a_model_cannot_be_painted_from(session: Session, look: Look) -> None:
    job = session.start_job()["id"]
    done(session, look, job)
    for what in ("sample", "walk"):
        answer = session.post(f"/api/models/{job}/{what}", json={})
        assert (answer.status_code, "has no model" in answer.json()["detail"]) == (404, True)
    for name in ("model.safetensors", "animation.webp"):
        assert session.get(f"/api/jobs/{job}/{name}").status_code == 404
    images = {"source": "sample:pebbles", "model": job}
    answer = session.post("/api/jobs", json={"method": "counting", "images": images})
    assert (answer.status_code, answer.json()["field"]) == (422, "images.model")


def test_a_model_that_repaints_pictures_is_not_sampled(session: Session) -> None:
    data = write_model(model(method="texnet", params={"task": "stylise"}))
    row = session.post("/api/models", files={"file": ("paint.safetensors", data)}).json()
    for what in ("sample", "walk"):
        answer = session.post(f"/api/models/{row['id']}/{what}", json={})
        assert (answer.status_code, "repaints pictures" in answer.json()["detail"]) == (422, True)
    images = {"model": row["id"], "content": "sample:cat"}
    answer = session.post("/api/jobs", json={"method": "stylise", "images": images})
    assert (answer.status_code, answer.json()["names"]) == (201, {"model": "paint", "content": "Cat"})


def test_somebody_elses_model_is_not_there(server: Server, session: Session, look: Look) -> None:
    job = trained(session, look)
    other = server.session()
    assert other.get(f"/api/jobs/{job}/model.safetensors").status_code == 404
    for what in ("sample", "walk"):
        assert other.post(f"/api/models/{job}/{what}", json={}).status_code == 404
    answer = other.post("/api/jobs", json={"method": "sample", "images": {"model": job}})
    assert (answer.status_code, answer.json()["field"]) == (422, "images.model")
