"""A material made over HTTP, and its zip for an engine, in both async modes."""

from __future__ import annotations

import io
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from tests.serving import Server, Session
from tests.web.watching import Look, Viewer
from texture.images.map_files import decode_map

MAPS = ["height.png", "normal.png", "occlusion.png", "roughness.png"]


def material(session: Session, **params: Any) -> dict[str, Any]:
    """A job that has made one."""
    row = session.start_job(method="material", params=params)
    viewer = Viewer(session)
    now: dict[str, Any] = viewer.watch([row["id"]])["jobs"][0]["job"]
    row = now if now["state"] == "done" else viewer.wait_for_state(row["id"], "done")
    viewer.close()
    return row


@pytest.fixture(scope="module")
def keeper(server: Server) -> Session:
    return server.session()


@pytest.fixture(scope="module")
def job(keeper: Session) -> str:
    row = material(keeper, depth=0.06, normals="directx")
    assert row["files"] == MAPS
    return str(row["id"])


def test_the_maps_are_among_the_files_of_the_job(keeper: Session, job: str) -> None:
    for name, bits in zip(MAPS, (16, 16, 8, 8), strict=True):
        answer = keeper.get(f"/api/jobs/{job}/files/{name}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        levels = decode_map(answer.content, name)
        assert (levels.shape[:2], levels.dtype.itemsize * 8) == ((384, 384), bits)
    assert keeper.get(f"/api/jobs/{job}/result.png").status_code == 200


@pytest.mark.parametrize("engine", ["blender", "unity", "unreal", "godot", "gltf", "materialx"])
def test_the_zip_is_a_download_for_the_engine(keeper: Session, job: str, engine: str) -> None:
    answer = keeper.get(f"/api/jobs/{job}/material.zip", params={"for": engine})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="pebbles-material-{engine}.zip"'
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert all(name.startswith(("pebbles", "T_pebbles")) for name in names[:-1])
        assert names[-1] == "README.txt"
        (normal,) = (name for name in names if name.lower().endswith("_normal.png"))
        green = decode_map(archive.read(normal), normal)[..., 1].astype(int)
    given = decode_map(keeper.get(f"/api/jobs/{job}/files/normal.png").content, "normal")[..., 1].astype(int)
    assert np.array_equal(green, given if engine == "unreal" else 65535 - given)


def test_the_zip_is_called_after_the_name_of_the_job(keeper: Session, job: str) -> None:
    keeper.patch(f"/api/jobs/{job}", json={"name": "Old wall"})
    answer = keeper.get(f"/api/jobs/{job}/material.zip", params={"for": "godot"})
    assert 'filename="old-wall-material-godot.zip"' in answer.headers["Content-Disposition"]
    assert "old_wall_orm.png" in ZipFile(io.BytesIO(answer.content)).namelist()
    keeper.patch(f"/api/jobs/{job}", json={"name": ""})


@pytest.mark.parametrize("query", [{}, {"for": "maya"}, {"engine": "unity"}])
def test_an_unknown_engine_is_refused(keeper: Session, job: str, query: dict[str, str]) -> None:
    answer = keeper.get(f"/api/jobs/{job}/material.zip", params=query)
    assert answer.status_code == 422
    assert "for" in answer.json()["detail"].lower()


def test_a_job_that_makes_none_has_no_zip(session: Session, look: Look) -> None:
    row = session.start_job(params={"steps": 2})
    look(session).watch([row["id"]])
    answer = session.get(f"/api/jobs/{row['id']}/material.zip", params={"for": "unity"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "a job of the method counting has no material maps")


def test_a_job_that_has_not_ended_has_no_zip_yet(session: Session) -> None:
    session.start_job(params={"steps": 10_000_000})
    row = session.start_job(method="material")
    session.post(f"/api/jobs/{row['id']}/cancel")
    answer = session.get(f"/api/jobs/{row['id']}/material.zip", params={"for": "unity"})
    state = session.get(f"/api/jobs/{row['id']}").json()["state"]
    assert (state, answer.status_code) == ("cancelled", 409)
    assert answer.json()["detail"] == "the job is cancelled: not all of its maps are finished"


def test_nobody_else_gets_it(server: Server, job: str) -> None:
    other = server.session()
    assert other.get(f"/api/jobs/{job}/material.zip", params={"for": "unity"}).status_code == 404
