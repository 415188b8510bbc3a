"""A job's result becomes a picture of the same session, without a way to the browser and back."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.serving import Serve, Server, Session
from tests.web.watching import Look
from texture.images.decoding import MAX_BYTES
from texture.images.encoding import encode_png


def finished(session: Session, look: Look, images: dict[str, str] | None = None) -> str:
    """The id of a job that is done."""
    viewer = look(session)
    viewer.watch("mine")
    job = str(session.start_job(params={"steps": 3}, images=images or {"source": "sample:pebbles"})["id"])
    viewer.wait_for_state(job, "done")
    return job


def test_a_result_becomes_a_picture_that_the_next_job_is_given(session: Session, look: Look, png: bytes) -> None:
    bark = session.post("/api/images", files={"file": ("bark.png", png)}).json()["id"]
    job = finished(session, look, {"source": bark})
    answer = session.post(f"/api/jobs/{job}/picture")
    made = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/images/{made['id']}")
    assert (made["name"], made["width"], made["height"], made["note"]) == ("bark", 64, 64, None)
    shown = [session.get(path).content for path in (f"/api/jobs/{job}/result.png", f"/api/images/{made['id']}")]
    result, picture = (np.asarray(Image.open(io.BytesIO(one))) for one in shown)
    assert np.array_equal(result, picture)
    session.delete(f"/api/jobs/{job}")
    assert session.start_job(images={"source": made["id"]})["exemplar"] == "bark"


def test_it_is_called_as_its_job_is(session: Session, look: Look) -> None:
    job = finished(session, look)
    session.patch(f"/api/jobs/{job}", json={"name": "East/west 1.5"})
    assert session.post(f"/api/jobs/{job}/picture").json()["name"] == "East/west 1.5"


def test_there_has_to_be_a_result(server: Server, session: Session, look: Look) -> None:
    job = finished(session, look)
    running = session.start_job(params={"steps": 1_000_000, "work": 1})["id"]
    answer = session.post(f"/api/jobs/{running}/picture")
    assert (answer.status_code, "pause it to get its picture so far" in answer.json()["detail"]) == (409, True)
    assert server.session().post(f"/api/jobs/{job}/picture").status_code == 404
    session.delete(f"/api/jobs/{job}")
    assert session.post(f"/api/jobs/{job}/picture").status_code == 404


def test_a_job_that_never_had_a_result_says_so(session: Session, look: Look) -> None:
    viewer = look(session)
    viewer.watch("mine")
    busy = session.start_job(params={"steps": 1_000_000, "work": 1})["id"]
    job = session.start_job()["id"]
    session.post(f"/api/jobs/{job}/cancel")
    answer = session.post(f"/api/jobs/{job}/picture")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"job '{job}' has no picture yet")
    session.post(f"/api/jobs/{busy}/cancel")


@pytest.mark.parametrize(("side", "status"), [(2700, 201), (5001, 422)])
def test_it_may_have_as_many_pixels_as_an_upload_and_any_number_of_bytes(
    serve: Serve, tmp_path: Path, look: Look, side: int, status: int
) -> None:
    session = serve().session()
    job = finished(session, look)
    noise = np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8)
    data = encode_png(noise)
    assert len(data) > MAX_BYTES
    (found,) = tmp_path.glob(f"data/**/{job}/result.png")
    found.write_bytes(data)
    answer = session.post(f"/api/jobs/{job}/picture")
    assert answer.status_code == status, answer.text
    if status == 422:
        assert answer.json()["detail"] == "the picture has 5001x5001 = 25 megapixels: at most 25"


def test_it_counts_as_one_that_was_uploaded(serve: Serve, look: Look) -> None:
    session = serve(most_pictures=1).session()
    job = finished(session, look)
    answers = [session.post(f"/api/jobs/{job}/picture") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 429]
    assert "the limit is 1" in answers[1].json()["detail"]
