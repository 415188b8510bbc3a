"""A whole material over HTTP: its maps uploaded, recognised, carried along and packed, in both async modes."""

from __future__ import annotations

import io
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from tests.serving import Session
from tests.web.watching import Look
from texture.errors import InvalidInput
from texture.images.levels import EXR
from texture.images.map_files import Levels, decode_map, encode_map
from texture.images.samples import find_sample
from texture.web.endpoints.uploaded_maps import AUTO, read_given

PIXELS = find_sample("pebbles").pixels()[:64, :64]
HEIGHT = (PIXELS.astype(float) @ [0.31, 0.57, 0.12] * 257).round().astype(np.uint16)
NORMAL = np.dstack([np.full_like(HEIGHT, 32768), HEIGHT // 8 + 32768, np.full_like(HEIGHT, 65535)])
FILES: dict[str, Levels] = {
    "Bricks_Color.png": PIXELS,
    "Bricks_Displacement.png": HEIGHT,
    "Bricks_NormalDX.png": NORMAL,
    "Bricks_Metalness.png": np.ascontiguousarray(PIXELS[..., 0]),
}
PARAMS = {"size": "64", "rounds": "3", "regular": "off"}


def upload(session: Session, name: str, levels: Levels, **query: str) -> Any:
    return session.post("/api/images", files={"file": (name, encode_map(levels))}, params=query)


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def send(session: Session, files: dict[str, bytes]) -> Any:
    return session.post("/api/materials", files={"file": ("bricks.zip", zipped(files))})


def done(session: Session, look: Look, job: str) -> dict[str, Any]:
    viewer = look(session)
    row: dict[str, Any] = viewer.watch([job])["jobs"][0]["job"]
    return row if row["state"] in ("done", "failed") else viewer.wait_for_state(job, "done")


def levels_at(session: Session, path: str) -> Levels:
    return decode_map(session.get(path).content, path)


def test_a_map_is_recognised_and_keeps_its_depth(session: Session) -> None:
    row = upload(session, "Bricks_Displacement.png", HEIGHT, map="auto").json()
    assert (row["map"], row["width"]) == ("height", 64)
    assert np.array_equal(levels_at(session, row["url"]), HEIGHT)
    assert session.get(f"{row['url']}?size=32").headers["Content-Type"] == "image/jpeg"


def test_a_picture_is_a_picture_whatever_it_is_called(session: Session) -> None:
    """IMG_E0042.JPG is no emissive map."""
    row = upload(session, "Bricks_Displacement.png", HEIGHT).json()
    assert row["map"] is None
    assert levels_at(session, row["url"]).dtype == np.uint8


def test_what_a_map_is_may_be_said_outright(session: Session) -> None:
    assert upload(session, "a.png", HEIGHT, map="auto").json()["map"] is None
    row = upload(session, "a.png", HEIGHT, map="roughness").json()
    assert row["map"] == "roughness"
    assert np.array_equal(levels_at(session, row["url"]), HEIGHT)
    refused = upload(session, "a.png", HEIGHT, map="colour")
    assert (refused.status_code, refused.json()["field"]) == (422, "map")


def test_a_picture_that_is_only_named_like_a_normal_map_is_a_picture(session: Session) -> None:
    row = upload(session, "wall_n.png", PIXELS, map="auto").json()
    assert row["map"] is None
    assert "named like normal (opengl), but taken as a picture: this is not a normal map" in row["note"]
    refused = upload(session, "a.png", PIXELS, map="normal")
    assert (refused.status_code, refused.json()["field"]) == (422, "file")


def test_a_photo_whose_name_ends_in_a_letter_is_a_picture() -> None:
    assert read_given(encode_map(PIXELS), "Kitchen-R.png", AUTO).map is None
    assert read_given(encode_map(HEIGHT), "T_Kitchen_R.png", AUTO).map == "roughness"


def test_an_openexr_map_that_cannot_be_read_says_why() -> None:
    with pytest.raises(InvalidInput, match="this OpenEXR file is damaged"):
        read_given(EXR + bytes(60), "wall_height.exr", AUTO)


def test_a_crop_of_a_map_keeps_its_depth(session: Session) -> None:
    row = upload(session, "Bricks_Displacement.png", HEIGHT, map="auto").json()
    crop = {"crop": {"x": 8, "y": 4, "width": 40, "height": 48}}
    made = session.post(f"/api/images/{row['id']}/edited", json=crop).json()
    assert np.array_equal(levels_at(session, made["url"]), HEIGHT[4:52, 8:48])


def test_a_zip_goes_in_and_a_material_comes_out(session: Session, look: Look) -> None:
    files = {name: encode_map(levels) for name, levels in FILES.items()}
    sent = send(session, {**files, "Bricks_Preview.png": encode_map(PIXELS), "Bricks.usdc": b"scene"}).json()
    by_map = {image["map"]: image["id"] for image in sent["images"]}
    assert set(by_map) == {"base_colour", "height", "normal_dx", "metallic"}
    assert sent["unknown"] == ["Bricks_Preview.png"]
    images = {"source": by_map.pop("base_colour"), **by_map}
    row = session.start_job(method="match", images=images, params=PARAMS)
    assert row["names"]["height"] == "Bricks_Displacement.png"
    row = done(session, look, row["id"])
    assert row["files"] == ["height.png", "metallic.png", "normal.png", "origins.png"]
    height = levels_at(session, f"/api/jobs/{row['id']}/files/height.png")
    assert height.dtype == np.uint16
    assert set(height.ravel()) <= set(HEIGHT.ravel())
    answer = session.get(f"/api/jobs/{row['id']}/material.zip", params={"for": "unreal"})
    with ZipFile(io.BytesIO(answer.content)) as archive:
        names = [name.rpartition("_")[2] for name in archive.namelist()]
        assert names == ["BaseColor.png", "Normal.png", "ORM.png", "Height.png", "README.txt"]


def test_a_job_without_maps_has_no_material(session: Session, look: Look) -> None:
    row = session.start_job(method="match", params={**PARAMS, "exemplar_size": 64})
    done(session, look, row["id"])
    answer = session.get(f"/api/jobs/{row['id']}/material.zip", params={"for": "unreal"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"../Bricks_Color.png": encode_map(PIXELS)}, "lie outside"),
        ({"Bricks_Color.png": b"no picture"}, "the file is"),
        ({"readme.txt": b"nothing"}, "has no picture in it"),
        ({"a_ao.png": b"", "b_ao.png": b""}, "are both named like ambient occlusion"),
        ({"Wall_MaskMap.png": encode_map(PIXELS)}, "named like a map"),
    ],
)
def test_a_zip_that_is_none_of_a_material_is_refused(session: Session, files: dict[str, bytes], words: str) -> None:
    before = session.get("/api/usage").json()["pictures"]
    answer = send(session, files)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert session.get("/api/usage").json()["pictures"] == before


def test_maps_that_do_not_fit_are_refused_by_their_role(session: Session) -> None:
    small = upload(session, "a_height.png", HEIGHT[:40], map="auto").json()["id"]
    source = upload(session, "a.png", PIXELS).json()["id"]
    for images, field in (
        ({"source": source, "height": small}, "images.height"),
        ({"source": source, "roughness": source, "glossiness": source}, "images.glossiness"),
    ):
        answer = session.post("/api/jobs", json={"method": "match", "images": images})
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    answer = session.post("/api/jobs", json={"method": "counting", "images": {"source": source, "height": source}})
    assert answer.status_code == 422
    assert "counting does not carry maps along" in answer.json()["detail"]
