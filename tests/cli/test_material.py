"""`python -m texture material`: maps beside the picture, and a zip for an engine."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import numpy as np

from tests.cli.calling import refusal
from texture import save
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.map_files import decode_map

MAPS = ("height", "normal", "roughness", "occlusion")


def test_maps_are_written_beside_the_picture(call):
    status, said, _ = call("material", "sample:pebbles", "-o", "stones.png")
    assert status == 0
    assert read("stones.png").shape == (384, 384, 3)
    assert read_recipe(Path("stones.png").read_bytes())["method"] == "material"
    for name in MAPS:
        assert f"stones-{name}.png" in said
        levels = decode_map(Path(f"stones-{name}.png").read_bytes(), name)
        assert levels.shape[:2] == (384, 384)
        assert levels.dtype == (np.uint16 if name in ("height", "normal") else np.uint8)
    assert not list(Path().glob("*.zip"))


def test_a_zip_for_an_engine_lies_beside_them(call):
    status, said, _ = call("material", "sample:clay", "-o", "mud.png", "--for", "unity", "--preset", "stone")
    assert (status, "mud-unity.zip" in said) == (0, True)
    with ZipFile("mud-unity.zip") as archive:
        assert archive.read("mud_BaseMap.png") == Path("mud.png").read_bytes()
        assert archive.read("mud_Height.png") == Path("mud-height.png").read_bytes()
        assert decode_map(archive.read("mud_MaskMap.png"), "mask").shape == (384, 384, 4)


def test_without_a_name_all_are_called_after_the_picture(call):
    assert call("material", "sample:clay", "--for", "gltf")[0] == 0
    assert Path("clay-material-gltf.zip").exists()
    with ZipFile("clay-material-gltf.zip") as archive:
        assert "clay.gltf" in archive.namelist()


def test_what_is_there_already_stays(call):
    Path("mud-unity.zip").write_text("mine")
    assert call("material", "sample:clay", "-o", "mud.png", "--for", "unity")[0] == 0
    assert Path("mud-unity.zip").read_text() == "mine"
    assert Path("mud-2-unity.zip").exists() or Path("mud-unity-2.zip").exists()


def test_bad_calls_are_refused_and_leave_nothing(call):
    save(np.zeros((20, 200, 3), np.uint8), "thin.png")
    assert "at least 32" in refusal(call("material", "thin.png", "-o", "a.png"))
    assert "'maya' is not one of 'blender'" in refusal(call("material", "sample:clay", "-o", "a.png", "--for", "maya"))
    assert "No such option '--for'" in refusal(call("counting", "sample:clay", "-o", "a.png", "--for", "unity"))
    assert [path.name for path in Path().iterdir()] == ["thin.png"]


def test_it_is_among_the_commands(call):
    assert "Material maps: height, normal" in " ".join(call("--help")[1].split())
